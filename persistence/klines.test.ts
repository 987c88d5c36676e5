import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  KLINE_INTERVALS,
  type KlineInterval,
  klineEndUs,
  klineStartUs,
} from './kline-intervals.ts';
import { KlineCollector, type KlinePart } from './klines.ts';
import { type NaiveTrade, naiveKlines } from './testing/naive-klines.ts';
import { Random } from './testing/random.ts';
import {
  aggregateMinutes,
  RECORDINGS_ABSENT,
  recordedKlines,
  recordedTrades,
} from './testing/recorded-klines.ts';

function collect(trades: readonly NaiveTrade[]): Map<KlineInterval, KlinePart[]> {
  const collector = new KlineCollector();
  trades.forEach(({ timeUs, priceTicks, lots, quoteUnits }, index) => {
    collector.addTrade(timeUs, index + 1, priceTicks, lots, quoteUnits);
  });
  const parts = new Map<KlineInterval, KlinePart[]>();
  for (const [interval, part] of collector.parts()) {
    parts.set(interval, [...(parts.get(interval) ?? []), part]);
  }
  return parts;
}

const plain = (part: KlinePart) => ({
  startMs: part.startUs / 1000,
  open: part.openTicks,
  high: part.highTicks,
  low: part.lowTicks,
  close: part.closeTicks,
  volume: part.volumeLots.total,
  quoteVolume: part.quoteVolumeUnits.total,
  trades: part.trades,
});

test('candles of every interval equal a naive grouping of the trades', () => {
  const random = new Random(7);
  let timeUs = Date.UTC(2023, 10, 29, 22, 10, 5) * 1000 + 123_456;
  const trades: NaiveTrade[] = [];
  for (let count = 0; count < 3000; count++) {
    timeUs += random.below(10) === 0 ? random.below(2e11) : random.below(3e6);
    const quoteUnits = Number.MAX_SAFE_INTEGER - random.below(1000);
    trades.push({
      timeUs,
      priceTicks: 1 + random.below(500),
      lots: 1 + random.below(2 ** 50),
      quoteUnits,
    });
  }
  const collected = collect(trades);
  for (const interval of KLINE_INTERVALS) {
    assert.deepEqual(collected.get(interval)!.map(plain), naiveKlines(interval, trades), interval);
  }
});

test('a clock that steps back leaves open and close in the order of the trades', () => {
  const at = (second: number, priceTicks: number) => ({
    timeUs: second * 1e6,
    priceTicks,
    lots: 1,
    quoteUnits: 1,
  });
  const trades = [at(100, 5), at(101, 9), at(100, 7), at(101, 2)];
  const collected = collect(trades);
  assert.deepEqual(collected.get('1m')!.map(plain), naiveKlines('1m', trades));
  assert.deepEqual(collected.get('1s')!.map(plain), naiveKlines('1s', trades));
});

test('weeks start on Monday, months on the first, three days at the epoch, all in UTC', () => {
  const at = (text: string) => Date.parse(text) * 1000;
  const cases: [KlineInterval, string, string, string][] = [
    ['1w', '2026-03-01T23:59:59.999Z', '2026-02-23T00:00:00Z', '2026-03-02T00:00:00Z'],
    ['1w', '2026-03-02T00:00:00Z', '2026-03-02T00:00:00Z', '2026-03-09T00:00:00Z'],
    ['1month', '2024-02-29T12:00:00Z', '2024-02-01T00:00:00Z', '2024-03-01T00:00:00Z'],
    ['1month', '2025-12-31T23:59:59Z', '2025-12-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    ['3d', '1970-01-06T23:00:00Z', '1970-01-04T00:00:00Z', '1970-01-07T00:00:00Z'],
    ['1s', '2026-03-01T00:00:00.999Z', '2026-03-01T00:00:00Z', '2026-03-01T00:00:01Z'],
  ];
  for (const [interval, time, start, end] of cases) {
    assert.equal(klineStartUs(interval, at(time)), at(start), `${interval} ${time}`);
    assert.equal(klineEndUs(interval, at(start)), at(end), `${interval} ${time}`);
  }
});

const shown = ({ startUs, openTicks, highTicks, lowTicks, closeTicks, volumeLots }: KlinePart) => ({
  startMs: startUs / 1000,
  open: openTicks,
  high: highTicks,
  low: lowTicks,
  close: closeTicks,
  volume: Number(volumeLots.total),
});

test('candles of recorded trades equal the recorded candles', { skip: RECORDINGS_ABSENT }, () => {
  const trades = recordedTrades().map((trade) => ({ ...trade, quoteUnits: 0 }));
  const collected = collect(trades);
  for (const interval of ['1m', '5m'] as const) {
    // A candle without trades repeats the close before it: those are filled in when read.
    const withTrades = recordedKlines(interval).filter(({ volume }) => volume > 0);
    assert.ok(withTrades.length > 500);
    assert.deepEqual(collected.get(interval)!.map(shown), withTrades, interval);
  }
  const minutes = recordedKlines('1m');
  for (const interval of KLINE_INTERVALS) {
    if (interval === '1s') continue;
    const aggregated = aggregateMinutes(interval, minutes);
    assert.deepEqual(collected.get(interval)!.map(shown), aggregated, interval);
  }
});
