/**
 * Queries of orders that their market has not answered yet, held until it has: who lost the reply to an order and
 * asks for it would otherwise hear that there is none, and place it twice.
 *
 * No part of the shard's state: a query is not in the journal, so one that waits here changes nothing that another
 * run of the same inputs would not have, and ends with the thread.
 */
export class EarlyQueries {
  readonly #requestIds = new Map<number, number[]>();

  wait(orderId: number, requestId: number): void {
    const waiting = this.#requestIds.get(orderId);
    if (waiting === undefined) this.#requestIds.set(orderId, [requestId]);
    else waiting.push(requestId);
  }

  /** The requests that waited for this order's first news, oldest first; they no longer do. */
  take(orderId: number): readonly number[] {
    if (this.#requestIds.size === 0) return NONE;
    const waiting = this.#requestIds.get(orderId);
    if (waiting === undefined) return NONE;
    this.#requestIds.delete(orderId);
    return waiting;
  }
}

const NONE: readonly number[] = [];
