import { ExactSum } from '../engine/protocol/exact-sum.ts';
import { KLINE_INTERVALS, type KlineInterval, klineStartUs } from './kline-intervals.ts';

/** What a batch of trades adds to one candle. Open and close go by trade id, not by clock. */
export class KlinePart {
  readonly startUs: number;
  firstTradeId = Number.POSITIVE_INFINITY;
  lastTradeId = -1;
  openTicks = 0;
  highTicks = 0;
  lowTicks = Number.POSITIVE_INFINITY;
  closeTicks = 0;
  trades = 0;
  readonly volumeLots = new ExactSum();
  readonly quoteVolumeUnits = new ExactSum();

  constructor(startUs: number) {
    this.startUs = startUs;
  }

  addTrade(tradeId: number, priceTicks: number, lots: number, quoteUnits: number): void {
    this.#addPrices(tradeId, priceTicks, tradeId, priceTicks, priceTicks, priceTicks);
    this.trades++;
    this.volumeLots.add(lots);
    this.quoteVolumeUnits.add(quoteUnits);
  }

  addPart(part: KlinePart): void {
    const { firstTradeId, openTicks, lastTradeId, closeTicks, highTicks, lowTicks } = part;
    this.#addPrices(firstTradeId, openTicks, lastTradeId, closeTicks, highTicks, lowTicks);
    this.trades += part.trades;
    this.volumeLots.addSum(part.volumeLots);
    this.quoteVolumeUnits.addSum(part.quoteVolumeUnits);
  }

  #addPrices(
    firstTradeId: number,
    openTicks: number,
    lastTradeId: number,
    closeTicks: number,
    highTicks: number,
    lowTicks: number,
  ): void {
    if (firstTradeId < this.firstTradeId) {
      this.firstTradeId = firstTradeId;
      this.openTicks = openTicks;
    }
    if (lastTradeId > this.lastTradeId) {
      this.lastTradeId = lastTradeId;
      this.closeTicks = closeTicks;
    }
    if (highTicks > this.highTicks) this.highTicks = highTicks;
    if (lowTicks < this.lowTicks) this.lowTicks = lowTicks;
  }
}

/**
 * Collects the trades of one market. A trade touches its second only; the longer intervals are made of
 * the seconds at the end, since every one of them begins and ends with a second.
 */
export class KlineCollector {
  readonly #seconds = new Map<number, KlinePart>();

  addTrade(
    timeUs: number,
    tradeId: number,
    priceTicks: number,
    lots: number,
    quoteUnits: number,
  ): void {
    partAt(this.#seconds, klineStartUs('1s', timeUs)).addTrade(
      tradeId,
      priceTicks,
      lots,
      quoteUnits,
    );
  }

  /** The parts of every interval, each candle once. */
  *parts(): Generator<[KlineInterval, KlinePart]> {
    for (const interval of KLINE_INTERVALS) {
      const parts = new Map<number, KlinePart>();
      for (const second of this.#seconds.values()) {
        partAt(parts, klineStartUs(interval, second.startUs)).addPart(second);
      }
      for (const part of parts.values()) yield [interval, part];
    }
  }
}

function partAt(parts: Map<number, KlinePart>, startUs: number): KlinePart {
  let part = parts.get(startUs);
  if (part === undefined) {
    part = new KlinePart(startUs);
    parts.set(startUs, part);
  }
  return part;
}
