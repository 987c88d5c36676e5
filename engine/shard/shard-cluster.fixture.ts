import assert from 'node:assert/strict';
import type { Random } from '../collections/random.ts';
import { KillScope } from '../protocol/enums.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { homeShardOfAccount } from '../protocol/sharding.ts';
import { LinkReader, LinkWriter } from '../ring/link.ts';
import { allocateTopology, type RingSizes, type Topology } from '../ring/topology.ts';
import { OvertakingWatch } from './overtaking-watch.fixture.ts';
import { Shard } from './shard.ts';
import { type Command, checkShard, encodeCommand, Heard } from './shard-harness.fixture.ts';
import { ShardLoop } from './shard-loop.ts';

/** Several shards in one thread; whatever happens next is drawn from a seed. */
export interface ShardCluster {
  readonly shardCount: number;
  /** What each shard said to the gateway since the last `clear`. */
  readonly heard: readonly Heard[];
  readonly answers: Answers;
  nowUs: number;
  /** Sends a command to the account's home, or to every shard when it is of no account. */
  inject(command: Command): void;
  /** Lets one thing happen somewhere; false when there was nothing left to happen. */
  step(): boolean;
}

export function shardsOf(command: Command, shardCount: number): number[] {
  const accountId = accountOf(command);
  return accountId === null
    ? Array.from({ length: shardCount }, (_, shard) => shard)
    : [homeShardOfAccount(accountId, shardCount)];
}

function accountOf({ kind, body }: Command): number | null {
  if (kind === 'setKillSwitch') return body.scope === KillScope.Account ? body.targetId : null;
  return 'accountId' in body ? body.accountId : null;
}

const IN_PARTS: readonly string[] = [
  ...['cancelAll', 'queryOrders', 'setKillSwitch', 'massCancel', 'fireCancelTimer'],
];

/** Whether every request was answered, how often, and that no cancel overtook a change. */
export class Answers {
  readonly #overtaking = new OvertakingWatch();
  readonly #expected = new Map<number, number>();
  readonly #given = new Map<number, number>();
  /** Requests answered in several parts; the last part is `RequestDone`. */
  readonly #inParts = new Set<number>();
  /** Requests that may stay unanswered. */
  readonly #inDoubt = new Set<number>();

  expect(command: Command, shardCount: number): void {
    const { requestId } = command.body;
    this.#overtaking.sent(command);
    this.#expected.set(requestId, shardsOf(command, shardCount).length);
    if (IN_PARTS.includes(command.kind)) this.#inParts.add(requestId);
  }

