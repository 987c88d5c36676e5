const NOTHING: readonly (() => void)[] = [];

/**
 * At most one reduce or replace of an order is under way between its two shards: the next one waits
 * here until the first is answered, so that each is checked against the order as it then is. Where both
 * shards are one, the answer comes within the call, so nothing is under way and nothing ever waits.
 */
export class Deferrals {
  readonly #waiting = new Map<number, (() => void)[]>();

  isUnderWay(orderId: number): boolean {
    return this.#waiting.size > 0 && this.#waiting.has(orderId);
  }

  begin(orderId: number): void {
    this.#waiting.set(orderId, []);
  }

  /** Runs `retry` once the change under way has ended. */
  defer(orderId: number, retry: () => void): void {
    this.#waiting.get(orderId)?.push(retry);
  }

  /** The change has ended, or the order has: answers what waited, to be run in order. */
  end(orderId: number): readonly (() => void)[] {
    if (this.#waiting.size === 0) return NOTHING;
    const waiting = this.#waiting.get(orderId);
    if (waiting === undefined) return NOTHING;
    this.#waiting.delete(orderId);
    return waiting;
  }
}
