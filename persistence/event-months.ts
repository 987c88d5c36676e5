import { monthOf, monthStartUs } from './months.ts';

/** In a key, above the months: of a shard and a month. */
const MONTHS = 2 ** 20;

/** By shard and month, the first event behind which nothing of earlier months comes. */
export class MonthBegins {
  readonly #sequences = new Map<number, number>();

  set(shard: number, month: number, sequence: number): void {
    this.#sequences.set(shard * MONTHS + month, sequence);
  }

  clear(): void {
    this.#sequences.clear();
  }

  *[Symbol.iterator](): Generator<{ shard: number; month: number; sequence: number }> {
    for (const [key, sequence] of this.#sequences) {
      const month = key % MONTHS;
      yield { shard: (key - month) / MONTHS, month, sequence };
    }
  }
}

/**
 * Follows the times of events that have rows in partitions, to know with which event of a shard each month
 * begins. Shards tell one another's times, so an event may be some moments older than the one before it.
 */
export class EventMonths {
  /** By shard: of its newest month. */
  readonly #startsUs: number[];
  readonly #endsUs: number[];
  /** Of all events; 0 before the first. */
  newestUs = 0;

  /** @param newest by shard: the newest month that has begun; null when none has */
  constructor(newest: readonly (number | null)[]) {
    const starts = newest.map((month) => (month === null ? null : monthStartUs(month)));
    this.#startsUs = starts.map((startUs) => startUs ?? 0);
    this.#endsUs = newest.map((month) => (month === null ? 0 : monthStartUs(month + 1)));
    this.newestUs = Math.max(...this.#startsUs);
  }

  /** Takes the time of an event, and notes what it changes. */
  follow(shard: number, sequence: number, timeUs: number, begins: MonthBegins): void {
    if (timeUs > this.newestUs) this.newestUs = timeUs;
    if (timeUs >= this.#endsUs[shard]!) {
      const month = monthOf(timeUs);
      this.#startsUs[shard] = monthStartUs(month);
      this.#endsUs[shard] = monthStartUs(month + 1);
      begins.set(shard, month, sequence);
    } else if (timeUs < this.#startsUs[shard]!) {
      begins.set(shard, monthOf(this.#startsUs[shard]!), sequence + 1);
    }
  }
}
