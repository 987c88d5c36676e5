import { SetKillSwitch } from '../../engine/protocol/commands.ts';
import { KillScope, OrderEventKind } from '../../engine/protocol/enums.ts';
import { OrderEvent } from '../../engine/protocol/events.ts';
import { RejectCode } from '../../engine/protocol/reject-codes.ts';
import { homeShardOfAccount } from '../../engine/protocol/sharding.ts';
import { ALL_SHARDS, askShards } from '../admin/shard-request.ts';
import { ApiError, apiErrorOf, busyError } from '../api-error.ts';
import { withDeadline } from '../deadline.ts';
import { type EngineClient, ShardDownError } from '../engine/engine-client.ts';
import { type AnswerPart, RefusedError } from '../engine/pending-requests.ts';

/** An answer waits for the last cancel as long as no more than this passes between two of them. */
const SILENCE_MS_MAX = 5000;
/** Until there is room in a ring. */
const ROOM_PAUSE_MS = 1;

/** A latch that is set. */
export interface HeldLatch {
  readonly scope: KillScope;
  /** The market or account; 0 for the venue. */
  readonly targetId: number;
  /** Shards that have not confirmed it: they are down, and get it before anything else when they are back. */
  readonly missing: ReadonlySet<number>;
}

/** What the setting of a latch came to. */
export interface KillOutcome {
  /** As told so far: all there were when nothing is missing. */
  readonly cancelled: readonly OrderEvent[];
  /** Shards from which the last word was still to come when the answer was due; in order. */
  readonly missing: readonly number[];
}

interface Latch extends HeldLatch {
  readonly missing: Set<number>;
  /** How often it was asked for: what a shard says of an earlier time confirms nothing. */
  settings: number;
  /** Commands that wait for room in a ring. */
  unsent: number;
}

/**
 * The operator's kill switch. Its latches are the shards' (see `SetKillSwitch`), in their journals; this is who sets
 * them on every shard, and knows them by what the shards have said. A latch is set as far as it can be at once, and on
 * a shard that is down when that is back. Lifting is for a venue that is whole: it is done by all shards or refused.
 *
 * Invariant: of settings and lifts of one latch, every shard gets the commands in the order of the calls. Setting never
 * waits for a lift; a lift does not pass a setting that waits for room, and removes from here only what was set before.
 */
export class KillSwitches {
  /** Orders cancelled by it, since the start. */
  cancelledOrders = 0;
  readonly #engine: EngineClient;
  readonly #latches = new Map<string, Latch>();

