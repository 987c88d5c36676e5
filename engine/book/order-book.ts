import { assert } from '../assert.ts';
import type { Hash64 } from '../collections/hash64.ts';
import type { MultisetHash } from '../collections/multiset-hash.ts';
import { RecordDigest, type RecordSource } from '../collections/record-digest.ts';
import { RecordIndex } from '../collections/record-index.ts';
import { RecordPool } from '../collections/record-pool.ts';
import { Side } from '../protocol/enums.ts';
import { MAX_AMOUNT, type PriceTicks, type QuantityLots } from '../protocol/units.ts';
import { type AddTerms, addOrder, NOBODY_AHEAD } from './book-hash.ts';
import { FillBuffer } from './fill-buffer.ts';
import { isEnoughOfOthers, isEnoughThere } from './fill-or-kill.ts';
import { PriceIndex } from './price-index.ts';

/*
 * Constants of the hot path are this module's own: V8 folds those into the code, imported ones it loads.
 */
const BID = Side.Bid;
const ASK = Side.Ask;
/** Of a price in ticks, of lots and of a level's total: what a double holds exactly. */
const MAX = MAX_AMOUNT;

/** Absent record: end of a queue, no level, order not found. */
const NONE = -1;

/** No account: whose orders to avoid when nobody's are. */
export const NOBODY = -1;

/*
 * Records (see RecordPool) are two doubles and four integers: the first fields of each are read as
 * doubles[record * 4 + FIELD], the others as ints[record * 8 + FIELD].
 */
const ORDER_ID = 0;
/** Open lots, 1 or more. */
const ORDER_LOTS = 1;
/** The order behind it in its level's queue, and the one ahead of it. */
const ORDER_NEXT = 4;
const ORDER_PREVIOUS = 5;
const ORDER_LEVEL = 6;
const ORDER_OWNER = 7;

const LEVEL_PRICE = 0;
/** The sum of its orders' lots. */
const LEVEL_LOTS = 1;
/** The first and the last order of its queue; what they are in an empty level means nothing. */
const LEVEL_HEAD = 4;
const LEVEL_TAIL = 5;
const LEVEL_COUNT = 6;
// The last integer of a level, 7, is the price index's.

/**
 * The resting orders of one market in price-time priority. Prices are whole ticks and quantities whole
 * lots, 1 … 2^53 − 1; order ids are any whole numbers up to 2^53 − 1; an owner is an account id below
 * 2^31. Knows nothing of markets, money or time, and never crosses.
 *
 * An order is one 32-byte record in a doubly linked queue of its level; a level is one 32-byte record
 * in the price index of its side, for as long as it has orders; a hash map leads from an order's id to its
 * record. Nothing is allocated but when one of these grows, and no command costs more for a wider price
 * range, a longer queue or a fuller book; only a fill-or-kill adds up the levels within its limit until they
 * suffice, and with an owner to avoid the orders. Orders do not store their side: in a book that is not
 * crossed, the bids are exactly the orders at or below the best bid.
 *
 * `checkBook` says what must hold of all this between two commands.
 */
export class OrderBook {
  /** The fills of the last `match`, and of what went on with it. */
  readonly fills = new FillBuffer();
  /** The id of the resting order of the owner to avoid that the last match stopped at, or −1. */
  stoppedAtOrderId: number = NONE;
  /** Side, price and owner of the order that `look` last found or `cancel` removed. */
  lastSide: Side = BID;
  lastPriceTicks = 0 as PriceTicks;
  lastOwner = 0;
  /** The total at its price after the last `rest`, `cancel` or `reduce`. */
  lastLevelLots = 0 as QuantityLots;
  readonly #orders = new RecordPool();
  readonly #levels = new RecordPool();
  readonly #orderOfId: RecordIndex;
  readonly #bids = new PriceIndex(this.#levels, false);
  readonly #asks = new PriceIndex(this.#levels, true);
  readonly #digest = new RecordDigest();
  readonly #digestSource: RecordSource;

