import { assert } from '../../engine/assert.ts';
import {
  changesState,
  FireCancelTimer,
  SetCancelTimer,
  SetKillSwitch,
} from '../../engine/protocol/commands.ts';
import type { FieldsOf, Message } from '../../engine/protocol/message.ts';
import { RejectCode } from '../../engine/protocol/reject-codes.ts';
import { homeShardOfAccount, homeShardOfMarket } from '../../engine/protocol/sharding.ts';
import { LinkWriter } from '../../engine/ring/link.ts';
import type { Topology } from '../../engine/ring/topology.ts';
import { type EngineListener, EventLoop } from './event-loop.ts';
import {
  type AnswerPart,
  type AskedShards,
  EVERY_SHARD,
  isAmong,
  type OrderAnswer,
  PendingRequests,
  type TakePart,
} from './pending-requests.ts';

/** Room a command must find in its ring: the longest text an admin command carries fits beside it. */
const COMMAND_BYTES_MAX = 2048;

/** Room kept for what must go through when orders fill the ring; such a command is short. */
const URGENT_BYTES_MAX = 256;
const URGENT: ReadonlySet<number> = new Set(
  [SetKillSwitch, SetCancelTimer, FireCancelTimer].map(({ type }) => type),
);

/** What an account's home does by itself, or goes on with when other shards are back. */
const OF_HOME_ALONE: ReadonlySet<number> = new Set(
  [SetCancelTimer, FireCancelTimer].map(({ type }) => type),
);

/** The ring to the shard is full, the request was not sent: answer `busy`. */
export class RingFullError extends Error {
  override name = 'RingFullError';
}

/** A shard that the request needs is down, the request was not sent: answer `halted`. */
export class ShardDownError extends Error {
  override name = 'ShardDownError';
}

/**
 * The gateway's end of the engine: sends commands to shards, matches answers to requests, and hands
 * every event to the listener. Commands of one turn of the event loop leave as one batch.
 */
export class EngineClient {
  readonly shardCount: number;
  readonly #writers: LinkWriter[];
  readonly #pending = new PendingRequests();
  readonly #events: EventLoop;
  /** Shards whose threads are gone. */
  readonly #down = new Set<number>();
  readonly #returnListeners: ((shard: number) => void)[] = [];
  #flushScheduled = false;

  constructor(topology: Topology, listener: EngineListener) {
    this.shardCount = topology.shardCount;
    this.#writers = topology.gatewayToShard.map((link) => new LinkWriter(link));
    this.#events = new EventLoop(topology, listener, this.#pending);
  }

  /** Requests sent and not yet answered. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  /** How full the fullest ring to a shard is, 0 to 1. */
  get commandRingShare(): number {
    return this.#writers.reduce((most, writer) => Math.max(most, writer.fillShare), 0);
  }

  /** See `EventLoop`. */
  get journaledUs(): number {
    return this.#events.journaledUs;
  }

  /** See `EventLoop.takeDelayMs`. */
  takeEventDelayMs(): number {
    return this.#events.takeDelayMs();
  }

  /** Matches that were prevented within an account since the start. */
  get preventedMatchCount(): number {
    return this.#events.preventedMatchCount;
  }

  /** Sequence of the last event of a shard that was heard. */
  lastSequence(shard: number): number {
    return this.#events.lastSequence(shard);
  }

  /**
   * A shard's thread is gone. What it has said is still heard; after that every request that needs it ends with
   * `OutcomeUnknown`, what was sent to it and not taken is thrown away, and nothing more is sent to it until
   * it has returned.
   */
  shardDown(shard: number): void {
    this.#events.takeLastWords(shard);
    this.#down.add(shard);
    this.#writers[shard]!.discard();
    this.#pending.failShard(shard, RejectCode.OutcomeUnknown);
  }

  /**
   * Calls `listener` when a shard that was down takes commands again, before anybody else can have sent it one; those
   * that were given earlier come first.
   */
  onShardReturned(listener: (shard: number) => void): void {
    this.#returnListeners.push(listener);
    this.#events.onShardReturned = (shard) => {
      this.#down.delete(shard);
      for (const hear of this.#returnListeners) hear(shard);
    };
  }

  /** Whether the shard that owns a market is down. */
  isMarketDown(marketId: number): boolean {
    return this.#down.has(homeShardOfMarket(marketId, this.shardCount));
  }

