import { LatencyCounts, type SparseCounts } from '../histogram/latency-counts.ts';

/** What is shorter is not seen for certain. */
export const DELAY_RESOLUTION_MS = 5;
/** A timer may be as much late by its rounding alone. */
const TIMER_GRAIN_MS = 1;

/** What the process of the subscribers saw of itself over the measured part. */
export interface SubscribersWatch {
  /** Of one core: user and system time of all its threads. */
  readonly cpuShare: number;
  /** For how long a frame that came at any moment of it waited for the process itself. */
  readonly delay: SparseCounts;
}

/**
 * How long a frame waits for the event loop before it is looked at, were one to come every 5 ms: of a process held up
 * for a second, two hundred such frames wait for up to a second each.
 */
export class SelfDelay {
  readonly #delay = new LatencyCounts();
  #timer: NodeJS.Timeout | undefined;
  #dueMs = 0;
  #startedMs = 0;
  #cpu = process.cpuUsage();

  /** @param atMs when the measured part begins, on the clock of `performance.now` */
  start(atMs: number): void {
    this.#dueMs = performance.now() + DELAY_RESOLUTION_MS;
    this.#timer = setInterval(() => this.#tick(atMs), DELAY_RESOLUTION_MS);
  }

  /** The measured part is over. */
  end(): SubscribersWatch {
    clearInterval(this.#timer);
    const { user, system } = process.cpuUsage(this.#cpu);
    const elapsedUs = (performance.now() - this.#startedMs) * 1000;
    return { cpuShare: (user + system) / elapsedUs, delay: this.#delay.toSparse() };
  }

  #tick(atMs: number): void {
    const nowMs = performance.now();
    const dueMs = this.#dueMs;
    this.#dueMs = nowMs + DELAY_RESOLUTION_MS;
    if (nowMs < atMs) return;
    if (this.#startedMs === 0) {
      this.#startedMs = nowMs;
      this.#cpu = process.cpuUsage();
    }
    const lateMs = Math.max(0, nowMs - Math.max(dueMs, atMs) - TIMER_GRAIN_MS);
    for (let heldMs = lateMs; heldMs >= 0; heldMs -= DELAY_RESOLUTION_MS)
      this.#delay.record(heldMs * 1000);
  }
}
