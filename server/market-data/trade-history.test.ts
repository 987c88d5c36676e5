import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tradeOf } from './market.fixture.ts';
import { TradeHistory } from './trade-history.ts';

test('the newest trade comes out first, and no more than the last thousand are known', () => {
  const history = new TradeHistory();
  assert.deepEqual(history.newest(100), []);
  const reused = tradeOf({});
  for (let tradeId = 1; tradeId <= 2345; tradeId++) {
    reused.tradeId = tradeId;
    history.add(reused);
    const ids = history.newest(3).map((trade) => trade.tradeId);
    assert.deepEqual(
      ids,
      [tradeId, tradeId - 1, tradeId - 2].filter((id) => id > 0),
    );
  }
  assert.equal(history.count, 1000);
  assert.equal(history.newest(5000).length, 1000);
  assert.equal(history.newest(5000).at(-1)?.tradeId, 1346);
  assert.deepEqual(
    history.newest(2, 10).map((trade) => trade.tradeId),
    [2335, 2334],
  );
  assert.deepEqual(
    history.newest(10, 998).map((trade) => trade.tradeId),
    [1347, 1346],
  );
  assert.deepEqual(history.newest(10, 1000), []);
});

test('the buyer is the maker when the taker sold', () => {
  const history = new TradeHistory();
  history.add(tradeOf({ tradeId: 1, takerSide: 0 }));
  history.add(tradeOf({ tradeId: 2, takerSide: 1 }));
  assert.deepEqual(
    history.newest(2).map((trade) => trade.buyerIsMaker),
    [true, false],
  );
});

test('the oldest trade known is the next one while there is none, and moves on when the ring is full', () => {
  assert.equal(new TradeHistory().oldestTradeId, 1);
  const history = new TradeHistory(500);
  assert.equal(history.oldestTradeId, 501);
  for (let tradeId = 501; tradeId <= 1500; tradeId++) history.add(tradeOf({ tradeId }));
  assert.equal(history.oldestTradeId, 501);
  history.add(tradeOf({ tradeId: 1501 }));
  assert.equal(history.oldestTradeId, 502);
});