  hear(heard: Heard): void {
    const { refusals, done, others, orders, funds, shards } = heard;
    this.#overtaking.hear(heard);
    const requestIds = [...done, ...others];
    // The receiving side of a transfer answers nobody.
    const answers = funds.filter(({ requestId }) => requestId > 0);
    for (const { requestId } of [...refusals, ...answers, ...shards]) requestIds.push(requestId);
    for (const { requestId } of orders) {
      if (requestId > 0 && !this.#inParts.has(requestId)) requestIds.push(requestId);
    }
    for (const requestId of requestIds) {
      this.#given.set(requestId, (this.#given.get(requestId) ?? 0) + 1);
    }
  }

  /** Who was asked has died: what was not answered by now may be answered still, or never. */
  doubtUnanswered(): void {
    this.#overtaking.forgetChanges();
    for (const requestId of this.#expected.keys()) {
      if (!this.isComplete(requestId)) this.#inDoubt.add(requestId);
    }
  }

  isInDoubt(requestId: number): boolean {
    return this.#inDoubt.has(requestId);
  }

  /** Whether every shard asked has answered, as far as it ever will. */
  isComplete(requestId: number): boolean {
    if (this.#inDoubt.has(requestId)) return true;
    return (this.#given.get(requestId) ?? 0) >= (this.#expected.get(requestId) ?? 0);
  }

  /** Asserts that what was asked was answered, once by each shard asked, or at most once where in doubt. */
  assertAllGiven(): void {
    for (const [requestId, count] of this.#expected) {
      const given = this.#given.get(requestId) ?? 0;
      if (this.#inDoubt.has(requestId)) assert.ok(given <= count, `answers to ${requestId}`);
      else assert.equal(given, count, `answers to request ${requestId}`);
    }
    for (const requestId of this.#given.keys()) {
      assert.ok(this.#expected.has(requestId), `an answer to ${requestId}, which nobody asked`);
    }
  }
}

/** Shards joined by nothing but their output frames, delivered a random few at a time. */
export class DirectCluster implements ShardCluster {
  readonly shardCount: number;
  readonly shards: readonly Shard[];
  readonly heard: readonly Heard[];
  readonly answers = new Answers();
  nowUs = 1;
  readonly #random: Random;
  readonly #commands: readonly FrameWriter[];
  readonly #reader = new FrameReader();

  constructor(shardCount: number, random: Random) {
    const numbers = Array.from({ length: shardCount }, (_, shard) => shard);
    this.shardCount = shardCount;
    this.#random = random;
    this.shards = numbers.map((shard) => new Shard(shard, shardCount));
    this.heard = numbers.map(() => new Heard());
    this.#commands = numbers.map(() => new FrameWriter());
  }

  inject(command: Command): void {
    this.answers.expect(command, this.shardCount);
    for (const shard of shardsOf(command, this.shardCount)) {
      encodeCommand(this.#commands[shard]!, command);
    }
  }

  step(): boolean {
    const waiting: (readonly [from: number, to: number, FrameWriter])[] = [];
    for (const [to, commands] of this.#commands.entries()) {
      if (commands.pendingBytes > 0) waiting.push([-1, to, commands]);
      for (const [from, { outputs }] of this.shards.entries()) {
        const frames = outputs.toShard[to]!;
        if (frames.pendingBytes > 0) waiting.push([from, to, frames]);
      }
    }
    if (waiting.length === 0) return false;
    const [from, to, frames] = waiting[this.#random.below(waiting.length)]!;
    const shard = this.shards[to]!;
    const reader = this.#reader;
    reader.reset(frames.bytes, frames.start, frames.end);
    for (let left = 1 + this.#random.below(3); left > 0 && reader.next(); left--) {
      shard.apply(reader, from, this.nowUs);
    }
    frames.consume(reader.position - frames.start);
    checkShard(shard, false);
    this.#hear(to);
    return true;
  }

  #hear(shard: number): void {
    const { events } = this.shards[shard]!.outputs;
    const reader = new FrameReader();
    reader.reset(events.bytes, events.start, events.end);
    const heard = new Heard();
    heard.lastSequence = this.heard[shard]!.lastSequence;
    heard.takeAll(reader);
    events.consume(events.pendingBytes);
    this.answers.hear(heard);
    this.heard[shard]!.append(heard);
  }
}

/** Shards behind their loops and real rings, which may be far too small for what goes through. */
export class RingCluster implements ShardCluster {
  readonly shardCount: number;
  readonly heard: readonly Heard[];
  /** What the persistence thread's rings carried. */
  readonly recorded: readonly Heard[];
  readonly answers = new Answers();
  nowUs = 1;
  readonly #random: Random;
  readonly #actors: readonly (() => boolean)[];
  readonly #writers: readonly LinkWriter[];
  readonly loops: readonly ShardLoop[];
  /** How often a loop was found with outputs that its rings had no room for. */
  heldUpCount = 0;

  constructor(shardCount: number, random: Random, sizes: RingSizes) {
    const topology = allocateTopology(shardCount, sizes);
    const numbers = Array.from({ length: shardCount }, (_, shard) => shard);
    this.shardCount = shardCount;
    this.#random = random;
    this.heard = numbers.map(() => new Heard());
    this.recorded = numbers.map(() => new Heard());
    this.#writers = topology.gatewayToShard.map((link) => new LinkWriter(link));
    this.loops = numbers.map((shard) => new ShardLoop(topology, shard, () => this.nowUs));
    this.#actors = numbers.flatMap((shard) => this.#actorsOf(shard, topology));
  }

  inject(command: Command): void {
    this.answers.expect(command, this.shardCount);
    for (const shard of shardsOf(command, this.shardCount)) {
      encodeCommand(this.#writers[shard]!.frames, command);
    }
  }

  /** Lets a random actor act; when it had nothing to do, all of them, once each. */
  step(): boolean {
    const actor = this.#actors[this.#random.below(this.#actors.length)]!;
    // Moving the last bytes of a frame is not told as progress: what they lead to shows a round later.
    return actor() || this.#round() || this.#round();
  }

  #round(): boolean {
    return this.#actors.map((act) => act()).includes(true);
  }

  #actorsOf(shard: number, topology: Topology): (() => boolean)[] {
    const loop = this.loops[shard]!;
    const writer = this.#writers[shard]!;
    const turn = () => {
      const isHeldUp = loop.isHeldUp;
      if (isHeldUp) this.heldUpCount++;
      return loop.turn() > 0 || isHeldUp;
    };
    const send = () => {
      const before = writer.frames.pendingBytes;
      writer.flush();
      return before > 0;
    };
    const gateway = this.#ear(new LinkReader(topology.shardToGateway[shard]!), (heard) => {
      this.answers.hear(heard);
      this.heard[shard]!.append(heard);
    });
    const persistence = this.#ear(new LinkReader(topology.shardToPersistence[shard]!), (heard) => {
      this.recorded[shard]!.append(heard);
    });
    return [turn, turn, send, gateway, persistence];
  }

  #ear(link: LinkReader, listen: (heard: Heard) => void): () => boolean {
    const reader = new FrameReader();
    let lastSequence = 0;
    return () => {
      const bytes = link.fillBytes;
      const heard = new Heard();
      heard.lastSequence = lastSequence;
      link.poll(reader, (frame) => heard.take(frame));
      lastSequence = heard.lastSequence;
      listen(heard);
      return bytes > 0;
    };
  }
}
