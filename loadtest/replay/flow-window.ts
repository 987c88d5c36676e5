/** Start and least size: fewer commands in flight would leave the venue idle between batches. */
const SIZE_MIN = 8;

/** A reply slower than this says that commands wait behind each other; the aim is a p99 of 2 ms. */
const SLOW_REPLY_MS = 1.2;

/** What a slow reply leaves of the window. Half, as networks have it, took a fifth of the throughput. */
const CUT_FACTOR = 0.75;

/**
 * How many commands may be without a reply. Grows by one per window of timely replies and shrinks by
 * a quarter on a slow one, at most once per window (additive increase, multiplicative decrease: Chiu and Jain, 1989).
 * A venue that has just started, or must share its cores, is thus not buried under a queue that would
 * show as latency, and a warm one is kept busy.
 */
export class FlowWindow {
  readonly #sizeMax: number;
  #size: number;
  #timely = 0;
  #repliesUntilNextCut = 0;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
    this.#size = Math.min(SIZE_MIN, sizeMax);
  }

  get size(): number {
    return this.#size;
  }

  onReply(latencyMs: number): void {
    if (this.#repliesUntilNextCut > 0) this.#repliesUntilNextCut--;
    if (latencyMs > SLOW_REPLY_MS) {
      this.#timely = 0;
      if (this.#repliesUntilNextCut > 0) return;
      // Commands sent before the cut still come back late; they are no reason for another.
      this.#repliesUntilNextCut = this.#size;
      this.#size = Math.max(Math.floor(this.#size * CUT_FACTOR), Math.min(SIZE_MIN, this.#sizeMax));
    } else if (++this.#timely >= this.#size && this.#size < this.#sizeMax) {
      this.#timely = 0;
      this.#size++;
    }
  }
}
