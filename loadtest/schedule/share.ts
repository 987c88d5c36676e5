import { ConstantSchedule } from './constant.ts';
import type { Schedule } from './schedule.ts';

/**
 * The part of one of `processes` generators: every so-manieth send of the whole, so that the parts together are the
 * schedule, to the moment, however many share it.
 */
export class SharedSchedule implements Schedule {
  readonly #whole: Schedule;
  readonly #processes: number;
  #skip: number;

  /** @param process from 0 to `processes` − 1 */
  constructor(whole: Schedule, process: number, processes: number) {
    this.#whole = whole;
    this.#processes = processes;
    this.#skip = process;
  }

  next(): number {
    for (; this.#skip > 0; this.#skip--) this.#whole.next();
    this.#skip = this.#processes - 1;
    return this.#whole.next();
  }
}

/**
 * Sends before the start, at negative moments and a constant rate, and then the schedule: what comes before 0 is not
 * measured.
 */
export class WarmedSchedule implements Schedule {
  readonly #schedule: Schedule;
  readonly #warmUp: ConstantSchedule;
  readonly #warmUpMs: number;

  constructor(schedule: Schedule, rate: number, warmUpSeconds: number) {
    this.#schedule = schedule;
    this.#warmUp = new ConstantSchedule(rate, warmUpSeconds);
    this.#warmUpMs = warmUpSeconds * 1000;
  }

  next(): number {
    const at = this.#warmUp.next() - this.#warmUpMs;
    return at < 0 ? at : this.#schedule.next();
  }
}
