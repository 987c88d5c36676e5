import { US_PER_DAY, US_PER_SECOND } from '../engine/protocol/time-units.ts';
/** The contract's candle intervals, finest first. */
export const KLINE_INTERVALS = [
  '1s',
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '6h',
  '8h',
  '12h',
  '1d',
  '3d',
  '1w',
  '1month',
] as const;
export type KlineInterval = (typeof KLINE_INTERVALS)[number];

const UNIT_US = {
  s: US_PER_SECOND,
  m: 60 * US_PER_SECOND,
  h: 3600 * US_PER_SECOND,
  d: US_PER_DAY,
} as const;

/** The epoch was a Thursday, so the first Monday came four days later. */
const FIRST_MONDAY_US = 4 * US_PER_DAY;
const WEEK_US = 7 * US_PER_DAY;

/** The length of an interval that has one. A month has not. */
function lengthUs(interval: Exclude<KlineInterval, '1month'>): number {
  if (interval === '1w') return WEEK_US;
  const unit = interval.slice(-1) as keyof typeof UNIT_US;
  return Number(interval.slice(0, -1)) * UNIT_US[unit];
}

const LENGTHS_US = new Map<KlineInterval, number>(
  KLINE_INTERVALS.filter((interval) => interval !== '1month').map((interval) => [
    interval,
    lengthUs(interval),
  ]),
);

/**
 * The start of the candle that holds `timeUs`. Intervals are aligned to the epoch, weeks to Monday,
 * months to the calendar, all in UTC.
 */
export function klineStartUs(interval: KlineInterval, timeUs: number): number {
  const length = LENGTHS_US.get(interval);
  if (length === undefined) {
    const date = new Date(timeUs / 1000);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) * 1000;
  }
  const origin = interval === '1w' ? FIRST_MONDAY_US : 0;
  return timeUs - modulo(timeUs - origin, length);
}

/** The end of the candle that starts at `startUs`, which is the start of the next one. */
export function klineEndUs(interval: KlineInterval, startUs: number): number {
  const length = LENGTHS_US.get(interval);
  if (length !== undefined) return startUs + length;
  const date = new Date(startUs / 1000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) * 1000;
}

function modulo(value: number, divisor: number): number {
  const rest = value % divisor;
  return rest < 0 ? rest + divisor : rest;
}
