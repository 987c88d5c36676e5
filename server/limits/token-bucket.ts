/** How much of something is allowed: so many a second for good, and `burst` at once after a pause. */
export interface Rate {
  readonly perSecond: number;
  /** Tokens in a full bucket. */
  readonly burst: number;
}

/** What doubles of milliseconds may be off by, so that the last token of a bucket can be had. */
const TOLERANCE_MS = 1e-6;

/**
 * A token bucket in one number: when it will be full again. Taking a token moves that moment on by the time a
 * token takes to grow; what would move it further than a whole bucket from now is refused and changes nothing.
 * (The generic cell rate algorithm of ITU-T I.371, which is the continuous-state leaky bucket.)
 *
 * All times are milliseconds of one clock that never goes back.
 */
export class TokenBucket {
  readonly rate: Rate;
  readonly #msPerToken: number;
  readonly #msWhenEmpty: number;
  #fullAtMs = 0;

  constructor(rate: Rate) {
    this.rate = rate;
    this.#msPerToken = 1000 / rate.perSecond;
    this.#msWhenEmpty = rate.burst * this.#msPerToken;
  }

  /** Takes all of `tokens` or none; false when there are not as many. */
  take(tokens: number, nowMs: number): boolean {
    const fullAtMs = Math.max(this.#fullAtMs, nowMs) + tokens * this.#msPerToken;
    if (fullAtMs - nowMs > this.#msWhenEmpty + TOLERANCE_MS) return false;
    this.#fullAtMs = fullAtMs;
    return true;
  }

  /** Takes `tokens`, or as many as there are. */
  drain(tokens: number, nowMs: number): void {
    const fullAtMs = Math.max(this.#fullAtMs, nowMs) + tokens * this.#msPerToken;
    this.#fullAtMs = Math.min(fullAtMs, nowMs + this.#msWhenEmpty);
  }

  /** Whole tokens that could be taken. */
  remaining(nowMs: number): number {
    const missingMs = Math.max(0, this.#fullAtMs - nowMs);
    const leftMs = Math.max(0, this.#msWhenEmpty - missingMs);
    return Math.floor((leftMs + TOLERANCE_MS) / this.#msPerToken);
  }

  /** How long until `tokens` could be taken; never, and so Infinity, for more than the bucket holds. */
  waitMs(tokens: number, nowMs: number): number {
    if (tokens > this.rate.burst) return Number.POSITIVE_INFINITY;
    const fullAtMs = Math.max(this.#fullAtMs, nowMs) + tokens * this.#msPerToken;
    return Math.max(0, fullAtMs - nowMs - this.#msWhenEmpty);
  }

  /** How long until the bucket is full. */
  refillMs(nowMs: number): number {
    return Math.max(0, this.#fullAtMs - nowMs);
  }
}
