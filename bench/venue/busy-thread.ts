import { Piscina } from 'piscina';

/** What the thread's cell says. */
const IDLE = 0;
const BUSY = 1;
const END = 2;

/** Of `nice(2)`: as low as a snapshot's. */
const NICE_INCREMENT = 19;

/** A thread of the lowest priority that computes when told to: what others notice of it is its use of a processor. */
export class BusyThread {
  readonly #cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #ended: Promise<number>;
  readonly #pool: Piscina<Int32Array, number>;

  constructor() {
    this.#pool = new Piscina({
      filename: import.meta.filename,
      maxThreads: 1,
      niceIncrement: NICE_INCREMENT,
    });
    this.#ended = this.#pool.run(this.#cell);
  }

  set isBusy(isBusy: boolean) {
    this.#tell(isBusy ? BUSY : IDLE);
  }

  /** Answers what it computed, once the thread is gone. */
  async end(): Promise<number> {
    this.#tell(END);
    const sum = await this.#ended;
    await this.#pool.destroy();
    return sum;
  }

  #tell(what: number): void {
    Atomics.store(this.#cell, 0, what);
    Atomics.notify(this.#cell, 0);
  }
}

/** The thread's entry. */
export default function computeWhenTold(cell: Int32Array): number {
  let sum = 0;
  for (;;) {
    const told = Atomics.load(cell, 0);
    if (told === END) return sum;
    if (told === IDLE) Atomics.wait(cell, 0, IDLE);
    else for (let step = 0; step < 100_000; step++) sum = (sum + step) | 0;
  }
}
