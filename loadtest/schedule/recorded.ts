import type { Schedule } from './schedule.ts';

/** The gaps of a recording, divided by a speed. */
export class RecordedSchedule implements Schedule {
  readonly #timesMs: Float64Array;
  readonly #speed: number;
  #sent = 0;

  /** @param timesMs ascending */
  constructor(timesMs: Float64Array, speed: number) {
    this.#timesMs = timesMs;
    this.#speed = speed;
  }

  next(): number {
    if (this.#sent >= this.#timesMs.length) return Number.POSITIVE_INFINITY;
    return (this.#timesMs[this.#sent++]! - this.#timesMs[0]!) / this.#speed;
  }
}
