import { ConstantSchedule } from './constant.ts';
import type { Schedule } from './schedule.ts';

interface Microbursts {
  readonly rate: number;
  readonly burstRequests: number;
  readonly burstMs: number;
  readonly everyMs: number;
  readonly seconds: number;
}

/** A constant rate, and on top of it a burst at the start of every `everyMs`. */
export class MicroburstSchedule implements Schedule {
  readonly #spec: Microbursts;
  readonly #base: ConstantSchedule;
  #nextBaseMs: number;
  #burst = 0;
  #sentOfBurst = 0;

  constructor(spec: Microbursts) {
    this.#spec = spec;
    this.#base = new ConstantSchedule(spec.rate, spec.seconds);
    this.#nextBaseMs = this.#base.next();
  }

  next(): number {
    const burstMs = this.#nextOfBursts();
    if (this.#nextBaseMs <= burstMs) {
      const at = this.#nextBaseMs;
      if (at < Number.POSITIVE_INFINITY) this.#nextBaseMs = this.#base.next();
      return at;
    }
    this.#sentOfBurst++;
    if (this.#sentOfBurst === this.#spec.burstRequests) {
      this.#sentOfBurst = 0;
      this.#burst++;
    }
    return burstMs;
  }

  /** A burst that does not fit wholly before the end is cut off there. */
  #nextOfBursts(): number {
    const { burstRequests, burstMs, everyMs, seconds } = this.#spec;
    if (burstRequests === 0) return Number.POSITIVE_INFINITY;
    const at = this.#burst * everyMs + (this.#sentOfBurst * burstMs) / burstRequests;
    return at < seconds * 1000 ? at : Number.POSITIVE_INFINITY;
  }
}
