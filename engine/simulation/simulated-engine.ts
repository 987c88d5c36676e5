import { assert } from '../assert.ts';
import type { Random } from '../collections/random.ts';
import { StopShard } from '../protocol/commands.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { ByteRing } from '../ring/byte-ring.ts';
import { LinkReader, LinkWriter, type SharedLink } from '../ring/link.ts';
import { allocateTopology, type Topology } from '../ring/topology.ts';
import { type Answers, type ShardCluster, shardsOf } from '../shard/shard-cluster.fixture.ts';
import { type Command, encodeCommand, type Heard } from '../shard/shard-harness.fixture.ts';
import { ShardLoop } from '../shard/shard-loop.ts';
import type { ShardParts } from '../shard/shard-parts.ts';
import { CheckedShard } from './checked-shard.ts';
import type { Conditions } from './conditions.ts';
import { EventTally } from './event-tally.ts';
import { GatewayEnd, type Listener } from './gateway-end.ts';
import { Wire } from './wire.ts';

/** What an engine is to an `EngineRun`. */
export interface Engine extends ShardCluster {
  readonly shards: readonly CheckedShard[];
  readonly conditions: Conditions;
  /** Everything each shard said to the gateway. */
  readonly tallies: readonly EventTally[];
  /** How often a turn of a shard left outputs that its rings had no room for. */
  readonly heldUpCount: number;
  /** Lets it run until nothing is under way; then both readers of a shard's events have heard the same. */
  settle(): void;
  /** Stops every shard, as a venue does, and asserts that each says so. */
  stop(): void;
}

/** What an engine finds when it starts, and who listens to it: all that is there before it and after it. */
export interface Surroundings {
  readonly startUs: number;
  readonly gateway: GatewayEnd;
  /** By shard. */
  readonly persistence: readonly Listener[];
  /**
   * Makes a shard's loop before its first turn; null while it waits for other shards, whose turn that may be.
   * `makeMachine` makes the shard, anew each time it is called; `drain` lets the readers of its events read what it has
   * said.
   */
  start(
    shard: number,
    makeMachine: () => CheckedShard,
    topology: Topology,
    nowUs: () => number,
    drain: () => boolean,
  ): ShardLoop | null;
  /** Whether the other shards go on when a shard's turn has failed in this way. */
  survives(error: unknown): boolean;
  checkAtRest(): void;
}

/** A venue that remembers nothing. */
function withoutHistory(shardCount: number): Surroundings {
  const tallies = Array.from({ length: shardCount }, () => new EventTally());
  const gateway = new GatewayEnd(shardCount);
  return {
    startUs: 1_000_000,
    gateway,
    persistence: tallies.map((tally) => ({
      take: (frame) => tally.take(frame),
      pause: () => false,
    })),
    start: (shard, makeMachine, topology, nowUs) =>
      new ShardLoop(topology, shard, nowUs, makeMachine()),
    survives: () => false,
    checkAtRest() {
      for (const [shard, tally] of gateway.tallies.entries()) {
        assert(
          tally.digest() === tallies[shard]!.digest(),
          'gateway and persistence thread were told different things',
        );
      }
    },
  };
}

/** Whatever a thread or a link would do by itself: it acts when it is picked, unless it sleeps. */
interface Actor {
  /** False when there was nothing to do. */
  readonly act: () => boolean;
  wakeAtUs: number;
}

/** Makes a shard of the simulation's choice. */
export type MakeShard = (
  shard: number,
  shardCount: number,
  hashSeed: number,
  parts: ShardParts,
) => CheckedShard;

/** More than any run takes to come to rest, even one byte at a time. */
export const STEPS_TO_REST_MAX = 20_000_000;
/** Things that happen at most while a disk operation takes its time. */
const INTERJECTIONS_MAX = 2;

/**
 * A whole engine in one thread: the real shards behind their real loops and rings, with a gateway's and
 * a persistence thread's end, under a simulated clock. Who acts next, who sleeps and how long, and how
 * many bytes go over a link at once comes from one seed, so a run can be repeated to the byte.
 */
export class SimulatedEngine implements Engine {
  readonly shardCount: number;
  readonly shards: CheckedShard[];
  readonly heard: readonly Heard[];
  readonly answers: Answers;
  readonly tallies: readonly EventTally[];
  nowUs: number;
  heldUpCount = 0;
  readonly conditions: Conditions;
  /** Shards whose turn failed while the others go on. */
  readonly dead = new Set<number>();
  readonly #random: Random;
  readonly #surroundings: Surroundings;
  readonly #makeMachine: (shard: number) => CheckedShard;
  /** Null before a shard's first turn. */
  readonly #loops: (ShardLoop | null)[];
  /** Shards in the middle of a turn. */
  readonly #busy = new Set<number>();
  readonly #topologies: readonly Topology[];
  readonly #gateway: readonly LinkWriter[];
  readonly #actors: readonly Actor[];

