import type { BookUnits } from '../client/book-builder.ts';
import type { BookSide } from '../client/book-side.ts';
import { textOf } from '../client/decimal-text.ts';
import { NAMED_MAX } from './check.ts';
import { Decimal } from './decimal-sums.ts';
import { type EventFrame, Member } from './event-frame.ts';

/** A book as the depth stream makes it, and up to which prices it is known. */
export interface RebuiltBook {
  readonly bids: BookSide;
  readonly asks: BookSide;
  readonly known: { readonly bid: number; readonly ask: number };
}

/** What `bookTicker` frames told, against the rebuilt book. */
export interface TickerFindings {
  readonly tickersCompared: number;
  /** Of an update at which the book was not known. */
  readonly tickersUncompared: number;
  readonly wrongTickerCount: number;
  /** The first few in words. */
  readonly wrongTickers: readonly string[];
  /** Updates that changed a best level and of which no frame came. */
  readonly missingTickerCount: number;
  /** The first few of them. */
  readonly missingTickers: readonly number[];
}

/** Updates whose frame may still come; beyond that the oldest is missing for good. */
const UNTOLD_MAX = 10_000;

/**
 * Holds the best levels that a market tells against the best of the book that its depth stream makes, at each update,
 * and misses those that it does not tell.
 */
export class HeardBestLevels {
  readonly #units: BookUnits;
  readonly #decimal = new Decimal();
  /** Best bid's price and quantity, then the ask's; 0 of an empty side. */
  readonly #told = new Float64Array(4);
  /** Of what was told last and waits for its depth frame; 0 when none does. */
  #updateId = 0;
  /** Whether `#told` are the best levels as they were last known. */
  #isFollowing = false;
  /** Updates that changed a best level and were not told so far, in their order. */
  readonly #untold = new Set<number>();
  /** Of the last depth frame. */
  #bookUpdateId = 0;
  #missingForGood = 0;
  #compared = 0;
  #uncompared = 0;
  #wrongCount = 0;
  readonly #wrong: string[] = [];

  constructor(units: BookUnits) {
    this.#units = units;
  }

  take(event: EventFrame, book: RebuiltBook, bookUpdateId: number): void {
    if (this.#updateId !== 0) this.#uncompared++;
    const { priceDecimals, quantityDecimals } = this.#units;
    this.#updateId = event.whole(Member.updateId);
    this.#untold.delete(this.#updateId);
    this.#told[0] = this.#read(event, Member.bidPrice, priceDecimals);
    this.#told[1] = this.#read(event, Member.bidQuantity, quantityDecimals);
    this.#told[2] = this.#read(event, Member.askPrice, priceDecimals);
    this.#told[3] = this.#read(event, Member.askQuantity, quantityDecimals);
    this.#compare(book, bookUpdateId);
  }

  /** To be called after each depth frame. */
  bookIsAt(book: RebuiltBook, updateId: number): void {
    this.#bookUpdateId = updateId;
    this.#compare(book, updateId);
    // Told of a later update already: of those before it nothing can be said.
    if (this.#updateId !== 0) return;
    const isKnown = this.#isKnown(book);
    if (isKnown && this.#isFollowing && !this.#isTold(book)) this.#expect(updateId);
    this.#isFollowing = isKnown;
    this.#follow(book);
  }

  #compare(book: RebuiltBook, updateId: number): void {
    if (this.#updateId === 0 || this.#updateId > updateId) return;
    const isSame = this.#updateId === updateId;
    this.#updateId = 0;
    if (!isSame || !this.#isKnown(book)) {
      this.#uncompared++;
      this.#follow(book);
      return;
    }
    this.#compared++;
    if (!this.#isTold(book)) {
      this.#wrongCount++;
      if (this.#wrong.length < NAMED_MAX) this.#wrong.push(this.#words(book, updateId));
    }
    this.#isFollowing = true;
    this.#follow(book);
  }

  #expect(updateId: number): void {
    const untold = this.#untold;
    untold.add(updateId);
    if (untold.size <= UNTOLD_MAX) return;
    const [oldest] = untold;
    untold.delete(oldest!);
    this.#missingForGood++;
  }

  #isTold({ bids, asks }: RebuiltBook): boolean {
    const [bid, bidQuantity, ask, askQuantity] = this.#told as unknown as number[];
    return isBest(bids, bid!, bidQuantity!) && isBest(asks, ask!, askQuantity!);
  }

  /** What is told next differs from this. */
  #follow({ bids, asks }: RebuiltBook): void {
    const told = this.#told;
    told[0] = bids.length === 0 ? 0 : bids.priceAt(0);
    told[1] = bids.length === 0 ? 0 : bids.quantityAt(0);
    told[2] = asks.length === 0 ? 0 : asks.priceAt(0);
    told[3] = asks.length === 0 ? 0 : asks.quantityAt(0);
  }

  get findings(): TickerFindings {
    return {
      tickersCompared: this.#compared,
      tickersUncompared: this.#uncompared,
      wrongTickerCount: this.#wrongCount,
      wrongTickers: this.#wrong,
      ...this.#missing(),
    };
  }

  /** Without that of the last depth frame, which may be on its way. */
  #missing(): Pick<TickerFindings, 'missingTickerCount' | 'missingTickers'> {
    const missing = [...this.#untold].filter((updateId) => updateId !== this.#bookUpdateId);
    const missingTickerCount = this.#missingForGood + missing.length;
    return { missingTickerCount, missingTickers: missing.slice(0, NAMED_MAX) };
  }

  #isKnown({ bids, asks, known }: RebuiltBook): boolean {
    const isBidKnown = known.bid === 0 || (bids.length > 0 && bids.priceAt(0) >= known.bid);
    const isAskKnown = known.ask === Infinity || (asks.length > 0 && asks.priceAt(0) <= known.ask);
    return isBidKnown && isAskKnown;
  }

  #read(event: EventFrame, member: number, decimals: number): number {
    if (event.is(member, 'null')) return 0;
    const { units, places } = event.decimal(member, this.#decimal);
    return units * 10 ** (decimals - places);
  }

  #words({ bids, asks }: RebuiltBook, updateId: number): string {
    const { priceDecimals, quantityDecimals } = this.#units;
    const level = (price: number, quantity: number): string =>
      quantity === 0
        ? 'none'
        : `${textOf(quantity, quantityDecimals)} at ${textOf(price, priceDecimals)}`;
    const best = (side: BookSide): string =>
      side.length === 0 ? 'none' : level(side.priceAt(0), side.quantityAt(0));
    const [bid, bidQuantity, ask, askQuantity] = this.#told as unknown as number[];
    return (
      `update ${updateId}: bid ${level(bid!, bidQuantity!)} and ask ${level(ask!, askQuantity!)},` +
      ` in the rebuilt book ${best(bids)} and ${best(asks)}`
    );
  }
}

function isBest(side: BookSide, price: number, quantity: number): boolean {
  if (side.length === 0) return price === 0 && quantity === 0;
  return side.priceAt(0) === price && side.quantityAt(0) === quantity;
}
