import { assert } from '../assert.ts';
import { sumOfOrders } from '../book/book-hash.ts';
import { checkBook } from '../book/book-invariants.ts';
import { OrderBook } from '../book/order-book.ts';
import type { Hash64 } from '../collections/hash64.ts';
import type { MultisetHash } from '../collections/multiset-hash.ts';
import { Side } from '../protocol/enums.ts';
import type { MatchOrder } from '../protocol/shard-messages.ts';

/** The side of `#waiting` on which triggers above the last price stand, and those below it. */
const RISING = Side.Ask;
const FALLING = Side.Bid;

/**
 * The stop orders of one market that wait for their price, paid for at their homes. A trigger above the
 * last trade's price fires when a trade happens at or above it, one below when a trade happens at or below
 * it, and one equal to it at once: where the last price is when the order comes in says which it is.
 *
 * Every rising trigger is above the last price and every falling one below it, so as asks and bids of one
 * lot they make an order book that is never crossed, and matching at a price yields those it fires in
 * priority: the nearest trigger first, of equal ones the earliest.
 *
 * Fired orders are no longer pending: they stand in a queue until `nextFired` hands them out.
 */
export class TriggerBook {
  readonly #waiting = new OrderBook((orderId, hash) =>
    addStopTerms(hash, this.#terms.get(orderId)!),
  );
  readonly #terms = new Map<number, MatchOrder>();
  #fired: MatchOrder[] = [];
  /** Entries of `#fired` handed out already. */
  #firedTaken = 0;

  /** Orders that wait for their price. */
  get size(): number {
    return this.#terms.size;
  }

  has(orderId: number): boolean {
    return this.#terms.has(orderId);
  }

  /**
   * Takes in a copy of `order`, whose trigger the next trades are compared with.
   *
   * @param lastPriceTicks of the last trade, not 0
   */
  add(order: Readonly<MatchOrder>, lastPriceTicks: number): void {
    assert(lastPriceTicks > 0, 'no trade, nothing to compare a trigger with');
    // What it does once it fires answers no command.
    const terms = { ...order, requestId: 0 };
    const { orderId, accountId, triggerPriceTicks } = terms;
    if (triggerPriceTicks === lastPriceTicks) {
      this.#fired.push(terms);
      return;
    }
    const direction = triggerPriceTicks > lastPriceTicks ? RISING : FALLING;
    this.#waiting.rest(orderId, accountId, direction, triggerPriceTicks, 1);
    this.#terms.set(orderId, terms);
  }

  /** Removes a pending order; false when it is not pending (any more). */
  cancel(orderId: number): boolean {
    if (!this.#terms.delete(orderId)) return false;
    this.#waiting.cancel(orderId);
    return true;
  }

  /**
   * A sweep traded from `firstTicks` to `lastTicks`. Prices in between lie between the two, and its first
   * price can be on the other side of the last trade before it, so these two fire all there is to fire,
   * in the order in which its trades do.
   */
  reach(firstTicks: number, lastTicks: number): void {
    if (this.#terms.size === 0) return;
    this.#fireAt(firstTicks);
    if (lastTicks !== firstTicks) this.#fireAt(lastTicks);
  }

  /** The next fired order to be matched, in the order in which they fired. */
  nextFired(): MatchOrder | undefined {
    if (this.#firedTaken < this.#fired.length) return this.#fired[this.#firedTaken++];
    if (this.#firedTaken > 0) {
      this.#fired = [];
      this.#firedTaken = 0;
    }
    return undefined;
  }

  /** Visits every pending order: the falling triggers, then the rising ones, each in priority. */
  forEach(visit: (order: Readonly<MatchOrder>) => void): void {
    for (const direction of [FALLING, RISING] as const) {
      this.#waiting.forEachOrder(direction, (orderId) => visit(this.#terms.get(orderId)!));
    }
  }

  /**
   * The sum of what every pending order says: its trigger, its place among those of the same trigger, and
   * what it is to do. See `OrderBook.digest` for its cost.
   */
  digest(): Readonly<MultisetHash> {
    return this.#waiting.digest();
  }

  /** The same sum as `digest`, by reading the whole book, which leaves nothing to be kept up. */
  readSum(): MultisetHash {
    return sumOfOrders(this.#waiting, (orderId, hash) =>
      addStopTerms(hash, this.#terms.get(orderId)!),
    );
  }

  /** Asserts what must hold between two commands. Reads the whole book. */
  checkInvariants(lastPriceTicks: number): void {
    checkBook(this.#waiting);
    assert(this.#waiting.orderCount === this.#terms.size, 'pending orders and triggers differ');
    assert(this.#fired.length === 0, 'a fired order was not matched');
    const rising = this.#waiting.bestAsk();
    assert(this.#waiting.bestBid() < Math.max(1, lastPriceTicks), 'a falling trigger was passed');
    assert(rising === 0 || rising > lastPriceTicks, 'a rising trigger was passed');
  }

  #fireAt(priceTicks: number): void {
    for (const takerSide of [Side.Bid, Side.Ask] as const) {
      this.#waiting.match(takerSide, priceTicks, this.#terms.size, Infinity);
      const { fills } = this.#waiting;
      for (let index = 0; index < fills.count; index++) {
        const orderId = fills.makerOrderIds[index]!;
        this.#fired.push(this.#terms.get(orderId)!);
        this.#terms.delete(orderId);
      }
    }
  }
}

/** What a stop order is to do once it fires, as part of a hash. */
export function addStopTerms(
  hash: Hash64,
  order: Omit<MatchOrder, 'requestId' | 'orderId' | 'accountId' | 'marketId' | 'triggerPriceTicks'>,
): void {
  const flags = (order.isMarket ? 1 : 0) | (order.postOnly ? 2 : 0);
  hash.addWord(
    order.side | (order.timeInForce << 4) | (order.selfTradePrevention << 8) | (flags << 12),
  );
  hash.add(order.priceTicks);
  hash.add(order.quantityLots);
  hash.add(order.quoteBudgetUnits);
}
