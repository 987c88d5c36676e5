import { Random } from '../random.ts';
import type { DemoMarket } from './demo-markets.ts';

export const QUOTES_PER_SIDE = 8;

/** Changes per step after the first, so that the market moves a little all the time. */
const CHANGES_PER_STEP = 2;

/** The walk stays between these multiples of the start price. */
const LOWEST_FACTOR = 0.8;
const HIGHEST_FACTOR = 1.25;

export interface Quote {
  readonly clientId: number;
  readonly isBid: boolean;
  readonly priceTicks: number;
  readonly quantityLots: number;
}

interface QuoteChanges {
  readonly cancel: readonly Quote[];
  readonly place: readonly Quote[];
}

/** What a taker sends: at `priceTicks` or better at once, or at the market when it is undefined. */
interface TakerOrder {
  readonly isBid: boolean;
  readonly priceTicks: number | undefined;
  readonly quantityLots: number;
}

/**
 * Decides what the demo's traders of one market do: a random walk of the mid price, a ladder of quotes
 * on both sides of it, and small orders that cross. It sends nothing itself.
 */
export class Quoter {
  readonly #market: DemoMarket;
  readonly #random: Random;
  readonly #nextClientId: () => number;
  readonly #live = new Map<number, Quote>();
  #midTicks: number;

  constructor(market: DemoMarket, nextClientId: () => number) {
    this.#market = market;
    this.#random = new Random(market.seed);
    this.#nextClientId = nextClientId;
    this.#midTicks = market.startPriceTicks;
  }

  get midTicks(): number {
    return this.#midTicks;
  }

  get quotes(): readonly Quote[] {
    return [...this.#live.values()];
  }

  /** The quote is no longer in the book: filled, cancelled or refused. */
  remove(clientId: number): void {
    this.#live.delete(clientId);
  }

  /** Takes these for its live quotes, and no others. */
  adopt(quotes: readonly Quote[]): void {
    this.#live.clear();
    for (const quote of quotes) this.#live.set(quote.clientId, quote);
  }

  /** Goes on from another mid price: where the market was left. */
  moveTo(midTicks: number): void {
    this.#midTicks = midTicks;
  }

  /**
   * Moves the mid price and answers what has to change: quotes the mid has come too near to or left
   * behind go, holes in the ladder are filled. Placed quotes count as live at once.
   */
  step(): QuoteChanges {
    const changesMax = this.#live.size === 0 ? 2 * QUOTES_PER_SIDE : CHANGES_PER_STEP;
    this.#walk();
    const cancel = this.#staleQuotes();
    for (const quote of cancel) this.#live.delete(quote.clientId);
    const place = this.#missingQuotes(changesMax);
    for (const quote of place) this.#live.set(quote.clientId, quote);
    return { cancel, place };
  }

  /** A small order that crosses the spread. */
  takerOrder(): TakerOrder {
    const { halfSpreadTicks, gapTicks, quoteLots } = this.#market;
    const isBid = this.#random.chance(0.5);
    const reachTicks = halfSpreadTicks + gapTicks * this.#random.integer(1, 3);
    const quantityLots = this.#random.integer(Math.ceil(quoteLots / 20), quoteLots);
    const priceTicks = this.#random.chance(0.3)
      ? undefined
      : this.#midTicks + (isBid ? reachTicks : -reachTicks);
    return { isBid, priceTicks, quantityLots };
  }

  #walk(): void {
    const { startPriceTicks, walkTicks } = this.#market;
    const moved = this.#midTicks + this.#random.integer(-walkTicks, walkTicks);
    const lowest = Math.ceil(startPriceTicks * LOWEST_FACTOR);
    const highest = Math.floor(startPriceTicks * HIGHEST_FACTOR);
    this.#midTicks = Math.min(Math.max(moved, lowest), highest);
  }

  /** Quotes inside the spread, all of them, and a few of those beyond the end of the ladder. */
  #staleQuotes(): Quote[] {
    const { halfSpreadTicks, gapTicks } = this.#market;
    const farthest = halfSpreadTicks + gapTicks * QUOTES_PER_SIDE;
    const stale: Quote[] = [];
    let far = 0;
    for (const quote of this.#live.values()) {
      const distance = this.#distance(quote.isBid, quote.priceTicks);
      if (distance < halfSpreadTicks) stale.push(quote);
      else if (distance > farthest && far++ < CHANGES_PER_STEP) stale.push(quote);
    }
    return stale;
  }

  /** Fills the ladder's rungs nearest to the mid price first, both sides in turn. */
  #missingQuotes(max: number): Quote[] {
    const { halfSpreadTicks, gapTicks, quoteLots } = this.#market;
    const missing: Quote[] = [];
    for (let rung = 0; rung < QUOTES_PER_SIDE && missing.length < max; rung++) {
      for (const isBid of [true, false]) {
        const distance = halfSpreadTicks + rung * gapTicks;
        if (missing.length === max || this.#hasQuoteNear(isBid, distance)) continue;
        missing.push({
          clientId: this.#nextClientId(),
          isBid,
          priceTicks: this.#midTicks + (isBid ? -distance : distance),
          quantityLots: this.#random.integer(Math.ceil(quoteLots / 4), quoteLots * (rung + 1)),
        });
      }
    }
    return missing;
  }

  #hasQuoteNear(isBid: boolean, distance: number): boolean {
    const { gapTicks } = this.#market;
    for (const quote of this.#live.values()) {
      if (quote.isBid !== isBid) continue;
      const offset = this.#distance(isBid, quote.priceTicks) - distance;
      if (offset >= 0 && offset < gapTicks) return true;
    }
    return false;
  }

  /** How far a price lies from the mid, outwards. */
  #distance(isBid: boolean, priceTicks: number): number {
    return isBid ? this.#midTicks - priceTicks : priceTicks - this.#midTicks;
  }
}