  constructor(engine: EngineClient) {
    this.#engine = engine;
    engine.onShardReturned((shard) => this.#returned(shard));
  }

  get latches(): readonly HeldLatch[] {
    return [...this.#latches.values()];
  }

  /** Whether new orders in the market are refused. */
  stopsMarket(marketId: number): boolean {
    const { Venue, Market } = KillScope;
    const names = [nameOf(Venue, 0), nameOf(Market, marketId)];
    return this.#latches.size > 0 && names.some((name) => this.#latches.has(name));
  }

  stopsAccount(accountId: number): boolean {
    return this.#latches.has(nameOf(KillScope.Account, accountId));
  }

  /** A gateway that starts hears from a shard of a latch that it has. */
  learn(scope: KillScope, targetId: number, shard: number): void {
    this.#latchOf(scope, targetId).missing.delete(shard);
  }

  /**
   * Sets what some shards have and others have not: a crash came in between. Whoever asked had no answer, so both
   * ends would be right, and this is the safe one.
   */
  async complete(): Promise<void> {
    const incomplete = this.latches.filter(({ missing }) => missing.size > 0);
    await Promise.all(incomplete.map(({ scope, targetId }) => this.activate(scope, targetId)));
  }

  /**
   * Sets a latch and cancels all that is open in it. Once this resolves with nothing missing, no order within it is
   * accepted until it is lifted. A full ring is tried again until there is room.
   *
   * @param targetId a market or an account that there is; 0 for the venue
   * @throws ApiError of a market or account that a shard does not know
   */
  async activate(scope: KillScope, targetId: number): Promise<KillOutcome> {
    const latch = this.#latchOf(scope, targetId);
    latch.settings++;
    const cancelled: OrderEvent[] = [];
    const waiting = new Set<number>(this.#shardsOf(latch));
    const sends = [...waiting].map(async (shard) => {
      latch.missing.add(shard);
      if (await this.#send(latch, shard, cancelled)) waiting.delete(shard);
    });
    const all = Promise.all(sends);
    // Of a shard that answers after the deadline: the answer said that it was missing.
    all.catch(() => {});
    for (let heard = -1; heard < cancelled.length; ) {
      heard = cancelled.length;
      if (await withDeadline(all, SILENCE_MS_MAX)) break;
    }
    return { cancelled: [...cancelled], missing: [...waiting].sort((a, b) => a - b) };
  }

  /**
   * Lifts a latch. What was cancelled stays so. One that is set again before this resolves stays set.
   *
   * @throws ApiError BUSY (a ring is full, or the setting still waits for room), TRADING_PAUSED (a shard is down):
   * nothing was lifted; TIMEOUT: it is set again
   */
  async lift(scope: KillScope, targetId: number): Promise<void> {
    const name = nameOf(scope, targetId);
    const latch = this.#latches.get(name);
    if (latch !== undefined && latch.unsent > 0) throw busyError();
    const settings = latch?.settings;
    const isOfAccount = scope === KillScope.Account;
    const shard = isOfAccount ? homeShardOfAccount(targetId, this.#engine.shardCount) : ALL_SHARDS;
    const command = { requestId: 0, scope, targetId, isActive: false };
    try {
      await askShards(this.#engine, SetKillSwitch, command, shard);
    } catch (error) {
      const isHalfDone = error instanceof ApiError && error.code === 'TIMEOUT';
      if (isHalfDone && latch !== undefined) void this.activate(scope, targetId);
      throw error;
    }
    const now = this.#latches.get(name);
    if (now === latch && now?.settings === settings) this.#latches.delete(name);
  }

  /** Sends a latch to one shard, as soon as there is room; false when that is down. */
  async #send(latch: Latch, shard: number, cancelled: OrderEvent[]): Promise<boolean> {
    const take = ({ type, body }: AnswerPart): void => {
      const order = body as OrderEvent;
      if (type !== OrderEvent.type || order.kind !== OrderEventKind.Cancelled) return;
      cancelled.push(order);
      this.cancelledOrders++;
    };
    const { scope, targetId, settings } = latch;
    while (!this.#engine.hasRoomFor(SetKillSwitch, shard)) {
      latch.unsent++;
      await new Promise((resolve) => setTimeout(resolve, ROOM_PAUSE_MS));
      latch.unsent--;
    }
    const command = { requestId: 0, scope, targetId, isActive: true };
    try {
      await this.#engine.requestParts(SetKillSwitch, command, shard, take, true);
    } catch (error) {
      if (error instanceof ShardDownError) return false;
      if (!(error instanceof RefusedError)) throw error;
      if (error.code === RejectCode.OutcomeUnknown) return false;
      this.#latches.delete(nameOf(scope, targetId));
      throw apiErrorOf(error.code);
    }
    if (latch.settings === settings) latch.missing.delete(shard);
    return true;
  }

  /** It takes commands from now on, and these come first. */
  #returned(shard: number): void {
    for (const latch of this.#latches.values()) {
      if (latch.missing.has(shard)) void this.#send(latch, shard, []);
    }
  }

  #latchOf(scope: KillScope, targetId: number): Latch {
    const name = nameOf(scope, targetId);
    const known = this.#latches.get(name);
    if (known !== undefined) return known;
    const latch: Latch = { scope, targetId, missing: new Set(), settings: 0, unsent: 0 };
    for (const shard of this.#shardsOf(latch)) latch.missing.add(shard);
    this.#latches.set(name, latch);
    return latch;
  }

  #shardsOf({ scope, targetId }: HeldLatch): number[] {
    const { shardCount } = this.#engine;
    if (scope === KillScope.Account) return [homeShardOfAccount(targetId, shardCount)];
    return Array.from({ length: shardCount }, (_, shard) => shard);
  }
}

function nameOf(scope: KillScope, targetId: number): string {
  return `${scope} ${targetId}`;
}
