import { assert } from '../assert.ts';
import type { OrderBook } from '../book/order-book.ts';
import { ExpiryReason, OrderEventKind, OrderStatus, Side } from '../protocol/enums.ts';
import type { OrderEvent } from '../protocol/events.ts';

/** An order event, and whether it changed where the order stands. */
interface Told {
  readonly event: OrderEvent;
  /** Of a change: it was a replace, which costs the place, not a reduce. */
  readonly isReplaced: boolean;
}

interface Resting {
  readonly orderId: number;
  readonly side: number;
  readonly priceTicks: number;
  openLots: number;
  /** The depth update that put it at the end of its queue. */
  readonly rank: number;
}

/**
 * The queue of one market as nothing but order events tell it, with its trades held against price-time
 * priority. Every change of a book has a depth update id of its own, which the events of all
 * accounts carry: so the order of what happened to the book is known, whatever order it was heard in.
 */
export class ToldQueue {
  readonly #resting = new Map<number, Resting>();
  /** By depth update id, in the order heard: events of one order stand in theirs. */
  readonly #told = new Map<number, Told[]>();

  /** A recorded event of an order of this market. */
  add(event: OrderEvent, isReplaced: boolean): void {
    const told = this.#told.get(event.updateId);
    if (told === undefined) this.#told.set(event.updateId, [{ event, isReplaced }]);
    else told.push({ event, isReplaced });
  }

  /** At rest, when all events of the depth updates so far have been heard: the book is as they tell. */
  check(book: OrderBook): void {
    for (const [, told] of [...this.#told].sort((a, b) => a[0] - b[0])) {
      this.#trade(told);
      for (const one of told) this.#place(one);
    }
    this.#told.clear();
    for (const side of [Side.Bid, Side.Ask] as const) this.#compare(book, side);
  }

  #compare(book: OrderBook, side: Side): void {
    const there = [...this.#resting.values()].filter((order) => order.side === side);
    const queue = there.sort((a, b) => aheadOf(a, b));
    let at = 0;
    book.forEachOrder(side, (orderId, _owner, priceTicks, lots) => {
      const should = queue[at++];
      const isSame =
        should?.orderId === orderId && should.priceTicks === priceTicks && should.openLots === lots;
      if (!isSame) assert(false, `order ${orderId} stands where ${should?.orderId} should`);
    });
    assert(at === queue.length, `${at} orders rest, ${queue.length} were told to`);
  }

  /** Every maker was the first in its queue, but for those that expired at the taker's meeting them. */
  #trade(told: readonly Told[]): void {
    const events = told.map(({ event }) => event);
    const { Fill, Expired } = OrderEventKind;
    const fills = events.filter(({ kind, isMaker }) => kind === Fill && isMaker);
    const prevented = events.filter(({ kind, expiryReason }) => {
      return kind === Expired && expiryReason === ExpiryReason.SelfTradePrevention;
    });
    const expired = new Set(prevented.map(({ orderId }) => orderId));
    for (const { orderId, side, fillLots, tradeId } of fills.sort(byTrade)) {
      let first = this.#firstOf(side);
      while (first !== undefined && first.orderId !== orderId && expired.has(first.orderId)) {
        this.#resting.delete(first.orderId);
        first = this.#firstOf(side);
      }
      if (first?.orderId !== orderId) {
        assert(false, `trade ${tradeId} passed over order ${first?.orderId} for ${orderId}`);
      }
      first.openLots -= fillLots;
      assert(first.openLots >= 0, `trade ${tradeId} took more than was open of ${orderId}`);
      if (first.openLots === 0) this.#resting.delete(orderId);
    }
  }

  #place({ event, isReplaced }: Told): void {
    const { orderId, side, priceTicks, kind, status, updateId } = event;
    if (status !== OrderStatus.New && status !== OrderStatus.PartiallyFilled) {
      this.#resting.delete(orderId);
      return;
    }
    const known = this.#resting.get(orderId);
    const openLots = event.quantityLots - event.executedLots;
    if (kind === OrderEventKind.Fill && event.isMaker) {
      assert(known?.openLots === openLots, `what is open of order ${orderId}`);
      return;
    }
    const rank = known === undefined || isReplaced ? updateId : known.rank;
    this.#resting.set(orderId, { orderId, side, priceTicks, openLots, rank });
  }

  #firstOf(side: number): Resting | undefined {
    let first: Resting | undefined;
    for (const order of this.#resting.values()) {
      if (order.side !== side) continue;
      if (first === undefined || aheadOf(order, first) < 0) first = order;
    }
    return first;
  }
}

/** Below 0 when `one` comes before `other`, which is of its side. */
function aheadOf(one: Resting, other: Resting): number {
  const sign = one.side === Side.Ask ? 1 : -1;
  return sign * (one.priceTicks - other.priceTicks) || one.rank - other.rank;
}

function byTrade(one: OrderEvent, other: OrderEvent): number {
  return one.tradeId - other.tradeId;
}
