import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderBookState, Side } from '../../engine/protocol/enums.ts';
import {
  CREATED_AT_US,
  deltaOf,
  openVenue,
  RecordingFanOut,
  SOL_USDC,
  tradeOf,
} from './market.fixture.ts';

const T0 = CREATED_AT_US + 1_000_000;

test('a command leaves as its trades, then depth, then bookTicker, each exact to the byte', () => {
  const { marketData, fanOut, clock } = openVenue(new RecordingFanOut());
  clock.nowUs = T0 + 50;
  marketData.onBookDelta(deltaOf(1, [Side.Bid, 2830, 1500], { timeUs: T0 }));
  marketData.onTrade(tradeOf({ tradeId: 7, takerSide: Side.Ask, timeUs: T0 + 10 }));
  const levels = [Side.Bid, 2830, 1000, Side.Ask, 2831, 25, Side.Ask, 2840, 0];
  marketData.onBookDelta(deltaOf(2, levels, { timeUs: T0 + 10 }));
  const times = `"E":${T0 + 50},"T":${T0 + 10}`;
  assert.deepEqual(fanOut.frames.slice(2), [
    {
      stream: 'trade.SOL_USDC',
      frame: `{"data":{${times},"a":"704","b":"640","e":"trade","m":true,"p":"141.50","q":"0.500","s":"SOL_USDC","t":7},"stream":"trade.SOL_USDC"}`,
    },
    {
      stream: 'depth.SOL_USDC',
      frame: `{"data":{${times},"U":2,"a":[["141.55","0.025"],["142.00","0.000"]],"b":[["141.50","1.000"]],"e":"depth","s":"SOL_USDC","u":2},"stream":"depth.SOL_USDC"}`,
    },
    {
      stream: 'bookTicker.SOL_USDC',
      frame: `{"data":{"A":"0.025","B":"1.000",${times},"a":"141.55","b":"141.50","e":"bookTicker","s":"SOL_USDC","u":2},"stream":"bookTicker.SOL_USDC"}`,
    },
  ]);
});

test('seller and buyer swap with the side of the taker', () => {
  const { marketData, fanOut } = openVenue(new RecordingFanOut());
  marketData.onTrade(tradeOf({ takerSide: Side.Bid, makerOrderId: 640, takerOrderId: 704 }));
  const { data } = JSON.parse(fanOut.frames[0]!.frame);
  assert.deepEqual([data.a, data.b, data.m], ['640', '704', false]);
});

test('bookTicker comes only when the best price or quantity changed, with nulls for an empty side', () => {
  const { marketData, fanOut } = openVenue(new RecordingFanOut());
  const bookTickers = () =>
    fanOut.frames
      .filter(({ stream }) => stream === 'bookTicker.SOL_USDC')
      .map(({ frame }) => JSON.parse(frame).data);
  marketData.onBookDelta(deltaOf(1, [Side.Ask, 3000, 5]));
  marketData.onBookDelta(deltaOf(2, [Side.Ask, 3001, 5]));
  marketData.onBookDelta(deltaOf(3, []));
  assert.deepEqual(
    bookTickers().map(({ A, B, a, b, u }) => ({ A, B, a, b, u })),
    [{ A: '0.005', B: null, a: '150.00', b: null, u: 1 }],
  );
  marketData.onBookDelta(deltaOf(4, [Side.Ask, 3000, 4]));
  marketData.onBookDelta(deltaOf(5, [Side.Ask, 3000, 0, Side.Ask, 3001, 0]));
  assert.deepEqual(
    bookTickers()
      .slice(1)
      .map(({ A, a, u }) => ({ A, a, u })),
    [
      { A: '0.004', a: '150.00', u: 4 },
      { A: null, a: null, u: 5 },
    ],
  );
});

test('a change in several parts is one depth frame', () => {
  const { marketData, fanOut } = openVenue(new RecordingFanOut());
  const reused = deltaOf(1, [Side.Bid, 10, 1], { isLast: false });
  marketData.onBookDelta(reused);
  reused.levels = [Side.Bid, 9, 2];
  reused.isLast = true;
  marketData.onBookDelta(reused);
  const depth = fanOut.frames.filter(({ stream }) => stream === 'depth.SOL_USDC');
  assert.equal(depth.length, 1);
  const { data } = JSON.parse(depth[0]!.frame);
  assert.deepEqual(data.b, [
    ['0.50', '0.001'],
    ['0.45', '0.002'],
  ]);
  assert.deepEqual([data.U, data.u], [1, 1]);
});

test('E and T never go back, whatever the clocks do', () => {
  const { marketData, fanOut, clock } = openVenue(new RecordingFanOut());
  clock.nowUs = T0 + 100;
  marketData.onTrade(tradeOf({ timeUs: T0 + 90 }));
  clock.nowUs = T0 + 20;
  marketData.onTrade(tradeOf({ timeUs: T0 + 10 }));
  marketData.onBookDelta(deltaOf(1, [], { timeUs: T0 + 5 }));
  for (const { frame } of fanOut.frames) {
    const { data } = JSON.parse(frame);
    assert.deepEqual([data.E, data.T], [T0 + 100, T0 + 90], frame);
  }
});

