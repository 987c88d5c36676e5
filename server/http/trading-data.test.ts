import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Side } from '../../engine/protocol/enums.ts';
import { US_PER_DAY } from '../../engine/protocol/time-units.ts';
import {
  CREATED_AT_US,
  openVenue,
  RecordingFanOut,
  tradeOf,
} from '../market-data/market.fixture.ts';
import { MarketData } from '../market-data/market-data.ts';
import type { PublicTrade } from '../market-data/trade-history.ts';
import { publicTradeRoutes } from './public-trades.ts';
import { getJson, refusalOf } from './route.fixture.ts';
import { tickerRoutes } from './tickers.ts';

test('a ticker sums the last day or week, in normalised strings', async () => {
  const { registry, marketData, clock } = openVenue(new RecordingFanOut());
  const routes = tickerRoutes({ registry, marketData });
  marketData.onTrade(tradeOf({ priceTicks: 2000, quantityLots: 1000, timeUs: clock.nowUs }));
  clock.nowUs += 2 * US_PER_DAY;
  marketData.onTrade(tradeOf({ priceTicks: 2800, quantityLots: 500, timeUs: clock.nowUs }));
  marketData.onTrade(tradeOf({ priceTicks: 2860, quantityLots: 1500, timeUs: clock.nowUs }));
  marketData.onTrade(tradeOf({ priceTicks: 2770, quantityLots: 12, timeUs: clock.nowUs }));
  const day = {
    symbol: 'SOL_USDC',
    firstPrice: '140',
    lastPrice: '138.5',
    priceChange: '-1.5',
    priceChangePercent: '-0.010714',
    high: '143',
    low: '138.5',
    volume: '2.012',
    quoteVolume: '286.162',
    trades: '3',
  };
  assert.deepEqual(await getJson(routes, '/api/v1/ticker?symbol=SOL_USDC'), day);
  assert.deepEqual(await getJson(routes, '/api/v1/ticker?symbol=SOL_USDC&interval=1d'), day);
  const week = await getJson(routes, '/api/v1/ticker?symbol=SOL_USDC&interval=1w');
  assert.deepEqual(week, {
    ...day,
    firstPrice: '100',
    priceChange: '38.5',
    priceChangePercent: '0.385',
    low: '100',
    volume: '3.012',
    quoteVolume: '386.162',
    trades: '4',
  });
  const [, btc] = await getJson(routes, '/api/v1/tickers');
  assert.deepEqual(btc, {
    symbol: 'BTC_USDC',
    firstPrice: '0',
    lastPrice: '0',
    priceChange: '0',
    priceChangePercent: '0',
    high: '0',
    low: '0',
    volume: '0',
    quoteVolume: '0',
    trades: '0',
  });
});

test('ticker refuses an unknown symbol and an unknown interval', async () => {
  const { registry, marketData } = openVenue(new RecordingFanOut());
  const routes = tickerRoutes({ registry, marketData });
  for (const target of [
    'ticker?symbol=SOL_USDC&interval=2d',
    'tickers?interval=',
    'ticker?symbol=X',
  ]) {
    const [status, code] = await refusalOf(routes, `/api/v1/${target}`);
    assert.deepEqual([status, code], [400, 'INVALID_CLIENT_REQUEST'], target);
  }
});

/** Older trades from a list, newest first, as the database would answer. */
function tradesFrom(all: readonly PublicTrade[]) {
  const asked: number[][] = [];
  return {
    asked,
    async tradesBefore(marketId: number, tradeId: number, limit: number) {
      asked.push([marketId, tradeId, limit]);
      return all.filter((trade) => trade.tradeId < tradeId).slice(0, limit);
    },
  };
}

test('trades are newest first with ms times and the quote amount', async () => {
  const { registry, marketData } = openVenue(new RecordingFanOut());
  const olderTrades = tradesFrom([]);
  const routes = publicTradeRoutes({
    registry,
    marketData,
    olderTrades,
    untilStored: async () => true,
  });
  const timeUs = CREATED_AT_US + 5_000_000;
  marketData.onTrade(tradeOf({ tradeId: 10, timeUs }));
  marketData.onTrade(
    tradeOf({ tradeId: 11, takerSide: Side.Ask, priceTicks: 2831, quantityLots: 20, timeUs }),
  );
  assert.deepEqual(await getJson(routes, '/api/v1/trades?symbol=SOL_USDC'), [
    {
      id: 11,
      price: '141.55',
      quantity: '0.02',
      quoteQuantity: '2.831',
      timestamp: 1_737_441_299_691,
      isBuyerMaker: true,
    },
    {
      id: 10,
      price: '141.5',
      quantity: '0.5',
      quoteQuantity: '70.75',
      timestamp: 1_737_441_299_691,
      isBuyerMaker: false,
    },
  ]);
});

