import { US_PER_MS, US_PER_SECOND } from '../engine/protocol/time-units.ts';

/**
 * The time of the venue, in every thread of the process: microseconds since the epoch by the clock of the host as it
 * was when the process started, carried on by the monotonic clock. It never steps; when somebody sets the host's clock,
 * the two differ until the next start.
 */
export function nowUs(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000);
}

/** The two clocks that the gateway goes by. */
export interface Clocks {
  /** Of the host, as it is set now: what clients stamp their requests by, ms since the epoch. May step. */
  readonly hostMs: () => number;
  /** Of the engine: `nowUs`. */
  readonly engineUs: () => number;
}

export const CLOCKS: Clocks = { hostMs: () => Date.now(), engineUs: nowUs };

/** By how much the host's clock was set forward since the start, seconds; below 0 when it was set back. */
export function clockStepSeconds({ hostMs, engineUs }: Clocks = CLOCKS): number {
  return (hostMs() * US_PER_MS - engineUs()) / US_PER_SECOND;
}
