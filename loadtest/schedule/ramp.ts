import type { Schedule } from './schedule.ts';

/**
 * The rate grows (or falls) in a straight line from `fromRate` to `toRate`. Send `n` is where the integral of the rate,
 * a·t + (b − a)·t² / 2T, reaches `n`.
 */
export class RampSchedule implements Schedule {
  readonly #fromRate: number;
  readonly #slope: number;
  readonly #count: number;
  #sent = 0;

  constructor(fromRate: number, toRate: number, seconds: number) {
    this.#fromRate = fromRate;
    this.#slope = (toRate - fromRate) / seconds;
    this.#count = Math.round(((fromRate + toRate) / 2) * seconds);
  }

  next(): number {
    if (this.#sent >= this.#count) return Number.POSITIVE_INFINITY;
    const n = this.#sent++;
    const a = this.#fromRate;
    // The stable form of the quadratic's root: it also holds for a slope of zero and a rate that starts at zero.
    const root = Math.sqrt(Math.max(a * a + 2 * this.#slope * n, 0));
    return n === 0 ? 0 : ((2 * n) / (a + root)) * 1000;
  }
}
