import { formatDecimal } from '../../engine/protocol/decimal.ts';
import { US_PER_SECOND } from '../../engine/protocol/time-units.ts';
import type { Market } from '../registry/registry.ts';
import type { Candle, CandleSeries } from './candle-series.ts';
import { formatSum } from './format-sum.ts';
import type { KlineRow } from './kline-series.ts';

/** The candles of a range that memory has. */
export interface KnownKlines {
  /** Candles that start here or later are known; older ones are in the database. */
  readonly knownFromSeconds: number;
  /** The database has the older ones whole once it has the events of the market's shard up to this one. */
  readonly storedSequence: number;
  /** Those with trades, ascending. */
  readonly rows: readonly KlineRow[];
  /** What a candle before the first of them carries forward, should it be known; null before the first trade. */
  readonly previousClose: string | null;
}

/** What `series` has of the candles that start in [startSeconds, endSeconds). */
export function knownKlines(
  series: CandleSeries,
  market: Market,
  startSeconds: number,
  endSeconds: number,
): KnownKlines {
  const { knownFromUs, storedSequence } = series;
  const { candles, closeBeforeTicks } = series.range(
    startSeconds * US_PER_SECOND,
    endSeconds * US_PER_SECOND,
  );
  return {
    knownFromSeconds: knownFromUs / US_PER_SECOND,
    storedSequence,
    rows: candles.map((candle) => describe(candle, market)),
    previousClose:
      closeBeforeTicks === 0 ? null : formatDecimal(closeBeforeTicks, market.priceScale),
  };
}

function describe(candle: Candle, { priceScale, quantityScale, quote }: Market): KlineRow {
  return {
    startSeconds: candle.startUs / US_PER_SECOND,
    open: formatDecimal(candle.openTicks, priceScale),
    high: formatDecimal(candle.highTicks, priceScale),
    low: formatDecimal(candle.lowTicks, priceScale),
    close: formatDecimal(candle.closeTicks, priceScale),
    volume: formatSum(candle.volumeLots, quantityScale),
    quoteVolume: formatSum(candle.quoteVolumeUnits, quote.scale),
    trades: candle.trades,
  };
}
