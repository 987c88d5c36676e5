import { assert } from '../assert.ts';
import type { Random } from '../collections/random.ts';
import type { FrameReader } from '../protocol/frame-reader.ts';
import type { EventRecord } from './event-record.ts';
import type { Listener } from './gateway-end.ts';

/** One batch in so many is committed as soon as it was read; the others wait for more. */
const COMMIT_ONE_IN = 4;

/**
 * The persistence thread and its database, of one shard: events are read into memory, and committed some time later
 * together with the position they reach. A crash takes the thread's memory; the database keeps what was committed,
 * perhaps by a thread that did not live to hear of it.
 */
export class SimulatedDatabase implements Listener {
  /** Sequence of the last event committed: all before it were, too, once each. */
  position = 0;
  #uncommitted = 0;
  readonly #record: EventRecord;
  readonly #random: Random;

  constructor(record: EventRecord, random: Random) {
    this.#record = record;
    this.#random = random;
  }

  take(frame: FrameReader): void {
    const { sequence } = frame;
    if (sequence === 0) return;
    this.#record.take(frame);
    const next = this.position + this.#uncommitted + 1;
    // What it has already may come once more with what it has not.
    assert(sequence <= next, `the database misses event ${next}, and is told ${sequence}`);
    if (sequence === next) this.#uncommitted++;
  }

  pause(): boolean {
    if (this.#uncommitted === 0) return false;
    if (this.#random.below(COMMIT_ONE_IN) === 0) this.#commit(this.#uncommitted);
    return true;
  }

  /** The thread dies, perhaps in a commit. */
  crash(): void {
    if (this.#random.below(2) === 0) this.#commit(this.#random.below(this.#uncommitted + 1));
    this.#uncommitted = 0;
  }

  #commit(events: number): void {
    this.position += events;
    this.#uncommitted -= events;
  }
}
