import {
  BookBuilder,
  type BookUnits,
  type DepthEvent,
  SequenceGap,
} from '../client/book-builder.ts';
import type { BookSide } from '../client/book-side.ts';
import { textOf, unitsOf } from '../client/decimal-text.ts';
import { DepthFrameReader, queueDepthEvent } from '../client/depth-frame.ts';
import { DepthQueue } from '../client/depth-queue.ts';
import type { DepthSnapshot } from '../client/rest-client.ts';
import { decimalOf, exact } from './decimal-sums.ts';
import type { MarketFindings } from './stream-findings.ts';

/** How many findings of one kind are kept in words. */
const DETAILS_MAX = 5;

/** How many levels of a side a snapshot shows at most. */
const SNAPSHOT_LEVELS_MAX = 1000;

type Level = readonly [price: number, quantity: number];

interface WireTrade {
  /** Trade id. */
  readonly t: number;
  /** Quantity. */
  readonly q: string;
}

/** What the public streams of one market have told: its sequences, its trades, and the book that they make. */
export class HeardMarket {
  readonly symbol: string;
  readonly #units: BookUnits;
  readonly #book: BookBuilder;
  readonly #queue = new DepthQueue();
  readonly #reader: DepthFrameReader;
  /** Until the first event behind the snapshot. */
  #isJoining = true;
  readonly #gaps: string[] = [];
  #gapCount = 0;
  #lastUpdateId = 0;
  #lastTradeId = 0;
  #depthFrames = 0;
  #trades = 0;
  #quantity = 0n;
  /** Worst price of each side that the first snapshot showed: what lies beyond is not known. */
  #known = { bid: 0, ask: Number.POSITIVE_INFINITY };
  #compared = { levelsCompared: 0, differenceCount: 0, differences: [] as string[] };
  #engineUpdateId = 0;
  /** Frames that have come since the book was frozen. */
  #kept: Buffer[] | undefined;
  #keptUpdateId = 0;

  constructor(symbol: string, units: BookUnits) {
    this.symbol = symbol;
    this.#units = units;
    this.#book = new BookBuilder(units);
    this.#reader = new DepthFrameReader(this.#queue, symbol, units);
  }

