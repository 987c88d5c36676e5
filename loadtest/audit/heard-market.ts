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
import { compactFrame, EventFrame } from './event-frame.ts';
import { HeardBestLevels, type RebuiltBook } from './heard-best-levels.ts';
import { HeardTrades } from './heard-trades.ts';
import type { BookFindings, MarketFindings } from './stream-findings.ts';

/** How many findings of one kind are kept in words. */
const DETAILS_MAX = 5;

/** How many levels of a side a snapshot shows at most. */
const SNAPSHOT_LEVELS_MAX = 1000;

type Level = readonly [price: number, quantity: number];

const NONE_COMPARED: BookFindings = { levelsCompared: 0, differenceCount: 0, differences: [] };

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
  #depthFrames = 0;
  readonly #event = new EventFrame();
  readonly #trades = new HeardTrades();
  readonly #bestLevels: HeardBestLevels;
  /** Worst price of each side that the first snapshot showed: what lies beyond is not known. */
  #known = { bid: 0, ask: Number.POSITIVE_INFINITY };
  #compared = { ...NONE_COMPARED, differences: [] as string[] };
  /** Of the comparisons before the last one. */
  #during = { ...NONE_COMPARED, differences: [] as string[], comparisons: 0 };
  #engineUpdateId = 0;
  /** Frames that have come since the book was frozen. */
  #kept: { readonly frame: Buffer; readonly isTicker: boolean }[] | undefined;
  #keptUpdateId = 0;

  constructor(symbol: string, units: BookUnits) {
    this.symbol = symbol;
    this.#units = units;
    this.#book = new BookBuilder(units);
    this.#reader = new DepthFrameReader(this.#queue, symbol, units);
    this.#bestLevels = new HeardBestLevels(units);
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
      this.#kept.push({ frame: Buffer.from(frame), isTicker: false });
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
    this.#bestLevels.bookIsAt(this.#rebuilt, this.#lastUpdateId);
  }

  /** A frame of the market's `bookTicker` stream. */
  bookTicker(frame: Buffer): void {
    if (this.#kept !== undefined) {
      this.#kept.push({ frame: Buffer.from(frame), isTicker: true });
    } else if (this.#book.synchronised) {
      this.#bestLevels.take(this.#read(frame), this.#rebuilt, this.#lastUpdateId);
    }
  }

  /** A frame of the market's trade stream. */
  trade(frame: Buffer): void {
    const trades = this.#trades;
    const before = trades.lastId;
    trades.take(this.#read(frame));
    if (before > 0 && trades.lastId !== before + 1) {
      this.#gap(`trade ${trades.lastId} follows ${before}`);
    }
  }

  /**
   * Holds the book against the engine's, level by level, as far as both are known: as it was at the moment of the
   * snapshot, where the market was frozen before that. False, and nothing compared, when the snapshot is older than the
   * book, or of the middle of a frame.
   */
  compare(snapshot: DepthSnapshot): boolean {
    this.#compared = { ...NONE_COMPARED, differences: [] };
    this.#engineUpdateId = Number(snapshot.lastUpdateId);
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    const later = kept.findIndex(({ frame }) => eventOf(frame).u > this.#engineUpdateId);
    const isWithin =
      later >= 0 && !kept[later]!.isTicker && eventOf(kept[later]!.frame).U <= this.#engineUpdateId;
    const isComparable = this.#engineUpdateId >= this.#lastUpdateId && !isWithin;
    const upTo = later < 0 ? kept.length : later;
    for (const { frame, isTicker } of kept.slice(0, upTo)) this.#take(frame, isTicker);
    if (isComparable) this.#compareSides(snapshot);
    for (const { frame, isTicker } of kept.slice(upTo)) this.#take(frame, isTicker);
    return isComparable;
  }

  #take(frame: Buffer, isTicker: boolean): void {
    if (isTicker) this.bookTicker(frame);
    else this.depth(frame);
  }

  /** Takes in what was kept: there is nothing to compare with. */
  thaw(): void {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    for (const { frame, isTicker } of kept) this.#take(frame, isTicker);
  }

  /** As `compare`, of a market that trades on: what was found is kept beside that of the last comparison. */
  compareDuringRun(snapshot: DepthSnapshot): void {
    if (!this.compare(snapshot)) return;
    const { levelsCompared, differenceCount, differences } = this.#compared;
    const during = this.#during;
    during.comparisons++;
    during.levelsCompared += levelsCompared;
    during.differenceCount += differenceCount;
    during.differences.push(...differences.slice(0, DETAILS_MAX - during.differences.length));
  }

  get #rebuilt(): RebuiltBook {
    const { bids, asks } = this.#book;
    return { bids, asks, known: this.#known };
  }

  /** Valid until the next one. */
  #read(frame: Buffer): EventFrame {
    const event = this.#event;
    if (event.read(frame, 0, frame.length) !== undefined) return event;
    const compact = compactFrame(frame.toString('utf8'));
    if (compact === undefined || event.read(compact, 0, compact.length) === undefined) {
      throw new Error(`an event that cannot be read: ${frame.toString('utf8')}`);
    }
    return event;
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
      trades: this.#trades.count,
      quantity: this.#trades.quantity,
      tradeSums: this.#trades.sums,
      ...this.#bestLevels.findings,
      during: this.#during,
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