test('trades are limited, and the history reaches past what memory holds', async () => {
  const { registry, marketData } = openVenue(new RecordingFanOut());
  const all: PublicTrade[] = [];
  for (let tradeId = 1; tradeId <= 2500; tradeId++) {
    const trade = tradeOf({ tradeId, priceTicks: tradeId });
    marketData.onTrade(trade);
    all.unshift({ ...trade, buyerIsMaker: false });
  }
  const olderTrades = tradesFrom(all);
  const routes = publicTradeRoutes({
    registry,
    marketData,
    olderTrades,
    untilStored: async () => true,
  });
  const ids = async (target: string) => {
    const trades: { id: number }[] = await getJson(routes, `/api/v1/${target}`);
    return trades.map(({ id }) => id);
  };
  const range = (newest: number, count: number) =>
    Array.from({ length: count }, (_, age) => newest - age);
  const symbol = 'symbol=SOL_USDC';
  assert.deepEqual(await ids(`trades?${symbol}`), range(2500, 100));
  assert.deepEqual(await ids(`trades?${symbol}&limit=1000`), range(2500, 1000));
  assert.deepEqual(await ids(`trades/history?${symbol}&limit=5&offset=10`), range(2490, 5));
  assert.deepEqual(olderTrades.asked, [], 'memory was enough');
  assert.deepEqual(await ids(`trades/history?${symbol}&limit=10&offset=995`), range(1505, 10));
  assert.deepEqual(await ids(`trades/history?${symbol}&limit=10&offset=2200`), range(300, 10));
  assert.deepEqual(await ids(`trades/history?${symbol}&offset=2495`), range(5, 5));
  for (const bad of ['limit=0', 'limit=1001', 'limit=ten', 'limit=']) {
    const [status, code] = await refusalOf(routes, `/api/v1/trades?${symbol}&${bad}`);
    assert.deepEqual([status, code], [400, 'INVALID_CLIENT_REQUEST'], bad);
  }
});

test('a page of the history waits for what the database has not got yet; what does not come is refused by name', async () => {
  const { registry, fanOut } = openVenue(new RecordingFanOut());
  let sequence = 0;
  const parts = { registry, fanOut, nowUs: () => CREATED_AT_US, sequenceOf: () => sequence };
  const marketData = new MarketData(parts);
  marketData.onMarketListed(registry.market(1));
  const all: PublicTrade[] = [];
  for (let tradeId = 1; tradeId <= 2500; tradeId++) {
    const trade = tradeOf({ tradeId });
    sequence = tradeId * 10;
    marketData.onTrade(trade);
    all.unshift({ ...trade, buyerIsMaker: false });
  }
  let stored = 1400;
  const olderTrades = {
    tradesBefore: (marketId: number, tradeId: number, limit: number) =>
      tradesFrom(all.slice(-stored)).tradesBefore(marketId, tradeId, limit),
  };
  let hurried = 0;
  const untilStored = async (_marketId: number, wanted: number) => {
    stored += hurried;
    return stored * 10 >= wanted;
  };
  const routes = publicTradeRoutes({ registry, marketData, olderTrades, untilStored });
  const page = (limit: number, offset: number) =>
    `/api/v1/trades/history?symbol=SOL_USDC&limit=${limit}&offset=${offset}`;
  assert.equal((await getJson(routes, page(100, 900))).length, 100, 'memory has all of it');
  const behind = [503, 'HISTORY_UNAVAILABLE', 'The database is behind, try again'];
  assert.deepEqual(await refusalOf(routes, page(101, 900)), behind);
  assert.deepEqual(await refusalOf(routes, page(10, 1095)), behind);
  const [first] = await getJson(routes, page(10, 1100));
  assert.equal(first.id, 1400);
  hurried = 100;
  const ids: { id: number }[] = await getJson(routes, page(1000, 900));
  assert.deepEqual(
    ids.map(({ id }) => id),
    Array.from({ length: 1000 }, (_, age) => 1600 - age),
  );
  assert.deepEqual(await getJson(routes, page(10, 2500)), []);
});
