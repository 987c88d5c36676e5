import {
  KLINE_INTERVALS,
  type KlineInterval,
  klineEndUs,
  klineStartUs,
} from '../../persistence/kline-intervals.ts';
import { KlinePart } from '../../persistence/klines.ts';
import { CandleSeries } from './candle-series.ts';
import type { TickerBucket } from './rolling-ticker.ts';

/** What is known of the candles of a market that has traded before the first trade that is heard. */
export interface CandlesBefore {
  /** Of each interval the last one with trades, as far as it was kept; null when the trades heard do not follow it. */
  readonly last: ReadonlyMap<KlineInterval, TickerBucket> | null;
  readonly lastPriceTicks: number;
  /** Not before the last trade that was not heard. */
  readonly nowUs: number;
  /** Of the last event of the market's shard that was heard. */
  readonly sequence: number;
}

/**
 * One market's newest candles of every interval. A trade touches its second only; the series take the
 * second's trades when it is over, or when they are looked at.
 */
export class MarketCandles {
  readonly #series: readonly CandleSeries[];
  /** Trades of one second that are not in the series yet. */
  #second: KlinePart | null = null;
  /** Of the last event of the market's shard that was heard when the last of them was taken. */
  #sequence = 0;
  #version = 0;

  /** @param before null for a market that had not traded */
  constructor(before: CandlesBefore | null) {
    this.#series = KLINE_INTERVALS.map((interval) => seriesOf(interval, before));
  }

  /** Counts the trades taken. */
  get version(): number {
    return this.#version;
  }

  /** Takes a trade, later than all before; `sequence` is that of its event, or of a later one. */
  add(
    timeUs: number,
    tradeId: number,
    priceTicks: number,
    quantityLots: number,
    quoteUnits: number,
    sequence: number,
  ): void {
    const startUs = klineStartUs('1s', timeUs);
    if (this.#second?.startUs !== startUs) {
      this.#fold();
      this.#second = new KlinePart(startUs);
    }
    this.#second!.addTrade(tradeId, priceTicks, quantityLots, quoteUnits);
    this.#sequence = sequence;
    this.#version++;
  }

  /** With all trades so far. */
  series(interval: KlineInterval): CandleSeries {
    return this.all()[KLINE_INTERVALS.indexOf(interval)]!;
  }

  /** Those of all intervals, in the order of `KLINE_INTERVALS`, with all trades so far. */
  all(): readonly CandleSeries[] {
    this.#fold();
    return this.#series;
  }

  #fold(): void {
    const second = this.#second;
    if (second === null) return;
    for (const series of this.#series) series.add(second, this.#sequence);
    this.#second = null;
  }
}

function seriesOf(interval: KlineInterval, before: CandlesBefore | null): CandleSeries {
  const series = new CandleSeries(interval);
  if (before === null) return series;
  const { last, lastPriceTicks, nowUs, sequence } = before;
  const candle = last?.get(interval);
  const startUs = klineStartUs(interval, nowUs);
  if (candle !== undefined) series.restore(candle);
  // The running candle has no trades, and those before it were not kept.
  else if (last !== null) series.beginAt(startUs, lastPriceTicks, 0);
  else series.beginAt(klineEndUs(interval, startUs), lastPriceTicks, sequence);
  return series;
}
