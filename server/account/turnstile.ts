/** Why somebody was not let in. */
export type Turned = 'tooManyOfOne' | 'tooMany' | 'tooLong';

interface Waiting {
  readonly enter: () => void;
  isGone: boolean;
}

/**
 * Lets so many in at a time, in the order of their coming, and few enough stand in line that none waits long; of one
 * account only so many, so that none fills it.
 */
export class Turnstile {
  readonly #limits: TurnstileLimits;
  readonly #line: Waiting[] = [];
  readonly #presentOf = new Map<number, number>();
  #inside = 0;
  #present = 0;

  constructor(limits: TurnstileLimits) {
    this.#limits = limits;
  }

  /** Those inside and in line. */
  get present(): number {
    return this.#present;
  }

  /**
   * Runs `work` once there is room, and answers what it does; or why it was not run.
   *
   * @param approach what there is to be awaited before standing in line
   */
  async pass<T>(
    accountId: number,
    approach: () => Promise<void>,
    work: () => Promise<T>,
  ): Promise<{ readonly result: T } | Turned> {
    const own = this.#presentOf.get(accountId) ?? 0;
    if (own >= this.#limits.presentOfOneMax) return 'tooManyOfOne';
    if (this.#present >= this.#limits.presentMax) return 'tooMany';
    this.#present++;
    this.#presentOf.set(accountId, own + 1);
    try {
      await approach();
      if (!(await this.#enter())) return 'tooLong';
      try {
        return { result: await work() };
      } finally {
        this.#leave();
      }
    } finally {
      this.#present--;
      const left = this.#presentOf.get(accountId)! - 1;
      if (left === 0) this.#presentOf.delete(accountId);
      else this.#presentOf.set(accountId, left);
    }
  }

  /** Resolves to true when there is room, to false when there was none in time. */
  async #enter(): Promise<boolean> {
    if (this.#inside < this.#limits.insideMax) {
      this.#inside++;
      return true;
    }
    return new Promise((resolve) => {
      const waiting: Waiting = {
        isGone: false,
        enter: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
      const timer = setTimeout(() => {
        waiting.isGone = true;
        resolve(false);
      }, this.#limits.waitMsMax);
      this.#line.push(waiting);
    });
  }

  /** Gives the place to the next in line. */
  #leave(): void {
    for (;;) {
      const next = this.#line.shift();
      if (next === undefined) {
        this.#inside--;
        return;
      }
      if (next.isGone) continue;
      next.enter();
      return;
    }
  }
}

export interface TurnstileLimits {
  readonly insideMax: number;
  /** Inside or in line. */
  readonly presentMax: number;
  readonly presentOfOneMax: number;
  readonly waitMsMax: number;
}