  /** Of the last frame that came, taken in or kept. */
  get updateId(): number {
    return Math.max(this.#lastUpdateId, this.#keptUpdateId);
  }

  get differenceCount(): number {
    return this.#compared.differenceCount;
  }

  /** The first snapshot, which the depth frames before and after it join. */
  begin(snapshot: DepthSnapshot): void {
    const { bids, asks } = snapshot;
    const { priceDecimals } = this.#units;
    if (bids.length === SNAPSHOT_LEVELS_MAX) this.#known.bid = unitsOf(bids[0]![0], priceDecimals);
    if (asks.length === SNAPSHOT_LEVELS_MAX) {
      this.#known.ask = unitsOf(asks.at(-1)![0], priceDecimals);
    }
    try {
      this.#book.applySnapshot(snapshot);
    } catch (error) {
      if (!(error instanceof SequenceGap)) throw error;
      this.#gap(error.message);
    }
    this.#lastUpdateId = this.#book.updateId;
  }

  /** Keeps the book as it is, until `compare`: of a market that never rests it can be held against a later snapshot. */
  freeze(): void {
    this.#kept ??= [];
  }

  /** A frame of the market's depth stream. */
  depth(frame: Buffer): void {
    if (this.#kept !== undefined) {
      this.#kept.push(Buffer.from(frame));
      this.#keptUpdateId = eventOf(frame).u;
      return;
    }
    this.#depthFrames++;
    const book = this.#book;
    const queue = this.#queue;
    if (!book.synchronised) {
      book.applyEvent(eventOf(frame));
      return;
    }
    if (!this.#reader.read(frame)) queueDepthEvent(queue, eventOf(frame), this.#units);
    if (this.#follows(queue.firstId, queue.lastId)) queue.applyHead(book.bids, book.asks);
    else queue.dropHead();
  }

  /** A frame of the market's trade stream. */
  trade(frame: Buffer): void {
    const { data } = JSON.parse(frame.toString('utf8')) as { data: WireTrade };
    if (this.#lastTradeId > 0 && data.t !== this.#lastTradeId + 1) {
      this.#gap(`trade ${data.t} follows ${this.#lastTradeId}`);
    }
    this.#lastTradeId = data.t;
    this.#trades++;
    this.#quantity += exact(data.q);
  }

  /**
   * Holds the book against the engine's, level by level, as far as both are known: as it was at the moment of the
   * snapshot, where the market was frozen before that.
   */
  compare(snapshot: DepthSnapshot): void {
    this.#compared = { levelsCompared: 0, differenceCount: 0, differences: [] };
    this.#engineUpdateId = Number(snapshot.lastUpdateId);
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    const later = kept.findIndex((frame) => eventOf(frame).u > this.#engineUpdateId);
    const upTo = later < 0 ? kept.length : later;
    for (const frame of kept.slice(0, upTo)) this.depth(frame);
    this.#compareSides(snapshot);
    for (const frame of kept.slice(upTo)) this.depth(frame);
  }

  #compareSides(snapshot: DepthSnapshot): void {
    // A snapshot's levels ascend by price on both sides.
    const bids = this.#levelsOf(snapshot.bids).reverse();
    const asks = this.#levelsOf(snapshot.asks);
    this.#compareSide('bid', bids, this.#book.bids, -1, this.#known.bid);
    this.#compareSide('ask', asks, this.#book.asks, 1, this.#known.ask);
  }

  get findings(): MarketFindings {
    return {
      symbol: this.symbol,
      depthFrames: this.#depthFrames,
      trades: this.#trades,
      quantity: decimalOf(this.#quantity),
      gapCount: this.#gapCount,
      gaps: this.#gaps,
      ...this.#compared,
      updateId: this.#lastUpdateId,
      engineUpdateId: this.#engineUpdateId,
    };
  }

  /** Whether the event is news; notes whether it follows the last one. */
  #follows(firstId: number, lastId: number): boolean {
    const before = this.#lastUpdateId;
    // Of the first frames, some may be older than the snapshot.
    if (lastId <= before && this.#isJoining) return false;
    const isWhole = firstId === before + 1 || (this.#isJoining && firstId <= before);
    if (!isWhole) this.#gap(`depth update ${firstId}…${lastId} follows ${before}`);
    this.#isJoining = false;
    this.#lastUpdateId = lastId;
    return true;
  }

  #gap(what: string): void {
    this.#gapCount++;
    if (this.#gaps.length < DETAILS_MAX) this.#gaps.push(what);
  }

  #levelsOf(levels: DepthSnapshot['bids']): Level[] {
    const { priceDecimals, quantityDecimals } = this.#units;
    return levels.map(([price, quantity]) => [
      unitsOf(price, priceDecimals),
      unitsOf(quantity, quantityDecimals),
    ]);
  }

  /** @param direction 1 when prices rise from the best level on, −1 when they fall */
  #compareSide(
    side: string,
    engine: readonly Level[],
    built: BookSide,
    direction: 1 | -1,
    known: number,
  ): void {
    const shown = engine.length === SNAPSHOT_LEVELS_MAX ? engine.at(-1)![0] : known;
    const worst = direction === 1 ? Math.min(known, shown) : Math.max(known, shown);
    const isKnown = (price: number): boolean => (worst - price) * direction >= 0;
    const wanted = new Map(engine.filter(([price]) => isKnown(price)));
    for (let rank = 0; rank < built.length; rank++) {
      const price = built.priceAt(rank);
      if (!isKnown(price)) break;
      this.#compareLevel(side, price, wanted.get(price) ?? 0, built.quantityAt(rank));
      wanted.delete(price);
    }
    for (const [price, quantity] of wanted) this.#compareLevel(side, price, quantity, 0);
  }

  #compareLevel(side: string, price: number, engine: number, built: number): void {
    const compared = this.#compared;
    compared.levelsCompared++;
    if (engine === built) return;
    compared.differenceCount++;
    if (compared.differences.length === DETAILS_MAX) return;
    const { priceDecimals, quantityDecimals } = this.#units;
    const quantity = (units: number): string => textOf(units, quantityDecimals);
    compared.differences.push(
      `${side} ${textOf(price, priceDecimals)} is ${quantity(engine)}, rebuilt ${quantity(built)}`,
    );
  }
}

function eventOf(frame: Buffer): DepthEvent {
  return (JSON.parse(frame.toString('utf8')) as { data: DepthEvent }).data;
}
