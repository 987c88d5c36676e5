import { assert } from '../assert.ts';
import type { Random } from '../collections/random.ts';
import { StopShard } from '../protocol/commands.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { LinkReader, LinkWriter, type SharedLink } from '../ring/link.ts';
import { allocateTopology, type Topology } from '../ring/topology.ts';
import { Answers, type ShardCluster, shardsOf } from '../shard/shard-cluster.fixture.ts';
import { type Command, encodeCommand, Heard } from '../shard/shard-harness.fixture.ts';
import { ShardLoop } from '../shard/shard-loop.ts';
import type { ShardParts } from '../shard/shard-parts.ts';
import { CheckedShard } from './checked-shard.ts';
import type { Conditions } from './conditions.ts';
import { EventTally } from './event-tally.ts';
import { Wire } from './wire.ts';

/** Whatever a thread or a link would do by itself: it acts when it is picked, unless it sleeps. */
interface Actor {
  /** False when there was nothing to do. */
  readonly act: () => boolean;
  wakeAtUs: number;
}

/** More than any run takes to come to rest, even one byte at a time. */
const STEPS_TO_REST_MAX = 20_000_000;

/**
 * A whole engine in one thread: the real shards behind their real loops and rings, with a gateway's and
 * a persistence thread's end, under a simulated clock. Who acts next, who sleeps and how long, and how
 * many bytes go over a link at once comes from one seed, so a run can be repeated to the byte.
 */
export class SimulatedEngine implements ShardCluster {
  readonly shardCount: number;
  readonly shards: readonly CheckedShard[];
  readonly heard: readonly Heard[];
  readonly answers = new Answers();
  /** Everything each shard said to the gateway. */
  readonly tallies: readonly EventTally[];
  nowUs = 1_000_000;
  /** How often a turn of a shard left outputs that its rings had no room for. */
  heldUpCount = 0;
  readonly conditions: Conditions;
  readonly #random: Random;
  readonly #loops: readonly ShardLoop[];
  readonly #gateway: readonly LinkWriter[];
  readonly #persistenceTallies: readonly EventTally[];
  readonly #actors: readonly Actor[];

  constructor(shardCount: number, random: Random, conditions: Conditions, parts: ShardParts) {
    const numbers = Array.from({ length: shardCount }, (_, shard) => shard);
    const hashSeed = random.nextUint32();
    const written = allocateTopology(shardCount, conditions.writtenRings, hashSeed);
    const read = allocateTopology(shardCount, conditions.readRings, hashSeed);
    this.shardCount = shardCount;
    this.conditions = conditions;
    this.#random = random;
    this.heard = numbers.map(() => new Heard());
    this.tallies = numbers.map(() => new EventTally());
    this.#persistenceTallies = numbers.map(() => new EventTally());
    this.shards = numbers.map((shard) => new CheckedShard(shard, shardCount, hashSeed, parts));
    this.#loops = numbers.map((shard) => {
      const topology = topologyOf(shard, written, read);
      return new ShardLoop(topology, shard, () => this.nowUs, this.shards[shard]!);
    });
    this.#gateway = written.gatewayToShard.map((link) => new LinkWriter(link));
    const acts = [
      ...numbers.flatMap((shard) => this.#actsOf(shard, written)),
      ...this.#wires(written, read).map((wire) => () => wire.move()),
    ];
    this.#actors = acts.map((act) => ({ act, wakeAtUs: 0 }));
  }

  inject(command: Command): void {
    this.answers.expect(command, this.shardCount);
    for (const shard of shardsOf(command, this.shardCount)) {
      encodeCommand(this.#gateway[shard]!.frames, command);
    }
  }

  /** Lets time pass until one thing has happened; false when nothing is left to happen. */
  step(): boolean {
    const random = this.#random;
    const { tickUsMax, stallOneIn, stallUsMax } = this.conditions;
    const actors = this.#actors;
    for (let idle = 0; idle < 4 * actors.length; idle++) {
      this.nowUs += 1 + random.below(tickUsMax);
      const actor = actors[random.below(actors.length)]!;
      if (actor.wakeAtUs > this.nowUs) continue;
      if (random.below(stallOneIn) === 0) actor.wakeAtUs = this.nowUs + random.below(stallUsMax);
      else if (actor.act()) return true;
    }
    this.nowUs += stallUsMax;
    return actors.map((actor) => actor.act()).includes(true);
  }

  /** Lets it run until nothing is under way; then both readers have heard the same bytes. */
  settle(): void {
    for (let steps = 0; this.step(); steps++) {
      assert(steps < STEPS_TO_REST_MAX, 'the engine never comes to rest');
    }
    for (const [shard, tally] of this.tallies.entries()) {
      assert(
        tally.digest() === this.#persistenceTallies[shard]!.digest(),
        'gateway and persistence thread were told different things',
      );
    }
  }

  /** Stops every shard, as a venue does, and asserts that each says so. */
  stop(): void {
    for (const { frames } of this.#gateway) StopShard.encode(frames, 0, {});
    this.settle();
    for (const loop of this.#loops)
      assert(loop.hasStopped, 'a shard that was told to stop goes on');
  }

  /** A shard's thread has most of the work, so it is picked more often. */
  #actsOf(shard: number, written: Topology): (() => boolean)[] {
    const loop = this.#loops[shard]!;
    const writer = this.#gateway[shard]!;
    const heard = this.heard[shard]!;
    const tally = this.tallies[shard]!;
    const persistenceTally = this.#persistenceTallies[shard]!;
    const turn = () => {
      const taken = loop.turn();
      if (!loop.isHeldUp) return taken > 0;
      this.heldUpCount++;
      return true;
    };
    const send = () => {
      const before = writer.frames.pendingBytes;
      writer.flush();
      return writer.frames.pendingBytes < before;
    };
    const gateway = earOf(written.shardToGateway[shard]!, tally, (told) => {
      this.answers.hear(told);
      heard.append(told);
    });
    const persistence = earOf(written.shardToPersistence[shard]!, persistenceTally, () => {});
    return [turn, turn, turn, send, gateway, persistence];
  }

  #wires(written: Topology, read: Topology): Wire[] {
    const wires: Wire[] = [];
    const join = (from: SharedLink, to: SharedLink) => {
      wires.push(new Wire(from, to, this.#random, this.conditions.cutBytesMax));
    };
    for (let to = 0; to < this.shardCount; to++) {
      join(written.gatewayToShard[to]!, read.gatewayToShard[to]!);
      for (let from = 0; from < this.shardCount; from++) {
        if (from !== to) join(written.shardToShard[from]![to]!, read.shardToShard[from]![to]!);
      }
    }
    return wires;
  }
}

/** The rings as one shard sees them: it writes into the one set and reads from the other. */
function topologyOf(shard: number, written: Topology, read: Topology): Topology {
  const shardToShard = read.shardToShard.map((links, from) =>
    from === shard ? written.shardToShard[from]! : links,
  );
  return { ...written, gatewayToShard: read.gatewayToShard, shardToShard };
}

/** The reading end of one stream of events: takes what is there. */
function earOf(link: SharedLink, tally: EventTally, listen: (told: Heard) => void): () => boolean {
  const reader = new LinkReader(link);
  const frame = new FrameReader();
  let lastSequence = 0;
  return () => {
    const bytes = reader.fillBytes;
    const told = new Heard();
    told.lastSequence = lastSequence;
    const frames = reader.poll(frame, () => {
      tally.take(frame);
      told.take(frame);
    });
    lastSequence = told.lastSequence;
    if (frames > 0) listen(told);
    return bytes > 0;
  };
}
