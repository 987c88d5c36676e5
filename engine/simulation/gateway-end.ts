import type { FrameReader } from '../protocol/frame-reader.ts';
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

  constructor(shardCount: number) {
    const shards = Array.from({ length: shardCount }, (_, shard) => shard);
    this.heard = shards.map(() => new Heard());
    this.tallies = shards.map(() => new EventTally());
    this.#latest = shards.map(() => new Heard());
  }

  listener(shard: number): Listener {
    return {
      take: (frame) => {
        this.tallies[shard]!.take(frame);
        this.#latest[shard]!.take(frame);
      },
      pause: () => {
        this.#keep(shard);
        return false;
      },
    };
  }

  #keep(shard: number): void {
    const latest = this.#latest[shard]!;
    if (latest.types.length === 0) return;
    this.answers.hear(latest);
    this.heard[shard]!.append(latest);
    this.#latest[shard] = new Heard();
    this.#latest[shard].lastSequence = latest.lastSequence;
  }
}