  /**
   * @param addTerms what else of an order the book's hash takes in
   * @param hashSeed of the index by order id, where outsiders choose those; it never shows
   */
  constructor(addTerms: AddTerms | null = null, hashSeed = 0) {
    this.#orderOfId = new RecordIndex(4, ORDER_ID, hashSeed);
    this.#digestSource = {
      forEachRecord: (visit) => this.#orderOfId.forEach(visit),
      addRecord: (order, hash) => this.#addRecord(order, hash, addTerms),
    };
  }

  /** Orders resting on both sides. */
  get orderCount(): number {
    return this.#orderOfId.size;
  }

  /**
   * Trades against the other side at `limitTicks` or better, in price-time order; `fills` then holds
   * this call's fills. `budgetTickLots` bounds Σ price × lots of the fills (Infinity = unbounded): at each
   * maker the most lots are taken whose cost stays within it, and matching stops where not even
   * one is affordable. It also stops where the next lot would be one of `avoidOwner`, whose order
   * `stoppedAtOrderId` then names. Answers the lots left untraded; nothing of them rests.
   */
  match(
    takerSide: Side,
    limitTicks: number,
    quantityLots: number,
    budgetTickLots: number,
    avoidOwner: number = NOBODY,
  ): QuantityLots {
    this.fills.count = 0;
    return this.matchOn(takerSide, limitTicks, quantityLots, budgetTickLots, avoidOwner);
  }

  /** Like `match`, with what is left of the last one's lots and budget; adds to its fills. */
  matchOn(
    takerSide: Side,
    limitTicks: number,
    quantityLots: number,
    budgetTickLots: number,
    avoidOwner: number,
  ): QuantityLots {
    this.stoppedAtOrderId = NONE;
    const makers = takerSide === BID ? this.#asks : this.#bids;
    let left = quantityLots;
    let budget = budgetTickLots;
    let level = makers.best;
    while (left > 0 && level !== NONE) {
      const price = this.#levels.doubles[level * 4 + LEVEL_PRICE];
      if (takerSide === BID ? price > limitTicks : price < limitTicks) break;
      // Exact: for whole numbers up to 2^53 − 1 the rounded quotient never reaches the next whole number.
      const wanted = Math.min(left, Math.floor(budget / price));
      const taken = this.#takeFrom(level, price, wanted, avoidOwner);
      left -= taken;
      budget -= taken * price;
      // Who leaves orders behind wants no more, can afford no more, or stopped at one to avoid.
      if (this.#levels.ints[level * 8 + LEVEL_COUNT] !== 0) break;
      makers.remove(level);
      level = makers.best;
    }
    return left as QuantityLots;
  }

  /**
   * Whether all of `quantityLots` would trade at `limitTicks` or better, where orders of `avoidOwner` are
   * passed over or, with `stopsThere`, end it. Changes nothing.
   */
  canFill(
    takerSide: Side,
    limitTicks: number,
    quantityLots: number,
    avoidOwner: number = NOBODY,
    stopsThere: boolean = false,
  ): boolean {
    return (
      isEnoughThere(this, takerSide, limitTicks, quantityLots) &&
      // Only now is it worth asking, order by order, whose it is.
      (avoidOwner === NOBODY ||
        isEnoughOfOthers(this, takerSide, limitTicks, quantityLots, avoidOwner, stopsThere))
    );
  }

  /** Whether an order of this side and price would trade at once. */
  wouldTake(side: Side, priceTicks: number): boolean {
    const best = side === BID ? this.#asks.best : this.#bids.best;
    if (best === NONE) return false;
    const bestTicks = this.#levels.doubles[best * 4 + LEVEL_PRICE];
    return side === BID ? bestTicks <= priceTicks : bestTicks >= priceTicks;
  }

  /**
   * Puts an order at the end of its level's queue. Asserts, with nothing changed, that it does not cross,
   * that its id is not in the book, that `lots` ≥ 1 and that the level's total stays a safe integer.
   */
  rest(orderId: number, owner: number, side: Side, priceTicks: number, lots: number): void {
    assert(lots >= 1 && lots <= MAX, 'lots out of range');
    assert(priceTicks >= 1 && priceTicks <= MAX, 'price out of range');
    assert(!this.wouldTake(side, priceTicks), 'a resting order would cross the book');
    const order = this.#orders.allocate();
    const { doubles, ints } = this.#orders;
    doubles[order * 4 + ORDER_ID] = orderId;
    const isNew = this.#orderOfId.insert(order, doubles);
    if (!isNew) this.#refuse(order, 'order id is in the book already');
    // A level made here is empty, so one whose total would be too much was there before.
    const level = (side === BID ? this.#bids : this.#asks).findOrInsert(priceTicks);
    const levels = this.#levels.ints;
    const levelDoubles = this.#levels.doubles;
    const levelLots = levelDoubles[level * 4 + LEVEL_LOTS] + lots;
    if (levelLots > MAX) this.#refuse(order, 'level total is not a safe integer');
    const ahead = levels[level * 8 + LEVEL_COUNT];
    levelDoubles[level * 4 + LEVEL_LOTS] = levelLots;
    this.lastLevelLots = levelLots as QuantityLots;
    levels[level * 8 + LEVEL_COUNT] = ahead + 1;
    let tail: number = NONE;
    if (ahead === 0) {
      levels[level * 8 + LEVEL_HEAD] = order;
    } else {
      tail = levels[level * 8 + LEVEL_TAIL];
      ints[tail * 8 + ORDER_NEXT] = order;
    }
    levels[level * 8 + LEVEL_TAIL] = order;
    doubles[order * 4 + ORDER_LOTS] = lots;
    ints[order * 8 + ORDER_NEXT] = NONE;
    ints[order * 8 + ORDER_PREVIOUS] = tail;
    ints[order * 8 + ORDER_LEVEL] = level;
    ints[order * 8 + ORDER_OWNER] = owner;
    this.#digest.touch(order);
  }

  /**
   * Removes an order; answers its open lots, 0 if it does not rest. Afterwards `lastSide`, `lastPriceTicks`
   * and `lastOwner` tell what it was, `lastLevelLots` what it left (unchanged when the answer is 0).
   */
  cancel(orderId: number): QuantityLots {
    const { doubles, ints } = this.#orders;
    const order = this.#orderOfId.delete(orderId, doubles);
    if (order === NONE) return 0 as QuantityLots;
    const levels = this.#levels.ints;
    const levelDoubles = this.#levels.doubles;
    const level = ints[order * 8 + ORDER_LEVEL];
    const lots = doubles[order * 4 + ORDER_LOTS];
    this.lastOwner = ints[order * 8 + ORDER_OWNER];
    this.lastPriceTicks = levelDoubles[level * 4 + LEVEL_PRICE] as PriceTicks;
    // Its level still stands: without it the best bid, which tells the side, may be another.
    this.lastSide = this.#sideOfPrice(this.lastPriceTicks);
    const next = ints[order * 8 + ORDER_NEXT];
    const previous = ints[order * 8 + ORDER_PREVIOUS];
    this.#orders.release(order);
    this.#digest.touch(order);
    if (next === NONE && previous === NONE) {
      // It was alone.
      (this.lastSide === BID ? this.#bids : this.#asks).remove(level);
      this.lastLevelLots = 0 as QuantityLots;
      return lots as QuantityLots;
    }
    if (next === NONE) levels[level * 8 + LEVEL_TAIL] = previous;
    else {
      ints[next * 8 + ORDER_PREVIOUS] = previous;
      // Its hash names the order ahead of it.
      this.#digest.touch(next);
    }
    if (previous === NONE) levels[level * 8 + LEVEL_HEAD] = next;
    else ints[previous * 8 + ORDER_NEXT] = next;
    levels[level * 8 + LEVEL_COUNT]--;
    const levelLots = levelDoubles[level * 4 + LEVEL_LOTS] - lots;
    levelDoubles[level * 4 + LEVEL_LOTS] = levelLots;
    this.lastLevelLots = levelLots as QuantityLots;
    return lots as QuantityLots;
  }

  /**
   * Takes lots off an order's open quantity; it keeps its place. Answers the new open lots, or −1, with
   * nothing changed, if it does not rest or would have none left.
   */
  reduce(orderId: number, lots: number): number {
    const order = this.#orderOfId.find(orderId, this.#orders.doubles);
    if (order === NONE) return -1;
    const { doubles, ints } = this.#orders;
    const open = doubles[order * 4 + ORDER_LOTS] - lots;
    if (open <= 0) return -1;
    assert(lots >= 0, 'a reduction cannot add');
    doubles[order * 4 + ORDER_LOTS] = open;
    this.#digest.touch(order);
    const level = ints[order * 8 + ORDER_LEVEL];
    this.#levels.doubles[level * 4 + LEVEL_LOTS] -= lots;
    this.lastLevelLots = this.#levels.doubles[level * 4 + LEVEL_LOTS] as QuantityLots;
    return open;
  }

  /** The open lots of an order, 0 if it does not rest; if it does, the `last…` fields tell what it is. */
  look(orderId: number): QuantityLots {
    const { doubles, ints } = this.#orders;
    const order = this.#orderOfId.find(orderId, doubles);
    if (order === NONE) return 0 as QuantityLots;
    const level = ints[order * 8 + ORDER_LEVEL];
    this.lastOwner = ints[order * 8 + ORDER_OWNER];
    this.lastPriceTicks = this.#levels.doubles[level * 4 + LEVEL_PRICE] as PriceTicks;
    this.lastSide = this.#sideOfPrice(this.lastPriceTicks);
    return doubles[order * 4 + ORDER_LOTS] as QuantityLots;
  }

  /** 0 if the order does not rest. */
  openLots(orderId: number): QuantityLots {
    const order = this.#orderOfId.find(orderId, this.#orders.doubles);
    return (order === NONE ? 0 : this.#orders.doubles[order * 4 + ORDER_LOTS]) as QuantityLots;
  }

  /** Of an order that rests. */
  sideOf(orderId: number): Side {
    return this.#sideOfPrice(this.priceOf(orderId));
  }

  /** Of an order that rests. */
  priceOf(orderId: number): PriceTicks {
    const level = this.#orders.ints[this.#resting(orderId) * 8 + ORDER_LEVEL];
    return this.#levels.doubles[level * 4 + LEVEL_PRICE] as PriceTicks;
  }

  /** The account id, of an order that rests. */
  ownerOf(orderId: number): number {
    return this.#orders.ints[this.#resting(orderId) * 8 + ORDER_OWNER];
  }

  /** 0 when there are no bids. */
  bestBid(): PriceTicks {
    const best = this.#bids.best;
    return (best === NONE ? 0 : this.#levels.doubles[best * 4 + LEVEL_PRICE]) as PriceTicks;
  }

  /** 0 when there are no asks. */
  bestAsk(): PriceTicks {
    const best = this.#asks.best;
    return (best === NONE ? 0 : this.#levels.doubles[best * 4 + LEVEL_PRICE]) as PriceTicks;
  }

  /** The total resting at a price, 0 = no level. */
  levelLots(side: Side, priceTicks: number): QuantityLots {
    const index = this.#sideIndex(side);
    const best = index.best;
    if (best === NONE) return 0 as QuantityLots;
    // A market is told of what is left of the levels that a match took: none, but perhaps of the best.
    const bestTicks = this.#levels.doubles[best * 4 + LEVEL_PRICE];
    if (side === BID ? priceTicks > bestTicks : priceTicks < bestTicks) return 0 as QuantityLots;
    const level = priceTicks === bestTicks ? best : index.find(priceTicks);
    return (level === NONE ? 0 : this.#levels.doubles[level * 4 + LEVEL_LOTS]) as QuantityLots;
  }

  /** Price levels of a side. */
  levelCount(side: Side): number {
    return this.#sideIndex(side).size;
  }

  /**
   * Visits up to `maxLevels` levels, best first, worse than `beyondTicks` unless 0, until `visit` answers
   * false. The book must not change meanwhile.
   */
  depth(
    side: Side,
    maxLevels: number,
    visit: (priceTicks: PriceTicks, lots: QuantityLots, orderCount: number) => unknown,
    beyondTicks = 0,
  ): void {
    const index = this.#sideIndex(side);
    const { doubles, ints } = this.#levels;
    let left = maxLevels;
    let level = beyondTicks === 0 ? index.best : index.firstWorseThan(beyondTicks);
    for (; level !== NONE && left > 0; level = index.nextWorse(level)) {
      const price = doubles[level * 4 + LEVEL_PRICE] as PriceTicks;
      const lots = doubles[level * 4 + LEVEL_LOTS] as QuantityLots;
      if (visit(price, lots, ints[level * 8 + LEVEL_COUNT]) === false) return;
      left--;
    }
  }

  /**
   * Visits every order of a side in priority, best price first, then time, until `visit` answers false. The
   * book must not change meanwhile.
   */
  forEachOrder(
    side: Side,
    visit: (orderId: number, owner: number, priceTicks: PriceTicks, lots: QuantityLots) => unknown,
  ): void {
    const index = this.#sideIndex(side);
    const { doubles, ints } = this.#orders;
    for (let level = index.best; level !== NONE; level = index.nextWorse(level)) {
      const price = this.#levels.doubles[level * 4 + LEVEL_PRICE] as PriceTicks;
      let order = this.#levels.ints[level * 8 + LEVEL_HEAD];
      while (order !== NONE) {
        const lots = doubles[order * 4 + ORDER_LOTS] as QuantityLots;
        const owner = ints[order * 8 + ORDER_OWNER];
        if (visit(doubles[order * 4 + ORDER_ID], owner, price, lots) === false) return;
        order = ints[order * 8 + ORDER_NEXT];
      }
    }
  }

  /** Visits the orders of one level from the last to the first, the way a queue is linked backwards. */
  forEachOrderFromBack(side: Side, priceTicks: number, visit: (orderId: number) => void): void {
    const level = this.#sideIndex(side).find(priceTicks);
    const { doubles, ints } = this.#orders;
    let order = level === NONE ? NONE : this.#levels.ints[level * 8 + LEVEL_TAIL];
    while (order !== NONE) {
      visit(doubles[order * 4 + ORDER_ID]);
      order = ints[order * 8 + ORDER_PREVIOUS];
    }
  }

  /**
   * The sum of what every resting order says, its place in the queue included. Equal books give equal
   * sums, whatever their history. The first call reads the whole book, later ones what changed since the
   * one before (see RecordDigest). What it answers is overwritten by the next call.
   */
  digest(): Readonly<MultisetHash> {
    return this.#digest.update(this.#digestSource);
  }

  /** The digest as 16 hex digits. */
  hash(): string {
    return this.digest().text();
  }

  /** Asserts what of the book's memory does not show in its orders; for `checkBook`, which asserts the rest. */
  checkMemory(): void {
    this.#bids.checkInvariants();
    this.#asks.checkInvariants();
    const levels = this.#bids.size + this.#asks.size;
    assert(this.#orders.countUsed() === this.#orderOfId.size, 'order records leak');
    assert(this.#levels.countUsed() === levels, 'price level records leak');
  }

  /** Takes back what `rest` did so far, and stops it. In `rest` itself this would cost every order. */
  #refuse(order: number, message: string): void {
    const { doubles } = this.#orders;
    const id = doubles[order * 4 + ORDER_ID];
    if (this.#orderOfId.find(id, doubles) === order) this.#orderOfId.delete(id, doubles);
    this.#orders.release(order);
    assert(false, message);
  }

  /**
   * Fills makers from the head of a level until `wanted` lots are taken, the next is of `avoidOwner`, or
   * the level is empty, which then is the caller's to remove; answers the lots taken.
   */
  #takeFrom(level: number, price: number, wanted: number, avoidOwner: number): number {
    const { doubles, ints } = this.#orders;
    let maker = this.#levels.ints[level * 8 + LEVEL_HEAD];
    let left = wanted;
    let gone = 0;
    while (left > 0 && maker !== NONE) {
      const id = doubles[maker * 4 + ORDER_ID];
      const owner = ints[maker * 8 + ORDER_OWNER];
      if (owner === avoidOwner) {
        this.stoppedAtOrderId = id;
        break;
      }
      const open = doubles[maker * 4 + ORDER_LOTS];
      const taken = Math.min(left, open);
      this.fills.append(id, owner, price, taken, open - taken);
      left -= taken;
      if (taken < open) {
        doubles[maker * 4 + ORDER_LOTS] = open - taken;
        break;
      }
      const next = ints[maker * 8 + ORDER_NEXT];
      this.#orderOfId.delete(id, doubles);
      this.#orders.release(maker);
      this.#digest.touch(maker);
      maker = next;
      gone++;
    }
    this.#levels.doubles[level * 4 + LEVEL_LOTS] -= wanted - left;
    this.#levels.ints[level * 8 + LEVEL_COUNT] -= gone;
    this.#levels.ints[level * 8 + LEVEL_HEAD] = maker;
    if (maker !== NONE) {
      // The new head: filled in part, or with nobody ahead of it any more.
      ints[maker * 8 + ORDER_PREVIOUS] = NONE;
      this.#digest.touch(maker);
    }
    return wanted - left;
  }

  #sideIndex(side: Side): PriceIndex {
    return side === BID ? this.#bids : this.#asks;
  }

  #sideOfPrice(restingTicks: number): Side {
    const bestBid = this.#bids.best;
    if (bestBid === NONE) return ASK;
    return restingTicks <= this.#levels.doubles[bestBid * 4 + LEVEL_PRICE] ? BID : ASK;
  }

  #addRecord(order: number, hash: Hash64, addTerms: AddTerms | null): boolean {
    const { doubles, ints } = this.#orders;
    const id = doubles[order * 4 + ORDER_ID];
    // A freed record keeps its id, which is in no record by now or in another one.
    if (this.#orderOfId.find(id, doubles) !== order) return false;
    const previous = ints[order * 8 + ORDER_PREVIOUS];
    const ahead = previous === NONE ? NOBODY_AHEAD : doubles[previous * 4 + ORDER_ID];
    const price = this.#levels.doubles[ints[order * 8 + ORDER_LEVEL] * 4 + LEVEL_PRICE];
    const lots = doubles[order * 4 + ORDER_LOTS];
    const side = this.#sideOfPrice(price);
    addOrder(hash, id, ints[order * 8 + ORDER_OWNER], side, price, lots, ahead);
    addTerms?.(id, hash);
    return true;
  }

  #resting(orderId: number): number {
    const order = this.#orderOfId.find(orderId, this.#orders.doubles);
    assert(order !== NONE, 'order does not rest');
    return order;
  }
}
