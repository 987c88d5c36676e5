import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeardMarket } from './heard-market.ts';

const SYMBOL = 'AAA_USD';

/** A market of one bid, 0.5 at 60, from update 7 on. */
function heardMarket(): HeardMarket {
  const market = new HeardMarket(SYMBOL, { priceDecimals: 2, quantityDecimals: 3 });
  market.begin({ bids: [['60', '0.5']], asks: [], lastUpdateId: '7', timestamp: 0 });
  return market;
}

function depth(updateId: number, bids: readonly (readonly [string, string])[]): Buffer {
  const data = { E: 1, T: 1, U: updateId, a: [], b: bids, e: 'depth', s: SYMBOL, u: updateId };
  return Buffer.from(JSON.stringify({ data, stream: `depth.${SYMBOL}` }));
}

function ticker(updateId: number, bid: string | null, quantity: string | null): Buffer {
  const data = {
    ...{ A: null, B: quantity, E: 1, T: 1, a: null, b: bid },
    ...{ e: 'bookTicker', s: SYMBOL, u: updateId },
  };
  return Buffer.from(JSON.stringify({ data, stream: `bookTicker.${SYMBOL}` }));
}

/** The best bid changes at update 9, 11 and 12; 10 is behind it. */
const CHANGES = [
  { updateId: 8, bids: [], best: null },
  { updateId: 9, bids: [['61', '1']], best: ['61', '1.000'] },
  { updateId: 10, bids: [['59', '2']], best: null },
  { updateId: 11, bids: [['61', '0']], best: ['60', '0.500'] },
  { updateId: 12, bids: [['60', '0.25']], best: ['60', '0.250'] },
  { updateId: 13, bids: [], best: null },
] as const;

function missingWithout(silent: readonly number[], isTickerFirst = false): readonly number[] {
  const market = heardMarket();
  for (const { updateId, bids, best } of CHANGES) {
    const tell = () => {
      if (best === null || silent.includes(updateId)) return;
      const [bid, quantity] = best;
      market.bookTicker(ticker(updateId, bid, quantity));
    };
    if (isTickerFirst) tell();
    market.depth(depth(updateId, bids));
    if (!isTickerFirst) tell();
  }
  const { wrongTickerCount, missingTickerCount, missingTickers } = market.findings;
  assert.equal(wrongTickerCount, 0);
  assert.equal(missingTickerCount, missingTickers.length);
  return missingTickers;
}

test('a change of the best levels that nobody is told of is missed, and no other', () => {
  for (const isTickerFirst of [false, true]) {
    assert.deepEqual(missingWithout([], isTickerFirst), []);
    assert.deepEqual(missingWithout([9], isTickerFirst), [9]);
    assert.deepEqual(missingWithout([11, 12], isTickerFirst), [11, 12]);
  }
});

test('a change is not missed before its frame can have come, nor when it comes late', () => {
  const market = heardMarket();
  market.depth(depth(8, []));
  market.depth(depth(9, [['61', '1']]));
  assert.equal(market.findings.missingTickerCount, 0);
  market.depth(depth(10, []));
  assert.deepEqual(market.findings.missingTickers, [9]);
  market.bookTicker(ticker(9, '61', '1.000'));
  const { missingTickerCount, tickersUncompared } = market.findings;
  assert.deepEqual([missingTickerCount, tickersUncompared], [0, 1]);
});

test('an emptied side is a change, too', () => {
  const market = heardMarket();
  market.depth(depth(8, []));
  market.depth(depth(9, [['60', '0']]));
  market.depth(depth(10, []));
  assert.deepEqual(market.findings.missingTickers, [9]);
  market.bookTicker(ticker(9, null, null));
  assert.equal(market.findings.missingTickerCount, 0);
});