  /** Whether a shard that the request of an account needs is down: its home, or its market's owner. */
  isHalted<F extends OrderCommandFields>(message: Message<F>, body: FieldsOf<F>): boolean {
    if (this.#down.size === 0) return false;
    const sentTo = homeShardOfAccount(body.accountId, this.shardCount);
    return this.#isDown({ sentTo, owner: this.#ownerOf(message, body) });
  }

  /**
   * Starts taking events from the shards; runs until `stop`.
   *
   * @param hasHistory the shards may have recorded events before: what one records before it has told
   *   its position, in answer to `DescribeState`, is passed over, since the description says what came of it
   */
  start(hasHistory = false): void {
    this.#events.start(hasHistory);
  }

  /** Numbers requests above an id from now on; see `PendingRequests`. Nothing may be under way. */
  numberRequestsAbove(requestId: number): void {
    this.#pending.numberAbove(requestId);
  }

  /** Stops taking events. Requests still unanswered stay so: drain first. */
  stop(): Promise<void> {
    return this.#events.stop();
  }

  /**
   * Sends an order command (place, cancel, reduce, replace, query) to the account's home shard; its
   * `requestId` is filled in here. `answer` is called exactly once, from a later turn of the loop.
   * False when the ring is full, or the home is down: nothing was sent and `answer` will not be called.
   */
  sendOrder<F extends OrderCommandFields>(
    message: Message<F>,
    body: FieldsOf<F>,
    answer: OrderAnswer,
  ): boolean {
    const home = homeShardOfAccount(body.accountId, this.shardCount);
    const writer = this.#writers[home]!;
    if (writer.roomBytes < COMMAND_BYTES_MAX || this.#down.has(home)) return false;
    const owner = mayWait(body) ? this.#marketOwnerOf(body) : this.#ownerOf(message, body);
    body.requestId = this.#pending.addOrder(answer, home, owner);
    message.encode(writer.frames, 0, body);
    this.#scheduleFlush();
    return true;
  }

  /**
   * Sends a command to one shard, or to all (`shard` −1), and gathers the parts of the answers until
   * every shard asked has ended its own.
   *
   * @throws RingFullError when a ring is full; nothing was sent then.
   * @throws ShardDownError when a shard that it needs is down; nothing was sent then.
   * @throws RefusedError when any shard refused.
   */
  async request<F extends RequestFields>(
    message: Message<F>,
    body: FieldsOf<F>,
    shard: number,
    orderEventsArePartial = false,
  ): Promise<AnswerPart[]> {
    const parts: AnswerPart[] = [];
    const take: TakePart = (part) => parts.push(part);
    await this.#ask(message, body, shard, orderEventsArePartial, take);
    return parts;
  }

  /**
   * As `request`, but hands on each part of the answers when it comes, before any event that its shard
   * recorded after it.
   */
  requestParts<F extends RequestFields>(
    message: Message<F>,
    body: FieldsOf<F>,
    shard: number,
    take: TakePart,
    orderEventsArePartial = false,
  ): Promise<void> {
    return this.#ask(message, body, shard, orderEventsArePartial, take);
  }

  /** Sends a command that has no answer; false when the ring is full, or the shard down. */
  tell<F extends Record<string, never> | { marketId: 'uint' }>(
    message: Message<F>,
    body: FieldsOf<F>,
    shard: number,
  ): boolean {
    const writer = this.#writers[shard]!;
    if (writer.roomBytes < COMMAND_BYTES_MAX || this.#down.has(shard)) return false;
    message.encode(writer.frames, 0, body);
    this.#scheduleFlush();
    return true;
  }

  /** Whether a command that is sent to the shard before this turn ends finds room in its ring. */
  hasRoomFor({ type }: { readonly type: number }, shard: number): boolean {
    return hasRoom(this.#writers[shard]!, type);
  }

  /** Fails everything under way: the outcome is not known. */
  failAll(): void {
    this.#pending.failAll(RejectCode.OutcomeUnknown);
  }

  #isDown({ sentTo, owner }: AskedShards): boolean {
    for (const shard of this.#down) {
      if (isAmong(sentTo, shard) || isAmong(owner, shard)) return true;
    }
    return false;
  }

  /** Of the market that has to do its part: a command of an account's that only asks is answered by its home alone. */
  #ownerOf<F extends RequestFields>(message: Message<F>, body: FieldsOf<F>): number | null {
    if (!('marketId' in body) || !changesState(message.type)) return null;
    if (OF_HOME_ALONE.has(message.type)) return null;
    return this.#marketOwnerOf(body as { marketId: number });
  }

  #marketOwnerOf({ marketId }: { marketId: number }): number {
    return marketId === 0 ? EVERY_SHARD : homeShardOfMarket(marketId, this.shardCount);
  }

  #ask<F extends RequestFields>(
    message: Message<F>,
    body: FieldsOf<F>,
    shard: number,
    orderEventsArePartial: boolean,
    take: TakePart,
  ): Promise<void> {
    const asked = { sentTo: shard, owner: this.#ownerOf(message, body) };
    if (this.#isDown(asked)) return Promise.reject(new ShardDownError('a shard is down'));
    const targets = shard === EVERY_SHARD ? this.#writers : [this.#writers[shard]!];
    if (!targets.every((writer) => hasRoom(writer, message.type))) {
      return Promise.reject(new RingFullError('the ring to a shard is full'));
    }
    return new Promise((resolve, reject) => {
      const answer = { take, resolve, reject };
      const { length } = targets;
      body.requestId = this.#pending.addRequest(length, orderEventsArePartial, answer, asked);
      for (const writer of targets) message.encode(writer.frames, 0, body);
      this.#scheduleFlush();
    });
  }

  /**
   * Sends what has been gathered and takes in what has been said, to be heard later: for turns of the loop with so much
   * to do that the shards would run dry meanwhile, or out of room for their events.
   */
  breathe(): void {
    this.#flushWriters();
    this.#events.absorb();
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    setImmediate(this.#flush);
  }

  #flush = (): void => {
    this.#flushScheduled = false;
    this.#flushWriters();
  };

  #flushWriters(): void {
    for (const writer of this.#writers) {
      assert(writer.flush(), 'a command was taken without room for it');
    }
  }
}

function hasRoom({ roomBytes }: LinkWriter, type: number): boolean {
  return roomBytes >= (URGENT.has(type) ? URGENT_BYTES_MAX : COMMAND_BYTES_MAX);
}

/** Of a query: its answer may have to wait for the market's owner. */
function mayWait(body: object): body is { marketId: number } {
  return 'mayWait' in body && body.mayWait === true;
}

type RequestFields = { requestId: 'wideUint' };
type OrderCommandFields = RequestFields & { accountId: 'uint' };