test('a frame nobody wants is not published, and the books and tickers go on', () => {
  const { marketData, fanOut } = openVenue(new RecordingFanOut());
  fanOut.unwanted = (stream) => stream !== 'trade.SOL_USDC';
  marketData.onTrade(tradeOf({}));
  marketData.onBookDelta(deltaOf(1, [Side.Bid, 10, 1]));
  marketData.publishTickers();
  assert.deepEqual(
    fanOut.frames.map(({ stream }) => stream),
    ['trade.SOL_USDC'],
  );
  assert.equal(marketData.book(1).updateId, 1);
  assert.equal(marketData.ticker(1).tradeCount, 1);
});

test('the ticker frame has padded prices, padded volumes and an integer count', () => {
  const { marketData, fanOut, clock } = openVenue(new RecordingFanOut());
  fanOut.unwanted = (stream) => !stream.startsWith('ticker.');
  marketData.onTrade(tradeOf({ priceTicks: 2800, quantityLots: 500 }));
  marketData.onTrade(tradeOf({ priceTicks: 2860, quantityLots: 1500 }));
  marketData.onTrade(tradeOf({ priceTicks: 2780, quantityLots: 10 }));
  marketData.publishTickers();
  const E = clock.nowUs;
  assert.deepEqual(
    fanOut.frames.map(({ frame }) => JSON.parse(frame)),
    [
      {
        data: {
          E,
          V: '285.890000',
          c: '139.00',
          e: 'ticker',
          h: '143.00',
          l: '139.00',
          n: 3,
          o: '140.00',
          s: 'SOL_USDC',
          v: '2.010',
        },
        stream: 'ticker.SOL_USDC',
      },
      {
        data: {
          E,
          V: '0.000000',
          c: '0',
          e: 'ticker',
          h: '0',
          l: '0',
          n: 0,
          o: '0',
          s: 'BTC_USDC',
          v: '0.00000',
        },
        stream: 'ticker.BTC_USDC',
      },
    ],
  );
});

test('markets do not mix, and the last price is known from the first trade on', () => {
  const { marketData } = openVenue(new RecordingFanOut());
  assert.equal(marketData.lastPriceTicks(1), null);
  marketData.onTrade(tradeOf({ marketId: 2, priceTicks: 86_700 }));
  assert.equal(marketData.lastPriceTicks(2), 86_700);
  assert.equal(marketData.lastPriceTicks(1), null);
  assert.deepEqual(marketData.trades(1, 10), []);
  assert.equal(marketData.trades(2, 10).length, 1);
  assert.throws(() => marketData.book(3), /market 3 before its listing/);
});

test('a young depth subscriber of a quiet market gets twelve heartbeats, eleven within a second', () => {
  const { marketData, clock } = openVenue(new RecordingFanOut());
  marketData.onBookDelta(deltaOf(1, [Side.Bid, 10, 1]));
  const subscribedUs = clock.nowUs;
  assert.deepEqual(marketData.heartbeatsDue(subscribedUs + 10_000_000), [], 'nobody subscribed');
  marketData.onSubscribed(1, 'depth.SOL_USDC');
  const sentUs: number[] = [];
  for (let afterUs = 0; afterUs < 3_000_000; afterUs += 25_000) {
    clock.nowUs = subscribedUs + afterUs;
    const due = marketData.heartbeatsDue(clock.nowUs);
    if (due.length === 0) continue;
    assert.deepEqual(due, [1]);
    sentUs.push(afterUs);
    marketData.onBookDelta(deltaOf(1 + sentUs.length, []));
  }
  assert.equal(sentUs.length, 12);
  assert.equal(sentUs[0], 100_000);
  assert.ok(sentUs[10]! < 1_000_000);
});

test('a busy market needs no heartbeat, and one under way is waited for', () => {
  const { marketData, clock } = openVenue(new RecordingFanOut());
  const startUs = clock.nowUs;
  marketData.onSubscribed(1, 'depth.SOL_USDC');
  for (let updateId = 1; updateId <= 5; updateId++) {
    clock.nowUs += 90_000;
    assert.deepEqual(marketData.heartbeatsDue(clock.nowUs), updateId === 1 ? [1] : []);
    marketData.onBookDelta(deltaOf(updateId, [Side.Bid, 10, updateId]));
  }
  clock.nowUs = startUs + 900_000;
  assert.deepEqual(marketData.heartbeatsDue(clock.nowUs), [], 'the first is still under way');
  clock.nowUs = startUs + 90_000 + 1_000_000;
  assert.deepEqual(marketData.heartbeatsDue(clock.nowUs), [1], 'the first was lost');
});

