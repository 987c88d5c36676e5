import type { KlineInterval } from '../kline-intervals.ts';

/** A trade in whole numbers; `quoteUnits` is what it cost. */
export interface NaiveTrade {
  readonly timeUs: number;
  readonly priceTicks: number;
  readonly lots: number;
  readonly quoteUnits: number;
}

interface NaiveKline {
  readonly startMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: bigint;
  readonly quoteVolume: bigint;
  readonly trades: number;
}

const DAY_MS = 86_400_000;
const LENGTHS_MS: Partial<Record<KlineInterval, number>> = {
  '1s': 1000,
  '1m': 60_000,
  '3m': 180_000,
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '2h': 7_200_000,
  '4h': 14_400_000,
  '6h': 21_600_000,
  '8h': 28_800_000,
  '12h': 43_200_000,
  '1d': DAY_MS,
  '3d': 3 * DAY_MS,
};

/** The start of the candle, by the calendar where there is one. */
export function naiveStartMs(interval: KlineInterval, timeUs: number): number {
  const date = new Date(Math.floor(timeUs / 1000));
  const length = LENGTHS_MS[interval];
  if (length !== undefined) return Math.floor(date.getTime() / length) * length;
  date.setUTCHours(0, 0, 0, 0);
  if (interval === '1month') date.setUTCDate(1);
  else while (date.getUTCDay() !== 1) date.setUTCDate(date.getUTCDate() - 1);
  return date.getTime();
}

/** The candles of trades in order, by grouping and folding: the slow, obvious way. */
export function naiveKlines(interval: KlineInterval, trades: readonly NaiveTrade[]): NaiveKline[] {
  const groups = new Map<number, NaiveTrade[]>();
  for (const trade of trades) {
    const start = naiveStartMs(interval, trade.timeUs);
    groups.set(start, [...(groups.get(start) ?? []), trade]);
  }
  const klines = [...groups].map(([startMs, group]) => ({
    startMs,
    open: group[0]!.priceTicks,
    high: Math.max(...group.map((trade) => trade.priceTicks)),
    low: Math.min(...group.map((trade) => trade.priceTicks)),
    close: group.at(-1)!.priceTicks,
    volume: group.reduce((sum, trade) => sum + BigInt(trade.lots), 0n),
    quoteVolume: group.reduce((sum, trade) => sum + BigInt(trade.quoteUnits), 0n),
    trades: group.length,
  }));
  return klines.sort((left, right) => left.startMs - right.startMs);
}
