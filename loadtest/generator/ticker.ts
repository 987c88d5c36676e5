import { Worker } from 'node:worker_threads';

export const TICK = 0;
export const SLEEP = 1;
export const STOP = 2;

export interface TickerData {
  readonly words: SharedArrayBuffer;
  readonly due: SharedArrayBuffer;
  readonly periodMs: number;
}

/**
 * Calls back when something is due, to a fraction of a millisecond, which timers of the event loop cannot, and leaves
 * the core to others in between, which a loop of `setImmediate` does not: a thread sleeps and wakes the loop. Sockets
 * are read meanwhile.
 */
export class Ticker {
  readonly #words = new Int32Array(new SharedArrayBuffer(12));
  readonly #due = new Float64Array(new SharedArrayBuffer(8));
  readonly #thread: Worker;
  readonly #onTick: () => void;
  #isStopped = false;

  /** @param periodMs least time between two ticks; the scheduler of the operating system adds some 50 µs */
  constructor(periodMs: number, onTick: () => void) {
    this.#onTick = onTick;
    const workerData: TickerData = {
      words: this.#words.buffer as SharedArrayBuffer,
      due: this.#due.buffer as SharedArrayBuffer,
      periodMs,
    };
    this.#thread = new Worker(new URL('./ticker-thread.js', import.meta.url), { workerData });
    this.#await();
  }

  /**
   * The next tick need not come before this moment (ms of the epoch). A tick may come too early, so look at the
   * clock.
   */
  setDue(epochMs: number): void {
    // One aligned double is written and read whole, and an outdated one costs an early tick.
    this.#due[0] = epochMs;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    Atomics.store(this.#words, STOP, 1);
    Atomics.notify(this.#words, SLEEP);
    await this.#thread.terminate();
  }

  readonly #ticked = (): void => {
    if (this.#isStopped) return;
    this.#onTick();
    this.#await();
  };

  #await(): void {
    const { async, value } = Atomics.waitAsync(this.#words, TICK, Atomics.load(this.#words, TICK));
    if (async) void value.then(this.#ticked);
    else setImmediate(this.#ticked);
  }
}
