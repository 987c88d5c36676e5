import { EventsResumed, ShardReturned } from '../protocol/events.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { Answers } from '../shard/shard-cluster.fixture.ts';
import { Heard } from '../shard/shard-harness.fixture.ts';
import { EventTally } from './event-tally.ts';

/** Reads one stream of a shard's events. */
export interface Listener {
  take(frame: FrameReader): void;
  /** When the ring has nothing more for the moment; true when there was something else to do. */
  pause(): boolean;
}

/** What the gateway has heard of every shard. It outlives the engine: clients remember what they were told. */
export class GatewayEnd {
  /** What each shard said since it was last cleared. */
  readonly heard: readonly Heard[];
  readonly answers = new Answers();
  /** Everything each shard said. */
  readonly tallies: readonly EventTally[];
  /** What came since the last pause, by shard. */
  readonly #latest: Heard[];
  /** Where each shard's stream stood when it began anew: up to there events may come once more. */
  readonly #resumedAt: number[];
  readonly #notice: (shard: number, frame: FrameReader) => void;

  /** @param notice is shown every frame that comes over a ring */
  constructor(shardCount: number, notice: (shard: number, frame: FrameReader) => void = () => {}) {
    this.#notice = notice;
    const shards = Array.from({ length: shardCount }, (_, shard) => shard);
    this.heard = shards.map(() => new Heard());
    this.tallies = shards.map(() => new EventTally());
    this.#latest = shards.map(() => new Heard());
    this.#resumedAt = shards.map(() => 0);
  }

  listener(shard: number): Listener {
    return {
      take: (frame) => {
        this.#notice(shard, frame);
        this.#take(shard, frame);
      },
      pause: () => {
        this.#keep(shard);
        return false;
      },
    };
  }

  /** Sequence of the last event of a shard that it knows. */
  lastSequence(shard: number): number {
    return this.#latest[shard]!.lastSequence;
  }

  /**
   * Tells it what it has not heard of a shard's events, `events[i]` having sequence i + 1. It stands for a gateway that
   * is told the state of a recovered shard.
   */
  catchUp(shard: number, events: readonly Uint8Array[]): void {
    const frame = new FrameReader();
    for (const event of events.slice(this.lastSequence(shard))) {
      frame.reset(event, 0, event.length);
      frame.next();
      this.#take(shard, frame);
    }
    this.#keep(shard);
  }

  #take(shard: number, frame: FrameReader): void {
    const { type, sequence } = frame;
    const last = this.lastSequence(shard);
    if (type === EventsResumed.type) this.#resumedAt[shard] = last;
    if (type === EventsResumed.type || type === ShardReturned.type) return;
    if (sequence > 0 && sequence <= last && last === this.#resumedAt[shard]) return;
    this.tallies[shard]!.take(frame);
    this.#latest[shard]!.take(frame);
  }

  #keep(shard: number): void {
    const latest = this.#latest[shard]!;
    if (latest.said.length === 0) return;
    this.answers.hear(latest);
    this.heard[shard]!.append(latest);
    this.#latest[shard] = new Heard();
    this.#latest[shard].lastSequence = latest.lastSequence;
  }
}
