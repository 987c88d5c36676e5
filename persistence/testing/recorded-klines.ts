import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseDecimal, type Scale } from '../../engine/protocol/decimal.ts';
import type { KlineInterval } from '../kline-intervals.ts';
import { naiveStartMs } from './naive-klines.ts';

/*
 * Trades of XRP/ETH that an exchange recorded in October 2019, and the candles it published: see the README beside
 * them.
 */

const SHARED = process.env.RINGSIDE_SHARED ?? join(import.meta.dirname, '../../../../shared');
const FOLDER = join(SHARED, 'data/klines');

/** For a test's `skip`: false when the recordings are there, else why it is skipped. */
export const RECORDINGS_ABSENT: string | false = existsSync(FOLDER)
  ? false
  : `no recorded candles in ${FOLDER}`;

/** Prices of the recordings; quantities are whole. */
export const RECORDED_PRICE_SCALE: Scale = { decimals: 8, stepUnits: 1 };

export interface RecordedTrade {
  readonly timeUs: number;
  readonly priceTicks: number;
  readonly lots: number;
  readonly takerSide: 'buy' | 'sell';
}

/** In ticks and lots; one without trades repeats the last close, with volume 0. */
export interface RecordedKline {
  readonly startMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** `[timeMs, tradeId, null, takerSide, price, amount, cost]` */
type TradeLine = [number, string, null, 'buy' | 'sell', number, number, number];
/** `[openTimeMs, open, high, low, close, baseVolume]` */
type KlineLine = [number, number, number, number, number, number];

export function recordedTrades(): RecordedTrade[] {
  return read<TradeLine>('XRP_ETH-trades').map(([timeMs, , , takerSide, price, lots]) => ({
    timeUs: timeMs * 1000,
    priceTicks: ticksOf(price),
    lots,
    takerSide,
  }));
}

export function recordedKlines(interval: '1m' | '5m'): RecordedKline[] {
  return read<KlineLine>(`XRP_ETH-${interval}`).map(([startMs, ...line]) => {
    const [open, high, low, close] = line.slice(0, 4).map(ticksOf) as [
      number,
      number,
      number,
      number,
    ];
    return { startMs, open, high, low, close, volume: line[4] };
  });
}

/** Candles of an interval of whole minutes, put together from those of one minute that have trades. */
export function aggregateMinutes(
  interval: Exclude<KlineInterval, '1s'>,
  minutes: readonly RecordedKline[],
): RecordedKline[] {
  const aggregated = new Map<number, RecordedKline>();
  for (const minute of minutes) {
    if (minute.volume === 0) continue;
    const startMs = naiveStartMs(interval, minute.startMs * 1000);
    const known = aggregated.get(startMs);
    aggregated.set(startMs, {
      startMs,
      open: known?.open ?? minute.open,
      high: Math.max(known?.high ?? 0, minute.high),
      low: Math.min(known?.low ?? Number.POSITIVE_INFINITY, minute.low),
      close: minute.close,
      volume: (known?.volume ?? 0) + minute.volume,
    });
  }
  return [...aggregated.values()];
}

function read<Line>(name: string): Line[] {
  return JSON.parse(gunzipSync(readFileSync(join(FOLDER, `${name}.json.gz`))).toString());
}

function ticksOf(price: number): number {
  const ticks = parseDecimal(price.toFixed(8), RECORDED_PRICE_SCALE);
  assert.ok(typeof ticks === 'number');
  return ticks;
}