test('no heartbeat goes to subscribers that have gone, nor to a closed market', () => {
  const { marketData, clock, fanOut, registry } = openVenue(new RecordingFanOut());
  clock.nowUs += 1_000_000;
  marketData.onSubscribed(1, 'depth.SOL_USDC');
  fanOut.unwanted = () => true;
  assert.deepEqual(marketData.heartbeatsDue(clock.nowUs), []);
  fanOut.unwanted = (stream) => stream !== 'depth.600ms.SOL_USDC';
  assert.deepEqual(marketData.heartbeatsDue(clock.nowUs), [], 'none of those that hear is young');
  marketData.onSubscribed(1, 'depth.600ms.SOL_USDC');
  assert.deepEqual(marketData.heartbeatsDue(clock.nowUs), [1]);
  marketData.onBookDelta(deltaOf(1, []));
  clock.nowUs += 1_000_000;
  marketData.onSubscribed(1, 'trade.SOL_USDC');
  registry.market(1).state = OrderBookState.Closed;
  assert.deepEqual(marketData.heartbeatsDue(clock.nowUs), []);
});

/** A market that was at update 40 and trade 10, at a price of 2900, when the gateway met it. */
function meetMarket() {
  const venue = openVenue(new RecordingFanOut());
  const spec = { ...SOL_USDC, marketId: 3, symbol: 'OLD_USDC' };
  const market = venue.registry.addMarket(spec, CREATED_AT_US);
  const standing = { updateId: 40, lastTradeId: 10, lastPriceTicks: 2900 };
  venue.marketData.onMarketDescribed(market, standing);
  const trade = (tradeId: number, priceTicks: number) =>
    venue.marketData.onTrade(tradeOf({ marketId: 3, tradeId, priceTicks, timeUs: T0 + tradeId }));
  const tradeIds = () => venue.marketData.trades(3, 100).map(({ tradeId }) => tradeId);
  return { ...venue, trade, tradeIds };
}

test('a market with a past shows its book once all of it was told, changes in between included', () => {
  const { marketData, fanOut } = meetMarket();
  const streams = () =>
    fanOut.frames.map(({ stream }) => stream).filter((stream) => stream.endsWith('OLD_USDC'));
  const told = { requestId: 1, marketId: 3 };
  marketData.onBookLevels({
    ...told,
    updateId: 40,
    levels: [Side.Bid, 2890, 5, Side.Bid, 2880, 6],
  });
  marketData.onBookDelta(deltaOf(41, [Side.Bid, 2880, 0, Side.Ask, 2910, 3], { marketId: 3 }));
  marketData.onBookLevels({
    ...told,
    updateId: 41,
    levels: [Side.Ask, 2910, 3, Side.Ask, 2920, 4],
  });
  assert.throws(() => {
    marketData.onBookLevels({ ...told, updateId: 40, levels: [Side.Bid, 2870, 1] });
  }, /another place/);
  marketData.publishTickers();
  assert.deepEqual(streams(), []);
  marketData.onPastLearnt(3, null);
  const { bids, asks, updateId } = marketData.book(3);
  assert.deepEqual([bids.best(9), asks.best(9), updateId], [[2890, 5], [2910, 3, 2920, 4], 41]);
  marketData.onBookDelta(deltaOf(42, [Side.Ask, 2920, 9], { marketId: 3 }));
  assert.deepEqual(streams(), ['depth.OLD_USDC'], 'the best prices are those that were told');
});

test('trades that a database knows before they are heard count once', () => {
  const { marketData, trade, tradeIds } = meetMarket();
  trade(11, 2905);
  const kept = [9, 10, 11, 12].map((tradeId) => tradeOf({ tradeId, timeUs: T0 + tradeId }));
  const bucket = { startUs: T0, volumeLots: 20n, quoteVolumeUnits: 9n, tradeCount: 4 };
  const prices = { firstPriceTicks: 2830, lastPriceTicks: 2912, highPriceTicks: 2912 };
  const buckets = [{ ...bucket, ...prices, lowPriceTicks: 2830 }];
  const past = {
    ...{ lastTradeId: 12, lastPriceTicks: 2912, trades: kept },
    ...{ day: buckets, week: buckets, candles: null },
  };
  marketData.onPastLearnt(3, past);
  assert.equal(marketData.lastPriceTicks(3), 2912);
  trade(12, 2912);
  trade(13, 2913);
  assert.deepEqual(tradeIds(), [13, 12, 11, 10, 9]);
  assert.equal(marketData.oldestTrade(3).tradeId, 9);
  const { tradeCount, lastPriceTicks } = marketData.ticker(3);
  assert.deepEqual([tradeCount, lastPriceTicks], [5, 2913]);
});

test('a market whose past nobody knows goes on from its last price', () => {
  const { marketData, trade, tradeIds } = meetMarket();
  trade(11, 2905);
  marketData.onPastLearnt(3, null);
  trade(12, 2906);
  assert.deepEqual([tradeIds(), marketData.oldestTrade(3).tradeId], [[12, 11], 11]);
  assert.equal(marketData.lastPriceTicks(3), 2906);
});
