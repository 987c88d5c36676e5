import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KlineInterval } from '../../persistence/kline-intervals.ts';
import type { KlineRow, KlineSource } from '../market-data/kline-series.ts';
import { openVenue, RecordingFanOut } from '../market-data/market.fixture.ts';
import { MarketData } from '../market-data/market-data.ts';
import { klineRoutes } from './klines.ts';
import { getJson, refusalOf } from './route.fixture.ts';

const seconds = (iso: string) => Date.parse(iso) / 1000;
const FIRST = seconds('2025-07-19T13:09:00Z');
/** Ten minutes and a half after the first candle began. */
const NOW_SECONDS = FIRST + 630;

/** One-minute candles with a database's trailing zeros: at 13:09, 13:12 and the running 13:19. */
const ROWS: KlineRow[] = [0, 180, 600].map((after, index) => ({
  startSeconds: FIRST + after,
  open: '141.00',
  high: '142.50',
  low: '140.00',
  close: `14${index}.20`,
  volume: '12.300',
  quoteVolume: '1736.100000',
  trades: 12,
}));

const source: KlineSource = {
  async klines(marketId: number, interval: KlineInterval, start: number, end: number) {
    if (marketId !== 1 || interval !== '1m') return [];
    return ROWS.filter((row) => row.startSeconds >= start && row.startSeconds < end);
  },
  async lastCloseBefore(marketId: number, interval: KlineInterval, start: number) {
    if (marketId !== 1 || interval !== '1m') return null;
    return ROWS.findLast((row) => row.startSeconds < start)?.close ?? null;
  },
};

/** A gateway that has met markets with a past just now: what is asked for is in the database. */
function openKlines(stored: KlineSource = source, isStored = true) {
  const { registry } = openVenue(new RecordingFanOut());
  const nowUs = () => NOW_SECONDS * 1_000_000 + 999;
  const marketData = new MarketData({ registry, fanOut: new RecordingFanOut(), nowUs });
  for (const market of registry.markets) {
    const standing = { updateId: 40, lastTradeId: 10, lastPriceTicks: 2842 };
    marketData.onMarketDescribed(market, standing);
    marketData.onPastLearnt(market.marketId, null);
  }
  return klineRoutes({ registry, marketData, stored, untilStored: async () => isStored, nowUs });
}

interface WireKline {
  start: string;
  end: string;
  close: string;
  trades: string;
}

test('candles ascend with spaced times, normalised strings and carried closes', async () => {
  const target = `/api/v1/klines?symbol=SOL_USDC&interval=1m&startTime=${FIRST - 90}`;
  const klines: WireKline[] = await getJson(openKlines(), target);
  assert.deepEqual(klines[0], {
    start: '2025-07-19 13:09:00',
    end: '2025-07-19 13:10:00',
    open: '141',
    high: '142.5',
    low: '140',
    close: '140.2',
    volume: '12.3',
    quoteVolume: '1736.1',
    trades: '12',
  });
  assert.deepEqual(klines[1], {
    start: '2025-07-19 13:10:00',
    end: '2025-07-19 13:11:00',
    open: '140.2',
    high: '140.2',
    low: '140.2',
    close: '140.2',
    volume: '0',
    quoteVolume: '0',
    trades: '0',
  });
  assert.equal(klines.length, 11);
  assert.deepEqual(
    klines.map(({ trades }) => trades),
    ['12', '0', '0', '12', '0', '0', '0', '0', '0', '0', '12'],
  );
  assert.equal(klines.at(-1)?.start, '2025-07-19 13:19:00', 'the running candle');
});

test('the end may be given, and the close before the start is carried in', async () => {
  const times = `startTime=${FIRST + 60}&endTime=${FIRST + 180}`;
  const target = `/api/v1/klines?symbol=SOL_USDC&interval=1m&${times}`;
  const klines: WireKline[] = await getJson(openKlines(), target);
  assert.deepEqual(
    klines.map(({ start, close }) => [start, close]),
    [
      ['2025-07-19 13:10:00', '140.2'],
      ['2025-07-19 13:11:00', '140.2'],
    ],
  );
});

