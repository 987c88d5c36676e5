import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { OHLCV } from 'ccxt';
import { until } from '../../persistence/testing/until.ts';
import { type CcxtClient, useCcxtVenue } from './ccxt-venue.fixture.ts';
import { BTC, SOL, type TradeRow, trade, tradeRows, unitsOf } from './trading.fixture.ts';

const TRADES = [
  ['buy', 1, 100],
  ['sell', 2.5, 101.5],
  ['buy', 0.01, 99.25],
  ['sell', 3, 100.75],
] as const;

let anybody: CcxtClient;
let rows: TradeRow[];

useCcxtVenue(async (venue) => {
  anybody = await venue.client();
  const maker = await venue.trader('maker');
  const taker = await venue.trader('taker');
  for (const [index, [side, amount, price]] of TRADES.entries()) {
    // So that a second may have a candle of its own, and one none.
    if (index > 0) await delay(1100 * index);
    await trade(maker, taker, SOL, side, amount, price);
  }
  await until('the trades are in the table', async () => {
    rows = await tradeRows(venue, SOL);
    return rows.length === TRADES.length;
  });
});

/** ccxt's own names of intervals, and those that it hands on as they are. */
const TIMEFRAMES = [
  ...['1s', '1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '8h', '12h'],
  ...['1d', '3d', '1w', '1M'],
];

/** The candles that the trades of the table make, which start at the same times. */
function expectedCandles(starts: readonly number[]): number[][] {
  let close = 0;
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? Number.POSITIVE_INFINITY;
    const inside = rows.filter(({ timeMs }) => timeMs >= start && timeMs < end);
    const [first] = inside;
    if (first === undefined) return [start, close, close, close, close, 0];
    const prices = inside.map(({ price }) => price);
    close = prices.at(-1)!;
    const lots = inside.reduce((sum, { quantity }) => sum + unitsOf(quantity, 2), 0);
    return [start, first.price, Math.max(...prices), Math.min(...prices), close, lots / 100];
  });
}

for (const timeframe of TIMEFRAMES) {
  test(`candles of ${timeframe} are what the trades of the table make`, async () => {
    const candles = (await anybody.fetchOHLCV(SOL, timeframe)) as number[][];
    const starts = candles.map(([start]) => start!);
    assert.ok(starts[0]! <= rows[0]!.timeMs, 'the first trade is in a candle');
    assert.deepEqual(candles, expectedCandles(starts));
    for (const start of starts) assertAligned(timeframe, start);
  });
}

function assertAligned(timeframe: string, startMs: number): void {
  const start = new Date(startMs);
  const dayMs = 86_400_000;
  if (timeframe === '1M') assert.deepEqual([start.getUTCDate(), startMs % dayMs], [1, 0]);
  else if (timeframe === '1w') assert.deepEqual([start.getUTCDay(), startMs % dayMs], [1, 0]);
  else if (timeframe === '3d') assert.equal(startMs % dayMs, 0);
  else assert.equal(startMs % (anybody.parseTimeframe(timeframe) * 1000), 0);
}

test('every timeframe that ccxt has is one of these', () => {
  const known = Object.entries(anybody.timeframes).map(([name, interval]) =>
    // Two of its names lack their unit, and can be used with a start only.
    name === '15' || name === '30' ? interval : name,
  );
  assert.deepEqual(new Set(known), new Set(TIMEFRAMES.slice(1)));
});

test('the two timeframes without a unit work from a start on', async () => {
  const since = rows[0]!.timeMs;
  for (const timeframe of ['15', '30']) {
    const candles = await anybody.fetchOHLCV(SOL, timeframe, since);
    assert.deepEqual(candles, await anybody.fetchOHLCV(SOL, `${timeframe}m`, since));
  }
});

test('since, until and limit say which candles', async () => {
  const all = await anybody.fetchOHLCV(SOL, '1s');
  const [, second] = all as OHLCV[];
  const since = second![0]!;
  const from = await anybody.fetchOHLCV(SOL, '1s', since);
  assert.deepEqual(from.slice(0, 3), all.slice(1, 4));
  assert.deepEqual(await anybody.fetchOHLCV(SOL, '1s', since, 2), all.slice(1, 3));
  const closed = await anybody.fetchOHLCV(SOL, '1s', since, undefined, { until: since + 2000 });
  assert.deepEqual(closed, all.slice(1, 3));
});

test('a market that never traded has no candles, and a spot market has none of marks or an index', async () => {
  assert.deepEqual(await anybody.fetchOHLCV(BTC, '1m'), []);
  const mark = { name: 'BadRequest', message: /A spot market has no mark price/ };
  await assert.rejects(anybody.fetchMarkOHLCV(SOL, '1m'), mark);
  const index = { name: 'BadRequest', message: /A spot market has no index price/ };
  await assert.rejects(anybody.fetchIndexOHLCV(SOL, '1m'), index);
});
