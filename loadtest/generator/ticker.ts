import { Worker } from 'node:worker_threads';

export const TICK = 0;
export const SLEEP = 1;
export const STOP = 2;

export interface TickerData {
  readonly shared: SharedArrayBuffer;
  readonly periodMs: number;
}

/**
 * Calls back every fraction of a millisecond, which timers of the event loop cannot, and leaves the core to others in between,
 * which a loop of `setImmediate` does not: a thread sleeps and wakes the loop. Sockets are read meanwhile.
 */
export class Ticker {
  readonly #words = new Int32Array(new SharedArrayBuffer(12));
  readonly #thread: Worker;
  readonly #onTick: () => void;
  #isStopped = false;

  /** @param periodMs time between two ticks; the scheduler of the operating system adds some 50 µs */
  constructor(periodMs: number, onTick: () => void) {
    this.#onTick = onTick;
    const shared = this.#words.buffer as SharedArrayBuffer;
    const workerData: TickerData = { shared, periodMs };
    this.#thread = new Worker(new URL('./ticker-thread.js', import.meta.url), { workerData });
    this.#await();
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
