import { BookSide } from './book-side.ts';
import { unitsOf } from './decimal-text.ts';
import type { DepthSnapshot } from './rest-client.ts';

type WireLevel = readonly [price: string, quantity: string];

/** `data` of a depth frame, as far as the book needs it. */
export interface DepthEvent {
  /** First and last update id in the event. */
  readonly U: number;
  readonly u: number;
  readonly a: readonly WireLevel[];
  readonly b: readonly WireLevel[];
}

/** The stream's ids have a hole: the book is unknown until a new snapshot. */
export class SequenceGap extends Error {
  override name = 'SequenceGap';
}

/** Decimal places in which the market's prices and quantities are whole numbers. */
export interface BookUnits {
  readonly priceDecimals: number;
  readonly quantityDecimals: number;
}

/**
 * A book rebuilt from the public depth stream. Until a snapshot arrives events are kept; then those it
 * covers are dropped, the first kept one must join it without a hole, and from there on every event
 * must follow the one before: `U == previous u + 1`.
 */
export class BookBuilder {
  readonly bids = new BookSide('bid');
  readonly asks = new BookSide('ask');
  readonly #units: BookUnits;
  #waiting: DepthEvent[] | undefined = [];
  #updateId = 0;

  constructor(units: BookUnits) {
    this.#units = units;
  }

  /** Last update id in the book; 0 before the first snapshot. */
  get updateId(): number {
    return this.#updateId;
  }

  get synchronised(): boolean {
    return this.#waiting === undefined;
  }

  /** Takes the snapshot's book and what was kept since; throws `SequenceGap` when they do not join. */
  applySnapshot(snapshot: DepthSnapshot): void {
    this.bids.clear();
    this.asks.clear();
    this.#applyLevels(snapshot.bids, snapshot.asks);
    this.#updateId = Number(snapshot.lastUpdateId);
    const kept = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const event of kept) {
      if (event.u > this.#updateId) this.applyEvent(event);
    }
  }

  /** Applies one event of the stream, or keeps it until the snapshot is there. */
  applyEvent(event: DepthEvent): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(event);
      return;
    }
    if (event.u <= this.#updateId) return;
    this.advance(event.U, event.u);
    this.#applyLevels(event.b, event.a);
  }

  /**
   * Moves the update id over an event whose levels the caller sets itself. Only the event that
   * straddles a snapshot may begin below the next id; it has whole quantities, so it can be applied.
   */
  advance(firstId: number, lastId: number): void {
    if (firstId !== this.#updateId + 1 && (this.#strict || firstId > this.#updateId + 1)) {
      throw new SequenceGap(`depth event ${firstId}…${lastId} follows ${this.#updateId}`);
    }
    this.#strict = true;
    this.#updateId = lastId;
  }
  #strict = false;

  #applyLevels(bids: readonly WireLevel[], asks: readonly WireLevel[]): void {
    const { priceDecimals, quantityDecimals } = this.#units;
    for (const [price, quantity] of bids) {
      this.bids.set(unitsOf(price, priceDecimals), unitsOf(quantity, quantityDecimals));
    }
    for (const [price, quantity] of asks) {
      this.asks.set(unitsOf(price, priceDecimals), unitsOf(quantity, quantityDecimals));
    }
  }
}
