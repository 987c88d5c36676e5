/** The run was told to end before it had. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Listener = () => void;

/**
 * Ctrl-C, a terminal that is closed, or SIGTERM. The first lets a scenario end early and tell what it has measured;
 * the second gives up on it. Neither ends this process, so that a venue of our own is stopped whenever it comes.
 */
export class Interruption {
  #signal: NodeJS.Signals | undefined;
  #isForced = false;
  readonly #first = new Set<Listener>();
  readonly #second = new Set<Listener>();

  /** Listens to this process's signals from here on, to its end. */
  static ofProcess(): Interruption {
    const interruption = new Interruption();
    for (const signal of SIGNALS) process.on(signal, () => interruption.interrupt(signal));
    // A terminal that is gone must not end us by what is written to it.
    for (const output of [process.stdout, process.stderr]) output.on('error', () => {});
    return interruption;
  }

  /** What a signal does. */
  interrupt(signal: NodeJS.Signals): void {
    this.#isForced = this.#signal !== undefined;
    this.#signal ??= signal;
    const listeners = this.#isForced ? this.#second : this.#first;
    for (const listener of listeners) listener();
  }

  /** For the reader of a result: nothing when the run was let alone. */
  get warnings(): readonly string[] {
    return this.#signal === undefined ? [] : [this.#message];
  }

  /** Throws `Interrupted` when there was a signal. */
  check(): void {
    if (this.#signal !== undefined) throw new Interrupted(this.#message);
  }

  /** Lets `work` be ended early: `end` is called at the first signal while it lasts, at once when that has come. */
  async ending<Result>(end: () => void, work: () => Promise<Result>): Promise<Result> {
    if (this.#signal !== undefined) end();
    this.#first.add(end);
    try {
      return await work();
    } finally {
      this.#first.delete(end);
    }
  }

  /** `work`, which goes on unheeded after the second signal: then it rejects with `Interrupted`. */
  async orGivenUp<Result>(work: Promise<Result>): Promise<Result> {
    let listener: Listener | undefined;
    const givenUp = new Promise<never>((_, reject) => {
      listener = () => reject(new Interrupted(this.#message));
      this.#second.add(listener);
    });
    try {
      return await Promise.race([work, givenUp]);
    } finally {
      this.#second.delete(listener!);
    }
  }

  get #message(): string {
    return `interrupted by ${this.#signal}`;
  }
}
