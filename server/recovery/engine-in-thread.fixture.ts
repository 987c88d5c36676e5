import { Random } from '../../engine/collections/random.ts';
import { allocateTopology, DEFAULT_RING_SIZES, type Topology } from '../../engine/ring/topology.ts';
import { ShardLoop } from '../../engine/shard/shard-loop.ts';

/** What a thread's clock moves on between two looks: more than it takes commands meanwhile. */
const CLOCK_STEP_US = 1000;

/** What shards have to tell each other takes many turns. */
const RING_SIZES = { ...DEFAULT_RING_SIZES, shardBytes: 512 };

/**
 * Real shards behind their loops and rings in this very thread: which of them takes a turn, and when, is
 * drawn from a seed, so that messages are under way between them at any moment.
 */
export class EngineInThread {
  readonly topology: Topology;
  readonly loops: readonly ShardLoop[];
  nowUs = 1_700_000_000_000_000;
  /** No shard takes a turn meanwhile. */
  isPaused = false;
  readonly #random: Random;
  #isRunning = true;
  #ended: Promise<void>;

  constructor(shardCount: number, seed: number) {
    this.topology = allocateTopology(shardCount, RING_SIZES);
    this.#random = new Random(seed);
    const clock = (): number => {
      this.nowUs += CLOCK_STEP_US;
      return this.nowUs;
    };
    this.loops = Array.from(
      { length: shardCount },
      (_, shard) => new ShardLoop(this.topology, shard, clock),
    );
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (this.#isRunning) {
      for (let turns = 1 + this.#random.below(4); turns > 0 && !this.isPaused; turns--) {
        this.loops[this.#random.below(this.loops.length)]!.turn();
      }
      await turn();
    }
  }
}

/** A turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
