import { assert } from '../../engine/assert.ts';
import { ExactSum } from '../../engine/protocol/exact-sum.ts';
import { type KlineInterval, klineEndUs, klineStartUs } from '../../persistence/kline-intervals.ts';
import { KlinePart } from '../../persistence/klines.ts';
import type { TickerBucket } from './rolling-ticker.ts';

/** Candles with trades that are kept, the running one included; older ones are in the database. */
export const KEPT_CANDLES = 240;

/** A candle with trades, and how far its shard's events were heard when its last trade was taken in. */
class HeardCandle extends KlinePart {
  sequence = 0;
}

/** A candle as it is shown: prices in ticks, times in µs. One without trades repeats the last close. */
export type Candle = Pick<
  KlinePart,
  'startUs' | 'openTicks' | 'highTicks' | 'lowTicks' | 'closeTicks' | 'trades'
> & { readonly volumeLots: bigint; readonly quoteVolumeUnits: bigint };

/**
 * The newest candles of one market and interval, made of its trades by the same code that makes the rows
 * of the database. Trades come in order of time, which is that of the market's shard and never goes back.
 *
 * Every candle that starts at `knownFromUs` or later is here whole, one without trades by not being here.
 * What starts before is the database's, once that has the events up to `storedSequence`. So each candle is of
 * one of both, and no trade counts twice.
 */
export class CandleSeries {
  readonly interval: KlineInterval;
  #knownFromUs = 0;
  #storedSequence = 0;
  /** Of the last trade before `#knownFromUs`, 0 when there is none; not asked for when a candle begins there. */
  #closeBeforeTicks = 0;
  /** Ascending. */
  readonly #candles: HeardCandle[] = [];
  /** End of the last of them; trades before it are its own. */
  #endUs = 0;

  /** Of a market that has not traded yet. */
  constructor(interval: KlineInterval) {
    this.interval = interval;
  }

  get knownFromUs(): number {
    return this.#knownFromUs;
  }

  get storedSequence(): number {
    return this.#storedSequence;
  }

  /** Of a market that has traded: its last candle with trades, which may go on. */
  restore(candle: TickerBucket): void {
    assert(this.#knownFromUs === 0 && this.#candles.length === 0, 'a series has a past already');
    const heard = new HeardCandle(candle.startUs);
    heard.firstTradeId = 0;
    heard.lastTradeId = 0;
    heard.openTicks = candle.firstPriceTicks;
    heard.highTicks = candle.highPriceTicks;
    heard.lowTicks = candle.lowPriceTicks;
    heard.closeTicks = candle.lastPriceTicks;
    heard.trades = candle.tradeCount;
    heard.volumeLots.addSum(new ExactSum(candle.volumeLots));
    heard.quoteVolumeUnits.addSum(new ExactSum(candle.quoteVolumeUnits));
    this.#append(heard);
    this.#knownFromUs = heard.startUs;
  }

  /**
   * Of a market that has traded, nobody knows here when: the series begins at a candle's start.
   *
   * @param lastPriceTicks of the last trade so far
   * @param sequence up to which of its shard's events the database must be for what is before
   */
  beginAt(startUs: number, lastPriceTicks: number, sequence: number): void {
    this.#knownFromUs = startUs;
    this.#closeBeforeTicks = lastPriceTicks;
    this.#storedSequence = sequence;
  }

  /** Takes trades of one second, or of a part of it, that follow all before. */
  add(second: KlinePart, sequence: number): void {
    let candle = this.#candles.at(-1);
    if (candle === undefined || second.startUs >= this.#endUs) {
      const startUs = klineStartUs(this.interval, second.startUs);
      if (startUs < this.#knownFromUs) {
        this.#closeBeforeTicks = second.closeTicks;
        this.#storedSequence = sequence;
        return;
      }
      candle = new HeardCandle(startUs);
      this.#append(candle);
    }
    assert(second.startUs >= candle.startUs, 'trades of a market go back in time');
    candle.addPart(second);
    candle.sequence = sequence;
  }

  /** How many trades the candle has that starts there, at `knownFromUs` or later. */
  tradesAt(startUs: number): number {
    const candle = this.#candles[this.#indexFrom(startUs)];
    return candle?.startUs === startUs ? candle.trades : 0;
  }

  /** The candle that starts there, at `knownFromUs` or later; null before the market's first trade. */
  at(startUs: number): Candle | null {
    const index = this.#indexFrom(startUs);
    const candle = this.#candles[index];
    if (candle?.startUs === startUs) return shown(candle);
    const close = this.#closeBefore(index);
    return close === 0 ? null : withoutTrades(startUs, close);
  }

  /** Start of the first candle that can be shown; null before the market's first trade. */
  get firstStartUs(): number | null {
    if (this.#closeBeforeTicks !== 0) return this.#knownFromUs;
    return this.#candles[0]?.startUs ?? null;
  }

  /** The candles with trades of [startUs, endUs), and what those before leave: the last close, 0 for none. */
  range(startUs: number, endUs: number): { candles: Candle[]; closeBeforeTicks: number } {
    const from = this.#indexFrom(startUs);
    const to = this.#indexFrom(endUs);
    const candles = this.#candles.slice(from, to).map(shown);
    return { candles, closeBeforeTicks: this.#closeBefore(from) };
  }

  #append(candle: HeardCandle): void {
    this.#candles.push(candle);
    this.#endUs = klineEndUs(this.interval, candle.startUs);
    if (this.#candles.length > KEPT_CANDLES) this.#forget();
  }

  #forget(): void {
    const oldest = this.#candles.shift()!;
    this.#closeBeforeTicks = oldest.closeTicks;
    this.#storedSequence = oldest.sequence;
    this.#knownFromUs = this.#candles[0]!.startUs;
  }

  /** Of the first candle that starts at `startUs` or later. The newest are asked for most. */
  #indexFrom(startUs: number): number {
    let index = this.#candles.length;
    while (index > 0 && this.#candles[index - 1]!.startUs >= startUs) index--;
    return index;
  }

  #closeBefore(index: number): number {
    return index > 0 ? this.#candles[index - 1]!.closeTicks : this.#closeBeforeTicks;
  }
}

function shown(candle: HeardCandle): Candle {
  const { startUs, openTicks, highTicks, lowTicks, closeTicks, trades } = candle;
  const volumeLots = candle.volumeLots.total;
  const quoteVolumeUnits = candle.quoteVolumeUnits.total;
  return {
    startUs,
    openTicks,
    highTicks,
    lowTicks,
    closeTicks,
    trades,
    volumeLots,
    quoteVolumeUnits,
  };
}

function withoutTrades(startUs: number, priceTicks: number): Candle {
  return {
    startUs,
    openTicks: priceTicks,
    highTicks: priceTicks,
    lowTicks: priceTicks,
    closeTicks: priceTicks,
    trades: 0,
    volumeLots: 0n,
    quoteVolumeUnits: 0n,
  };
}
