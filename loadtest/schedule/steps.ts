import { ConstantSchedule } from './constant.ts';
import type { Schedule } from './schedule.ts';

/** One rate after the other, each constant for the same time. */
export class StepsSchedule implements Schedule {
  readonly #rates: readonly number[];
  readonly #stepSeconds: number;
  #step = 0;
  #current: ConstantSchedule;

  constructor(rates: readonly number[], stepSeconds: number) {
    this.#rates = rates;
    this.#stepSeconds = stepSeconds;
    this.#current = new ConstantSchedule(rates[0] ?? 0, stepSeconds);
  }

  next(): number {
    for (;;) {
      const at = this.#current.next();
      if (at < Number.POSITIVE_INFINITY) return at + this.#step * this.#stepSeconds * 1000;
      this.#step++;
      if (this.#step >= this.#rates.length) return Number.POSITIVE_INFINITY;
      this.#current = new ConstantSchedule(this.#rates[this.#step]!, this.#stepSeconds);
    }
  }
}
