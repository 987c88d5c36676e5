/** What waits for one change under way, oldest first; entries before `next` have run. */
interface Waiting {
  readonly retries: (() => void)[];
  next: number;
}

/**
 * At most one reduce or replace of an order is under way between its two shards: the next one waits
 * here until the first is answered, so that each is checked against the order as it then is. A cancel
 * waits only when one of those does: messages cannot overtake each other, so it may follow the change under
 * way, but one that is still here it would leave behind. Where both shards are one, the answer comes within
 * the call, so nothing is under way and nothing ever waits.
 */
export class Deferrals {
  readonly #waiting = new Map<number, Waiting>();

  isUnderWay(orderId: number): boolean {
    return this.#waiting.size > 0 && this.#waiting.has(orderId);
  }

  /** Whether anything waits for the change under way. */
  hasWaiting(orderId: number): boolean {
    if (this.#waiting.size === 0) return false;
    const waiting = this.#waiting.get(orderId);
    return waiting !== undefined && waiting.next < waiting.retries.length;
  }

  begin(orderId: number): void {
    this.#waiting.set(orderId, { retries: [], next: 0 });
  }

  /** Runs `retry` once the change under way has ended. */
  defer(orderId: number, retry: () => void): void {
    this.#waiting.get(orderId)?.retries.push(retry);
  }

  /** The change has ended, or the order has: answers what waited, for `resume`. */
  end(orderId: number): Waiting | undefined {
    if (this.#waiting.size === 0) return undefined;
    const waiting = this.#waiting.get(orderId);
    this.#waiting.delete(orderId);
    return waiting;
  }

  /** Runs what waited, in order, up to the first that begins another change: the rest waits for that one. */
  resume(orderId: number, waiting: Waiting | undefined): void {
    if (waiting === undefined) return;
    while (waiting.next < waiting.retries.length) {
      waiting.retries[waiting.next++]!();
      if (!this.isUnderWay(orderId)) continue;
      this.#waiting.set(orderId, waiting);
      return;
    }
  }
}
