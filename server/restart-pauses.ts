/** The first pause before a restart; each is twice the one before, while the shard does not live long. */
const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 30_000;
/** After so long a life the next pause is the first one again. */
const LONG_LIFE_MS = 60_000;

/** How long to wait before a shard that has failed is started again; times are of one steady clock, ms. */
export class RestartPauses {
  #pauseMs = PAUSE_MS_MIN;
  /** Null since its last failure: what it did before it was back is no life. */
  #backMs: number | null;

  /** @param nowMs since when the shard lives */
  constructor(nowMs: number) {
    this.#backMs = nowMs;
  }

  /** The shard is back. */
  returned(nowMs: number): void {
    this.#backMs = nowMs;
  }

  /** The shard has failed, or has not come back; answers the pause, ms. */
  next(nowMs: number): number {
    const isLong = this.#backMs !== null && nowMs - this.#backMs > LONG_LIFE_MS;
    this.#backMs = null;
    const pauseMs = isLong ? PAUSE_MS_MIN : this.#pauseMs;
    this.#pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX);
    return pauseMs;
  }
}
