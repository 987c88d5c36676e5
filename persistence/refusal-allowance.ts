const REFUSALS_MAX = 100;
const EVENTS_PER_REFUSAL = 10_000;

/**
 * How many events may still be left out as refused: 100 in a row, and one more for every 10,000 that
 * were written, up to 100 again. More than that says that it is not the events: a constraint or a
 * trigger that refuses everything must not turn all of history into refused events.
 */
export class RefusalAllowance {
  #left = REFUSALS_MAX;

  /** Told of events that were written. */
  earn(eventCount: number): void {
    this.#left = Math.min(REFUSALS_MAX, this.#left + eventCount / EVENTS_PER_REFUSAL);
  }

  /** Takes one; false when there is none left. */
  spend(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
