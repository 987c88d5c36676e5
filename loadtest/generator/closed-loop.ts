const NONE = -1;

/**
 * Which requests of an open-loop run a client with one request under way per connection would have seen: it takes the
 * next one that is sent after its last is answered, and none of those sent while it waits. That leaves out the
 * requests of a stall as every closed loop does (Tene's coordinated omission); the load itself is that of the schedule
 * all the same.
 */
export class ClosedLoop {
  /** Slots, by connection. */
  readonly #awaited: Int32Array;

  constructor(connections: number) {
    this.#awaited = new Int32Array(connections).fill(NONE);
  }

  sent(connection: number, slot: number): void {
    if (this.#awaited[connection] === NONE) this.#awaited[connection] = slot;
  }

  /** Answered, or given up; whether it is the one that was waited for. */
  ended(connection: number, slot: number): boolean {
    if (this.#awaited[connection] !== slot) return false;
    this.#awaited[connection] = NONE;
    return true;
  }
}
