/** In the place of a number of changes: the query waits for the first news of its order. */
const FIRST_NEWS = Number.POSITIVE_INFINITY;

interface WaitingQuery {
  readonly requestId: number;
  /** How many of the order's unanswered changes were sent before it, or `FIRST_NEWS`. */
  changesBefore: number;
}

/**
 * Queries of orders that their market, on another shard, has yet to say something of, held until it has. Of one
 * that it has not answered: who lost the reply to an order and asks for it would otherwise hear that there is none,
 * and place it twice. Of one with a change under way: who sent that change before the query would hear of the order
 * before it.
 *
 * No part of the shard's state: a query is not in the journal, so one that waits here changes nothing that another
 * run of the same inputs would not have, and ends with the thread.
 */
export class EarlyQueries {
  /** By order id, each list in the order of coming. */
  readonly #queries = new Map<number, WaitingQuery[]>();
  /** Request ids of changes that are not answered, by order id, each list in the order of sending. */
  readonly #changes = new Map<number, number[]>();

  /** A change of the order is on its way to its market, or waits for one that is. */
  follow(orderId: number, changeId: number): void {
    const changes = this.#changes.get(orderId);
    if (changes === undefined) this.#changes.set(orderId, [changeId]);
    else changes.push(changeId);
  }

  /** Whether a change of the order is followed and not answered. */
  hasChange(orderId: number): boolean {
    return this.#changes.size > 0 && this.#changes.has(orderId);
  }

  /** Holds a query until the changes of its order that are followed are answered; without any, until the first news. */
  wait(orderId: number, requestId: number): void {
    const changesBefore = this.#changes.get(orderId)?.length ?? FIRST_NEWS;
    const queries = this.#queries.get(orderId);
    if (queries === undefined) this.#queries.set(orderId, [{ requestId, changesBefore }]);
    else queries.push({ requestId, changesBefore });
  }

  /** There is news of the order: the requests that waited for it, oldest first. */
  takeAtNews(orderId: number): readonly number[] {
    return this.#take(orderId, ({ changesBefore }) => changesBefore === FIRST_NEWS);
  }

  /** A request was answered: the requests that waited for it and for no other change any more, oldest first. */
  takeBehind(orderId: number, changeId: number): readonly number[] {
    if (this.#changes.size === 0) return NONE;
    const changes = this.#changes.get(orderId);
    const at = changes === undefined ? -1 : changes.indexOf(changeId);
    if (at === -1) return NONE;
    changes!.splice(at, 1);
    if (changes!.length === 0) this.#changes.delete(orderId);
    return this.#take(orderId, (query) => at < query.changesBefore && --query.changesBefore === 0);
  }

  /** The order has ended: the requests that waited for anything of it, oldest first. */
  takeAll(orderId: number): readonly number[] {
    if (this.#changes.size > 0) this.#changes.delete(orderId);
    return this.#take(orderId, () => true);
  }

  #take(orderId: number, isDue: (query: WaitingQuery) => boolean): readonly number[] {
    if (this.#queries.size === 0) return NONE;
    const queries = this.#queries.get(orderId);
    if (queries === undefined) return NONE;
    const due: number[] = [];
    const left = queries.filter((query) => {
      const isLeft = !isDue(query);
      if (!isLeft) due.push(query.requestId);
      return isLeft;
    });
    if (left.length === 0) this.#queries.delete(orderId);
    else this.#queries.set(orderId, left);
    return due;
  }
}

const NONE: readonly number[] = [];
