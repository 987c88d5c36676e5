import type { Schedule } from './schedule.ts';

/** Evenly spaced: send `n` is at `n / rate`. */
export class ConstantSchedule implements Schedule {
  readonly #gapMs: number;
  readonly #count: number;
  #sent = 0;

  /** @param rate requests a second, may be a fraction */
  constructor(rate: number, seconds: number) {
    this.#gapMs = 1000 / rate;
    this.#count = Math.round(rate * seconds);
  }

  next(): number {
    return this.#sent < this.#count ? this.#sent++ * this.#gapMs : Number.POSITIVE_INFINITY;
  }
}
