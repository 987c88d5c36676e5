import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { KLINE_INTERVALS } from '../../persistence/kline-intervals.ts';
import { klineStart, nextKlineStart } from './kline-interval.ts';
import { fillKlines, KLINES_MAX, type KlineRow, klineRange } from './kline-series.ts';
import { naiveIsoUs, naiveSpacedSeconds } from './time-formats.ts';

const seconds = (iso: string) => Date.parse(iso) / 1000;

test('candles begin where the calendar says', () => {
  const at = seconds('2025-08-06T22:47:31Z');
  const expected: Record<string, string> = {
    '1s': '2025-08-06 22:47:31',
    '1m': '2025-08-06 22:47:00',
    '3m': '2025-08-06 22:45:00',
    '5m': '2025-08-06 22:45:00',
    '15m': '2025-08-06 22:45:00',
    '30m': '2025-08-06 22:30:00',
    '1h': '2025-08-06 22:00:00',
    '2h': '2025-08-06 22:00:00',
    '4h': '2025-08-06 20:00:00',
    '6h': '2025-08-06 18:00:00',
    '8h': '2025-08-06 16:00:00',
    '12h': '2025-08-06 12:00:00',
    '1d': '2025-08-06 00:00:00',
    '3d': '2025-08-04 00:00:00',
    '1w': '2025-08-04 00:00:00',
    '1month': '2025-08-01 00:00:00',
  };
  for (const interval of KLINE_INTERVALS) {
    const start = klineStart(interval, at);
    assert.equal(naiveSpacedSeconds(start), expected[interval], interval);
    assert.equal(klineStart(interval, start), start, interval);
    assert.equal(nextKlineStart(interval, klineStart(interval, start - 1)), start, interval);
    const next = nextKlineStart(interval, start);
    assert.equal(klineStart(interval, next - 1), start, interval);
    assert.equal(klineStart(interval, next), next, interval);
  }
  const december = seconds('2024-12-01T00:00:00Z');
  assert.equal(nextKlineStart('1month', december), seconds('2025-01-01T00:00:00Z'));
});

test('times read as the contract writes them', () => {
  assert.equal(naiveIsoUs(1_737_441_294_691_858), '2025-01-21T06:34:54.691858');
  assert.equal(naiveIsoUs(1_737_441_294_000_007), '2025-01-21T06:34:54.000007');
  assert.equal(naiveSpacedSeconds(seconds('2025-07-19T13:09:00Z')), '2025-07-19 13:09:00');
});

test('a range covers the candle of its first second and is capped from there', () => {
  assert.deepEqual(klineRange('1m', 61, 180), { startSeconds: 60, endSeconds: 180 });
  assert.deepEqual(klineRange('1m', 61, 181), { startSeconds: 60, endSeconds: 240 });
  assert.deepEqual(klineRange('1m', 61, 61), { startSeconds: 60, endSeconds: 60 });
  assert.deepEqual(klineRange('1m', 600, 61), { startSeconds: 600, endSeconds: 600 });
  const capped = klineRange('1m', 0, 1e9);
  assert.equal(capped.endSeconds, KLINES_MAX * 60);
  const months = klineRange('1month', 0, 1e12);
  assert.equal(naiveSpacedSeconds(months.endSeconds), '2053-05-01 00:00:00');
});

function row(startSeconds: number, close: string): KlineRow {
  const prices = { open: '9', high: '99', low: '1', close };
  return { startSeconds, ...prices, volume: '5', quoteVolume: '50', trades: 3 };
}

function flat(startSeconds: number, price: string): KlineRow {
  const prices = { open: price, high: price, low: price, close: price };
  return { startSeconds, ...prices, volume: '0', quoteVolume: '0', trades: 0 };
}

test('candles without trades carry the last close; before the first trade there are none', () => {
  const range = { startSeconds: 0, endSeconds: 360 };
  const rows = [row(120, '7'), row(240, '8')];
  assert.deepEqual(fillKlines('1m', range, rows, null), [
    rows[0],
    flat(180, '7'),
    rows[1],
    flat(300, '8'),
  ]);
  assert.deepEqual(fillKlines('1m', range, rows, '6').slice(0, 3), [
    flat(0, '6'),
    flat(60, '6'),
    rows[0],
  ]);
  assert.deepEqual(fillKlines('1m', range, [], null), []);
});

const sharedFolder = process.env.RINGSIDE_SHARED ?? '../shared';
const candlesFile = join(sharedFolder, 'data/klines/XRP_ETH-1m.json.gz');

test('recorded candles are filled to exactly the series that an exchange published', {
  skip: existsSync(candlesFile) ? false : `${candlesFile} is absent`,
}, () => {
  type Candle = [number, number, number, number, number, number];
  const candles: Candle[] = JSON.parse(gunzipSync(readFileSync(candlesFile)).toString());
  const published = candles.map(([timeMs, open, high, low, close, volume]) => ({
    startSeconds: timeMs / 1000,
    open: String(open),
    high: String(high),
    low: String(low),
    close: String(close),
    volume: String(volume),
    quoteVolume: '0',
    trades: 0,
  }));
  const traded = published.filter(({ volume }) => volume !== '0');
  assert.ok(traded.length < published.length);
  const first = published[0]!.startSeconds;
  const range = { startSeconds: first, endSeconds: published.at(-1)!.startSeconds + 60 };
  assert.deepEqual(fillKlines('1m', range, traded, published[0]!.open), published);
});