test('no trades and no future: an empty list', async () => {
  const routes = openKlines();
  for (const query of [
    `symbol=BTC_USDC&interval=1m&startTime=${FIRST}`,
    `symbol=SOL_USDC&interval=1m&startTime=${NOW_SECONDS + 60}`,
    `symbol=SOL_USDC&interval=1m&startTime=1795358905653`,
  ]) {
    assert.deepEqual(await getJson(routes, `/api/v1/klines?${query}`), [], query);
  }
});

test('a range from long before the first trade begins with it, and is cut from there', async () => {
  const target = (start: number) => `/api/v1/klines?symbol=SOL_USDC&interval=1m&startTime=${start}`;
  const fromFirst: WireKline[] = await getJson(openKlines(), target(FIRST));
  assert.ok(fromFirst.length > 0);
  for (const minutes of [999, 1000, 1001, 5000]) {
    const klines = await getJson(openKlines(), target(FIRST - 60 * minutes));
    assert.deepEqual(klines, fromFirst, `${minutes} minutes before`);
  }
  const ended = `${target(FIRST - 60 * 5000)}&endTime=${FIRST}`;
  assert.deepEqual(await getJson(openKlines(), ended), []);
});

test('a long range is cut to its first thousand candles', async () => {
  const target = `/api/v1/klines?symbol=SOL_USDC&interval=1s&startTime=0`;
  const asked: number[][] = [];
  const routes = openKlines({
    async klines(_market, _interval, start, end) {
      asked.push([start, end]);
      return [];
    },
    lastCloseBefore: async () => '1',
  });
  const klines = await getJson(routes, target);
  assert.equal(klines.length, 1000);
  assert.deepEqual(asked, [[0, 1000]]);
});

test('a spot market has no index and no mark price, and says so', async () => {
  const routes = openKlines();
  const query = `symbol=SOL_USDC&interval=1m&startTime=${FIRST}`;
  for (const priceType of ['Mark', 'Index']) {
    assert.deepEqual(await refusalOf(routes, `/api/v1/klines?${query}&priceType=${priceType}`), [
      400,
      'INVALID_CLIENT_REQUEST',
      `A spot market has no ${priceType.toLowerCase()} price`,
    ]);
  }
  const last = await getJson(routes, `/api/v1/klines?${query}&priceType=Last`);
  assert.deepEqual(last, await getJson(routes, `/api/v1/klines?${query}`));
});

test('candles that the database has not got yet are refused by name, not left out', async () => {
  const query = `symbol=SOL_USDC&interval=1m&startTime=${FIRST}`;
  assert.deepEqual(await refusalOf(openKlines(source, false), `/api/v1/klines?${query}`), [
    503,
    'HISTORY_UNAVAILABLE',
    'The database is behind, try again',
  ]);
});

test('missing and malformed parameters are refused by name', async () => {
  const routes = openKlines();
  for (const query of [
    `interval=1m&startTime=0`,
    `symbol=SOL_USDC&startTime=0`,
    `symbol=SOL_USDC&interval=7m&startTime=0`,
    `symbol=SOL_USDC&interval=1m`,
    `symbol=SOL_USDC&interval=1m&startTime=-5`,
    `symbol=SOL_USDC&interval=1m&startTime=1.5`,
    `symbol=SOL_USDC&interval=1m&startTime=100&endTime=99`,
    `symbol=SOL_USDC&interval=1m&startTime=0&priceType=Fair`,
    `symbol=NO&interval=1m&startTime=0`,
  ]) {
    const [status, code] = await refusalOf(routes, `/api/v1/klines?${query}`);
    assert.deepEqual([status, code], [400, 'INVALID_CLIENT_REQUEST'], query);
  }
});
