import { Random } from '../random.ts';
import type { Schedule } from './schedule.ts';

/** Independent arrivals: the gaps are exponential with mean `1 / rate`. */
export class PoissonSchedule implements Schedule {
  readonly #meanGapMs: number;
  readonly #endMs: number;
  readonly #random: Random;
  #atMs = 0;

  constructor(rate: number, seconds: number, seed: number) {
    this.#meanGapMs = 1000 / rate;
    this.#endMs = seconds * 1000;
    this.#random = new Random(seed);
  }

  next(): number {
    // 1 − u is in (0, 1], so the logarithm is finite.
    this.#atMs -= Math.log(1 - this.#random.next()) * this.#meanGapMs;
    return this.#atMs < this.#endMs ? this.#atMs : Number.POSITIVE_INFINITY;
  }
}
