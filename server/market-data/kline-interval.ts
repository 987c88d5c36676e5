/**
 * Where candles begin and end, in whole seconds since the epoch, UTC. Days and shorter are multiples
 * since the epoch, as is `3d`; weeks begin on Monday, months on their first day.
 */
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

const DAY_SECONDS = 86_400;
/** The first Monday after the epoch, a Thursday. */
const FIRST_MONDAY_SECONDS = 4 * DAY_SECONDS;

const FIXED_SECONDS: Record<Exclude<KlineInterval, '1month'>, number> = {
  '1s': 1,
  '1m': 60,
  '3m': 180,
  '5m': 300,
  '15m': 900,
  '30m': 1800,
  '1h': 3600,
  '2h': 7200,
  '4h': 14_400,
  '6h': 21_600,
  '8h': 28_800,
  '12h': 43_200,
  '1d': DAY_SECONDS,
  '3d': 3 * DAY_SECONDS,
  '1w': 7 * DAY_SECONDS,
};

/** The start of the candle that contains `seconds`. */
export function klineStart(interval: KlineInterval, seconds: number): number {
  if (interval === '1month') return monthStart(seconds, 0);
  const length = FIXED_SECONDS[interval];
  const origin = interval === '1w' ? FIRST_MONDAY_SECONDS : 0;
  return Math.floor((seconds - origin) / length) * length + origin;
}

/** The start of the candle after the one that starts at `start`, which is the end of that one. */
export function nextKlineStart(interval: KlineInterval, start: number): number {
  return interval === '1month' ? monthStart(start, 1) : start + FIXED_SECONDS[interval];
}

function monthStart(seconds: number, monthsLater: number): number {
  const date = new Date(seconds * 1000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + monthsLater) / 1000;
}
