import { type EventFrame, Member } from './event-frame.ts';
import { END_CODES, ORDER_FIGURES, type OrderSums, WeightedSums } from './weighted-sums.ts';

/** What the private stream of one account tells of its orders: which there are, and how those that are over ended. */
export class HeardOrders {
  readonly #sums = new WeightedSums(ORDER_FIGURES);
  #wrongCount = 0;
  #wrong: string | undefined;

  take(event: EventFrame): void {
    const sums = this.#sums;
    sums.begin(event.whole(Member.orderId));
    if (event.is(Member.event, 'orderAccepted')) {
      sums.add(0, 1);
      this.#expect(event, 'New');
      return;
    }
    const end = endOf(event);
    this.#expect(event, end ?? 'PartiallyFilled');
    for (const status in END_CODES) {
      if (event.is(Member.status, status)) sums.add(1, END_CODES[status]!);
    }
  }

  get sums(): OrderSums {
    return this.#sums.sums;
  }

  /** Events whose status is not what befell the order. */
  get wrongStatuses(): { readonly count: number; readonly first: string | undefined } {
    return { count: this.#wrongCount, first: this.#wrong };
  }

  #expect(event: EventFrame, status: string): void {
    if (event.is(Member.status, status)) return;
    this.#wrongCount++;
    this.#wrong ??= `${event.text(Member.event)} says ${event.text(Member.status)} and means ${status}`;
  }
}

/** How the event ends its order; undefined of a fill that leaves some of it. */
function endOf(event: EventFrame): string | undefined {
  if (event.is(Member.event, 'orderCancelled')) return 'Cancelled';
  if (event.is(Member.event, 'orderExpired')) return 'Expired';
  // Of a market order the quantity is what it may be, or by then is: its status decides.
  const isLimit = event.is(Member.orderType, 'LIMIT');
  const isFilled = isLimit
    ? event.remainder(Member.quantity) === event.remainder(Member.executed)
    : event.is(Member.status, 'Filled');
  return isFilled ? 'Filled' : undefined;
}
