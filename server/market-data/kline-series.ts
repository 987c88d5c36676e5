import type { KlineInterval } from '../../persistence/kline-intervals.ts';
import { historyBehind } from '../api-error.ts';
import { klineStart, nextKlineStart } from './kline-interval.ts';
import type { MarketData } from './market-data.ts';

/** Candles in one answer. */
export const KLINES_MAX = 1000;

/** A candle that has trades; decimal strings. */
export interface KlineRow {
  readonly startSeconds: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly quoteVolume: string;
  readonly trades: number;
}

/** Where the older candles with trades are kept. */
export interface KlineSource {
  /** Those with startSeconds ≤ start < endSeconds, ascending. */
  klines(
    marketId: number,
    interval: KlineInterval,
    startSeconds: number,
    endSeconds: number,
  ): Promise<readonly KlineRow[]>;
  /** Close of the last candle that started before `startSeconds`; null when there was none. */
  lastCloseBefore(
    marketId: number,
    interval: KlineInterval,
    startSeconds: number,
  ): Promise<string | null>;
}

/** Waits for the database to have the events of the market's shard up to `sequence`; false when it has not in time. */
export type UntilStored = (marketId: number, sequence: number) => Promise<boolean>;

interface KlineSources {
  readonly marketData: MarketData;
  readonly stored: KlineSource;
  readonly untilStored: UntilStored;
}

/**
 * The first `KLINES_MAX` candles from the one that contains `fromSeconds` to those that start before `toSeconds`. Since
 * there are none before a market's first trade, that is where they begin if it is later: who asks a young market for
 * more than there is would otherwise get nothing, and take that for its end.
 *
 * @throws ApiError HISTORY_UNAVAILABLE, as `readKlines`
 */
export async function readFirstKlines(
  sources: KlineSources,
  marketId: number,
  interval: KlineInterval,
  fromSeconds: number,
  toSeconds: number,
): Promise<KlineRow[]> {
  const range = klineRange(interval, fromSeconds, toSeconds);
  const rows = await readKlines(sources, marketId, interval, range);
  if (range.endSeconds >= toSeconds || rows[0]?.startSeconds === range.startSeconds) return rows;
  const first =
    rows[0] ?? (await firstWithTrades(sources, marketId, interval, range.endSeconds, toSeconds));
  if (first === undefined) return [];
  const fromFirst = klineRange(interval, first.startSeconds, toSeconds);
  return readKlines(sources, marketId, interval, fromFirst);
}

async function firstWithTrades(
  { marketData, stored }: KlineSources,
  marketId: number,
  interval: KlineInterval,
  startSeconds: number,
  endSeconds: number,
): Promise<KlineRow | undefined> {
  const { knownFromSeconds, rows } = marketData.klines(
    marketId,
    interval,
    startSeconds,
    endSeconds,
  );
  if (knownFromSeconds <= startSeconds) return rows[0];
  const untilSeconds = Math.min(endSeconds, knownFromSeconds);
  const older = await stored.klines(marketId, interval, startSeconds, untilSeconds);
  return older[0] ?? rows[0];
}

/**
 * Every candle of `range`, filled as by `fillKlines`: from memory those that it has whole, which the running one
 * is, from the database those before.
 *
 * @throws ApiError HISTORY_UNAVAILABLE when a trade of the range is in neither, since the database stays behind
 */
export async function readKlines(
  sources: KlineSources,
  marketId: number,
  interval: KlineInterval,
  range: KlineRange,
): Promise<KlineRow[]> {
  const { marketData, stored, untilStored } = sources;
  const { startSeconds, endSeconds } = range;
  const known = marketData.klines(marketId, interval, startSeconds, endSeconds);
  const { knownFromSeconds, rows, previousClose } = known;
  if (knownFromSeconds <= startSeconds) return fillKlines(interval, range, rows, previousClose);
  if (!(await untilStored(marketId, known.storedSequence))) throw historyBehind();
  const untilSeconds = Math.min(endSeconds, knownFromSeconds);
  const [older, olderClose] = await Promise.all([
    stored.klines(marketId, interval, startSeconds, untilSeconds),
    stored.lastCloseBefore(marketId, interval, startSeconds),
  ]);
  return fillKlines(interval, range, [...older, ...rows], olderClose);
}

/** A run of candles: the starts from `startSeconds` up to, not including, `endSeconds`. */
interface KlineRange {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/**
 * The candles from the one that contains `fromSeconds` up to those that start before `toSeconds`, the
 * first `KLINES_MAX` of them. Empty (start = end) when `toSeconds` is not after `fromSeconds`.
 */
export function klineRange(
  interval: KlineInterval,
  fromSeconds: number,
  toSeconds: number,
): KlineRange {
  const startSeconds = klineStart(interval, fromSeconds);
  if (toSeconds <= fromSeconds) return { startSeconds, endSeconds: startSeconds };
  let endSeconds = startSeconds;
  for (let count = 0; count < KLINES_MAX && endSeconds < toSeconds; count++) {
    endSeconds = nextKlineStart(interval, endSeconds);
  }
  return { startSeconds, endSeconds };
}

/**
 * Every candle of `range`: a candle without trades repeats the last close, with volume 0 and trades 0.
 * Before the first trade (no previous close) there are none.
 */
export function fillKlines(
  interval: KlineInterval,
  range: KlineRange,
  rows: readonly KlineRow[],
  previousClose: string | null,
): KlineRow[] {
  const filled: KlineRow[] = [];
  let close = previousClose;
  let next = 0;
  let start = range.startSeconds;
  while (start < range.endSeconds) {
    const row = rows[next];
    if (row !== undefined && row.startSeconds === start) {
      filled.push(row);
      close = row.close;
      next++;
    } else if (close !== null) {
      filled.push(withoutTrades(start, close));
    }
    start = nextKlineStart(interval, start);
  }
  return filled;
}

function withoutTrades(startSeconds: number, close: string): KlineRow {
  return {
    startSeconds,
    open: close,
    high: close,
    low: close,
    close,
    volume: '0',
    quoteVolume: '0',
    trades: 0,
  };
}
