const COUNTER_INDEX = 0;
const WAITING_INDEX = 16;
const DOORBELL_BYTES = 128;

/**
 * Wakes one sleeping thread; any number of threads may ring. The sleeper reads `value`, looks at all
 * its rings, and if they are empty sleeps on that value: a ring in between changes the value, so the
 * sleep returns at once and no wake is lost. A wake may be stale, so the sleeper always looks again.
 */
export class Doorbell {
  readonly shared: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#cells = new Int32Array(shared);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(DOORBELL_BYTES);
  }

  get value(): number {
    return Atomics.load(this.#cells, COUNTER_INDEX);
  }

  /** Costs a system call only when the other side sleeps. */
  ring(): void {
    Atomics.add(this.#cells, COUNTER_INDEX, 1);
    if (Atomics.load(this.#cells, WAITING_INDEX) === 1) {
      Atomics.notify(this.#cells, COUNTER_INDEX);
    }
  }

  /** Blocks the thread until the value differs from `seen`, or for `timeoutMs`. */
  sleep(seen: number, timeoutMs: number): void {
    Atomics.store(this.#cells, WAITING_INDEX, 1);
    Atomics.wait(this.#cells, COUNTER_INDEX, seen, timeoutMs);
    Atomics.store(this.#cells, WAITING_INDEX, 0);
  }

  /** The same for a thread with an event loop: resolves instead of blocking. */
  async sleepAsync(seen: number, timeoutMs: number): Promise<void> {
    Atomics.store(this.#cells, WAITING_INDEX, 1);
    const waiting = Atomics.waitAsync(this.#cells, COUNTER_INDEX, seen, timeoutMs);
    if (waiting.async) await waiting.value;
    Atomics.store(this.#cells, WAITING_INDEX, 0);
  }
}
