import { NOBODY, type OrderBook } from '../book/order-book.ts';
import { SelfTradePrevention, type Side } from '../protocol/enums.ts';

/** Where a match stops when it meets no order to avoid. */
const NONE = -1;

const { RejectTaker, RejectMaker, Allow } = SelfTradePrevention;

/** An order that takes, and what it does about its own account's orders. */
export interface Taker {
  /** Of the command that it is matched for. */
  readonly requestId: number;
  readonly orderId: number;
  readonly accountId: number;
  readonly side: number;
  readonly selfTradePrevention: number;
}

/** Whose resting orders this taker does not trade with. */
export function avoidedOwner(taker: Taker): number {
  return taker.selfTradePrevention === Allow ? NOBODY : taker.accountId;
}

/** Whether meeting an order of its own ends the taker. */
export function endsWhereMet(taker: Taker): boolean {
  const mode = taker.selfTradePrevention;
  return mode !== Allow && mode !== RejectMaker;
}

/**
 * Matches without trading within an account, and tells the matches it prevented, as columns in the
 * order they happened; entries from `count` on are stale. The taker's mode decides, the maker's is of
 * no account: the maker expires, the taker's rest does, or both.
 */
export class PreventedMatches {
  count = 0;
  /** The taker met an order that ends it: what is left of it expires. */
  endedTaker = false;
  /** The makers met expired. */
  makersExpire = false;
  readonly makerOrderIds: number[] = [];
  readonly priceTicks: number[] = [];
  /** What would have traded. */
  readonly quantityLots: number[] = [];
  /** Fills of the same match that came before it. */
  readonly fillsBefore: number[] = [];

  /**
   * Like `OrderBook.match`, whose fills it leaves in the book. Makers that expire are then gone from the
   * book; a taker that `endedTaker` has lots left, and they must not rest.
   */
  match(
    book: OrderBook,
    taker: Taker,
    limitTicks: number,
    quantityLots: number,
    budgetTickLots: number,
  ): number {
    this.count = 0;
    this.endedTaker = false;
    this.makersExpire = taker.selfTradePrevention !== RejectTaker;
    const side = taker.side as Side;
    const owner = avoidedOwner(taker);
    let left: number = book.match(side, limitTicks, quantityLots, budgetTickLots, owner);
    if (book.stoppedAtOrderId === NONE) return left;
    const { fills } = book;
    let budget = budgetTickLots;
    let paidFills = 0;
    while (book.stoppedAtOrderId !== NONE) {
      for (; paidFills < fills.count; paidFills++) {
        budget -= fills.priceTicks[paidFills]! * fills.quantityLots[paidFills]!;
      }
      const makerOrderId = book.stoppedAtOrderId;
      this.#append(book, makerOrderId, left, budget);
      if (this.makersExpire) book.cancel(makerOrderId);
      this.endedTaker = endsWhereMet(taker);
      if (this.endedTaker) break;
      left = book.matchOn(side, limitTicks, left, budget, owner);
    }
    return left;
  }

  #append(book: OrderBook, makerOrderId: number, wantedLots: number, budget: number): void {
    const at = this.count++;
    const priceTicks = book.priceOf(makerOrderId);
    const affordable = Math.floor(budget / priceTicks);
    this.makerOrderIds[at] = makerOrderId;
    this.priceTicks[at] = priceTicks;
    this.quantityLots[at] = Math.min(wantedLots, affordable, book.openLots(makerOrderId));
    this.fillsBefore[at] = book.fills.count;
  }
}