  /** @param makeShard by default makes one that checks itself */
  constructor(
    shardCount: number,
    random: Random,
    conditions: Conditions,
    parts: ShardParts,
    surroundings = withoutHistory(shardCount),
    makeShard: MakeShard = (...given) => new CheckedShard(...given),
  ) {
    const numbers = Array.from({ length: shardCount }, (_, shard) => shard);
    const hashSeed = random.nextUint32();
    const written = allocateTopology(shardCount, conditions.writtenRings, hashSeed);
    const read = allocateTopology(shardCount, conditions.readRings, hashSeed);
    const { gateway, startUs } = surroundings;
    this.shardCount = shardCount;
    this.conditions = conditions;
    this.heard = gateway.heard;
    this.answers = gateway.answers;
    this.tallies = gateway.tallies;
    this.nowUs = startUs;
    this.#random = random;
    this.#surroundings = surroundings;
    this.#makeMachine = (shard) => makeShard(shard, shardCount, hashSeed, parts);
    this.shards = numbers.map(this.#makeMachine);
    this.#topologies = numbers.map((shard) => topologyOf(shard, written, read));
    this.#loops = numbers.map(() => null);
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

  /** Lets a few things happen while a shard waits for its disk. */
  interject(): void {
    for (let left = this.#random.below(INTERJECTIONS_MAX + 1); left > 0; left--) {
      this.#actors[this.#random.below(this.#actors.length)]!.act();
    }
  }

  /** A dead shard begins again when it is picked, as a venue lets it; what was on its way to it is gone. */
  restart(shard: number): void {
    this.#gateway[shard]!.discard();
    new ByteRing(this.#topologies[shard]!.gatewayToShard[shard]!.ring).discard();
    this.shards[shard] = this.#makeMachine(shard);
    this.#loops[shard] = null;
    this.dead.delete(shard);
  }

  settle(): void {
    for (let steps = 0; this.step(); steps++) {
      assert(steps < STEPS_TO_REST_MAX, 'the engine never comes to rest');
    }
    this.#surroundings.checkAtRest();
  }

  stop(): void {
    for (const { frames } of this.#gateway) StopShard.encode(frames, 0, {});
    this.settle();
    for (const loop of this.#loops)
      assert(loop?.hasStopped === true, 'a shard that was told to stop goes on');
  }

  /** A shard's thread has most of the work, so it is picked more often. */
  #actsOf(shard: number, written: Topology): (() => boolean)[] {
    const { gateway, persistence } = this.#surroundings;
    const writer = this.#gateway[shard]!;
    const hear = earOf(written.shardToGateway[shard]!, gateway.listener(shard));
    const drain = earOf(written.shardToPersistence[shard]!, persistence[shard]!);
    const turn = () => {
      if (this.#busy.has(shard) || this.dead.has(shard)) return false;
      this.#busy.add(shard);
      try {
        return this.#turn(shard, () => [hear, drain].map((read) => read()).includes(true));
      } catch (error) {
        if (!this.#surroundings.survives(error)) throw error;
        this.dead.add(shard);
        return true;
      } finally {
        this.#busy.delete(shard);
      }
    };
    const send = () => {
      const before = writer.frames.pendingBytes;
      writer.flush();
      return writer.frames.pendingBytes < before;
    };
    return [turn, turn, turn, send, hear, drain];
  }

  #turn(shard: number, drain: () => boolean): boolean {
    const isNew = this.#loops[shard] === null;
    this.#loops[shard] ??= this.#start(shard, drain);
    const loop = this.#loops[shard];
    if (loop === null) return true;
    const taken = loop.turn();
    if (!loop.isHeldUp) return taken > 0 || isNew;
    this.heldUpCount++;
    return true;
  }

  #start(shard: number, drain: () => boolean): ShardLoop | null {
    const nowUs = () => this.nowUs;
    let isMade = true;
    const makeMachine = () => {
      if (!isMade) this.shards[shard] = this.#makeMachine(shard);
      isMade = false;
      return this.shards[shard]!;
    };
    return this.#surroundings.start(shard, makeMachine, this.#topologies[shard]!, nowUs, drain);
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
function earOf(link: SharedLink, listener: Listener): () => boolean {
  const reader = new LinkReader(link);
  const frame = new FrameReader();
  return () => {
    const bytes = reader.fillBytes;
    reader.poll(frame, (next) => listener.take(next));
    return listener.pause() || bytes > 0;
  };
}
