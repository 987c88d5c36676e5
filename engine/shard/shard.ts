import { assert } from '../assert.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { OpenOrders } from '../ledger/open-orders.ts';
import {
  Audit,
  CancelAllOrders,
  CancelOrder,
  CreateAccount,
  CreateApiKey,
  DepthHeartbeat,
  DescribeAccounts,
  DescribeBook,
  DescribeState,
  FireCancelTimer,
  ListAsset,
  ListMarket,
  MassCancel,
  MoveFunds,
  PlaceOrder,
  QueryBalances,
  QueryOrder,
  QueryOrders,
  ReduceOrder,
  ReplaceOrder,
  ReportState,
  RevokeApiKey,
  SetAllowedAddresses,
  SetCancelTimer,
  SetKillSwitch,
  SetMarketState,
  StopShard,
  TransferFunds,
} from '../protocol/commands.ts';
import type { FrameReader } from '../protocol/frame-reader.ts';
import type { FrameWriter } from '../protocol/frame-writer.ts';
import type { Body, Fields, FieldsOf, Message } from '../protocol/message.ts';
import {
  CancelResting,
  CreditTransfer,
  MatchOrder,
  OrderOutcome,
  ReduceResting,
  ReplaceResting,
  SettleFill,
} from '../protocol/shard-messages.ts';
import { homeShardOfAccount } from '../protocol/sharding.ts';
import type { Saved } from '../snapshot/saved.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import type { Accounts } from './accounts.ts';
import { CancelTimers } from './cancel-timers.ts';
import { Deferrals } from './deferrals.ts';
import { Descriptions } from './descriptions.ts';
import { EarlyQueries } from './early-queries.ts';
import { KillSwitch } from './kill-switch.ts';
import { Listings } from './listings.ts';
import type { Markets } from './markets.ts';
import type { Matching } from './matching.ts';
import type { OrderDesk } from './order-desk.ts';
import { OrderEvents } from './order-events.ts';
import type { ShardOutputs } from './outputs.ts';
import { Protections } from './protections.ts';
import { Reports } from './reports.ts';
import { Settlement } from './settlement.ts';
import { hashOfShard, type ShardPositions } from './shard-hash.ts';
import { SHARD_PARTS } from './shard-parts.ts';
import { StateEvents, type ToldListings } from './state-events.ts';

/** The commands that make up nearly all traffic. */
const PLACE_ORDER = PlaceOrder.type;
const CANCEL_ORDER = CancelOrder.type;
const REPLACE_ORDER = ReplaceOrder.type;

/** What a shard holds, to be looked at from outside; only the shard changes it. */
export interface ShardState {
  readonly ledger: Ledger;
  readonly orders: OpenOrders;
  readonly markets: Markets;
}

/**
 * One shard: the books of its markets and the balances of its accounts, as a pure state machine.
 * `apply` takes one command or message from another shard and leaves what it caused in `outputs`. No
 * clock, no randomness, no I/O: time comes in with each call, so the same inputs in the same order
 * give the same outputs and the same state.
 */
export class Shard implements Saved {
  readonly outputs: ShardOutputs;
  readonly state: ShardState;
  /** Set by `StopShard`: the thread flushes and ends. */
  isStopping = false;
  readonly #shard: number;
  readonly #consumedFrom: number[];
  readonly #accounts: Accounts;
  readonly #desk: OrderDesk;
  readonly #matching: Matching;
  readonly #listings: Listings;
  readonly #killSwitch: KillSwitch;
  readonly #timers = new CancelTimers();
  readonly #protections: Protections;
  /** Everything that has state of its own, in an order in which it can be loaded. */
  readonly #saved: readonly Saved[];
  readonly #handlers: ((frame: FrameReader) => void)[] = [];
  readonly #place = PlaceOrder.create();
  readonly #cancel = CancelOrder.create();
  readonly #replace = ReplaceOrder.create();

  /**
   * @param shard its number, 0 … shardCount − 1
   * @param hashSeed see OpenOrders; it never shows in what the shard says
   * @param parts the simulation's to choose, see ShardParts
   */
  constructor(shard: number, shardCount: number, hashSeed = 0, parts = SHARD_PARTS) {
    const outputs = new parts.Outputs(shardCount);
    const ledger = new parts.Ledger(shardCount);
    const orders = new parts.Orders(hashSeed);
    const markets = new parts.Markets(shard, shardCount, parts.Book);
    const deferrals = new Deferrals((change) => this.#desk.retry(change));
    const reservations = new parts.Reservations(ledger, orders, markets, deferrals);
    const events = new OrderEvents(ledger, orders, outputs);
    const earlyQueries = new EarlyQueries();
    const deps = {
      ...{ shard, ledger, orders, markets, reservations },
      ...{ deferrals, earlyQueries, events, outputs },
    };
    const settlement = new Settlement(deps);
    this.#shard = shard;
    this.outputs = outputs;
    this.state = { ledger, orders, markets };
    this.#consumedFrom = new Array<number>(shardCount).fill(0);
    this.#listings = new Listings(shard, shardCount, markets, outputs);
    const hasAsset = (assetId: number) => this.#listings.hasAsset(assetId);
    this.#accounts = new parts.Accounts(ledger, outputs, hasAsset);
    this.#killSwitch = new KillSwitch(markets, this.#accounts);
    this.#matching = new parts.Matching(shard, markets, outputs, settlement);
    const protecting = { accounts: this.#accounts, killSwitch: this.#killSwitch };
    this.#desk = new parts.Desk({
      ...{ ...deps, ...protecting, shard, settlement },
      route: this.#routeFrom(shard, outputs),
    });
    this.#saved = [
      ...[this.#listings, markets, ledger, this.#accounts, orders],
      ...[this.#desk, deferrals, settlement, outputs, this.#killSwitch, this.#timers],
    ];
    this.#protections = new Protections({
      ...{ ...protecting, orders, markets, outputs },
      ...{ timers: this.#timers, desk: this.#desk },
    });
    const reports = new Reports({
      shard,
      ledger,
      orders,
      accounts: this.#accounts,
      markets,
      reservations,
      outputs,
      consumedFrom: this.#consumedFrom,
    });
    this.#registerCommands(reports);
    this.#registerDescriptions(shard);
    this.#registerMessages(settlement);
  }

  /** Sequence of the last message of each other shard that was applied. */
  get consumedFrom(): readonly number[] {
    return this.#consumedFrom;
  }

  /**
   * Applies the current frame of `frame`: a command of the gateway (`from` −1) or a message of another
   * shard, whose sequence must follow the last one consumed.
   *
   * @param nowUs time of the input, never less than that of the one before
   */
  apply(frame: FrameReader, from: number, nowUs: number): void {
    if (from >= 0) {
      assert(
        frame.sequence === ++this.#consumedFrom[from]!,
        'message from a shard out of sequence',
      );
    }
    const desk = this.deskAt(nowUs);
    // By name, since a call through the table is of a different function each time: V8 cannot inline it.
    switch (frame.type) {
      case PLACE_ORDER:
        desk.place(PlaceOrder.decode(frame, this.#place));
        return;
      case CANCEL_ORDER:
        desk.cancel(CancelOrder.decode(frame, this.#cancel));
        return;
      case REPLACE_ORDER:
        desk.replace(ReplaceOrder.decode(frame, this.#replace));
        return;
    }
    this.#accounts.nowUs = nowUs;
    this.#listings.nowUs = nowUs;
    this.#protections.nowUs = nowUs;
    const handle = this.#handlers[frame.type];
    assert(handle !== undefined, `unknown message type ${frame.type}`);
    handle(frame);
  }

  /** Takes order commands that are not encoded, at a time as in `apply`. */
  deskAt(nowUs: number): OrderDesk {
    this.#desk.nowUs = nowUs;
    this.#matching.nowUs = nowUs;
    return this.#desk;
  }

  /** Time of the last input, µs; 0 before the first. */
  get lastInputUs(): number {
    return this.#desk.nowUs;
  }

  get positions(): ShardPositions {
    const { eventSequence, sentTo } = this.outputs;
    return { eventSequence, sentTo: [...sentTo], consumedFrom: [...this.#consumedFrom] };
  }

  /** See `hashOfShard`. */
  hash(): string {
    const { transferSum } = this.#accounts;
    const protections = [this.#killSwitch, this.#timers];
    const { orderCounter } = this.#desk;
    return hashOfShard(this.state, transferSum, protections, this.positions, orderCounter);
  }

  /**
   * Writes the whole state between two inputs: what a shard with the same number, of as many, must load to go
   * on as this one does, to the byte. Frames that wait in `outputs` are no part of it, nor is that it is told to stop.
   */
  save(writer: SnapshotWriter): void {
    const inputs = writer.table('inputs', 1);
    inputs.put(this.lastInputUs);
    inputs.end();
    const messages = writer.table('messages taken', 1);
    for (const taken of this.#consumedFrom) messages.put(taken);
    messages.end();
    for (const part of this.#saved) part.save(writer);
  }

  /**
   * Takes over the state of a shard that was saved. Throws a `SnapshotError`, or what else a wrong payload
   * leads to, and is of no more use then: who loads it knows by a checksum that nothing was changed.
   */
  load(reader: SnapshotReader): void {
    assert(this.lastInputUs === 0, 'a shard that has lived cannot load');
    const inputs = reader.table('inputs', 1);
    while (inputs.next()) this.deskAt(inputs.take());
    const messages = reader.table('messages taken', 1);
    for (let from = 0; messages.next(); from++) this.#consumedFrom[from] = messages.take();
    for (const part of this.#saved) {
      // A payload of format 1 ends before what protects the shard: there was no such thing.
      if (part === this.#killSwitch && reader.isAtEnd) return;
      part.load(reader);
    }
  }

  /** Says the state as events that lead to it: see `StateEvents.tell`. */
  tellState(told: ToldListings): Generator<FrameWriter> {
    const parts = { listings: this.#listings, accounts: this.#accounts, outputs: this.outputs };
    return new StateEvents({ ...this.state, ...parts }).tell(told, this.lastInputUs);
  }

  /** To the market's owner: by call when that is this shard, else as a message. */
  #routeFrom(
    shard: number,
    outputs: ShardOutputs,
  ): ConstructorParameters<typeof OrderDesk>[0]['route'] {
    return {
      matchOrder: (owner, message) => {
        if (owner === shard) this.#matching.matchOrder(message);
        else outputs.send(owner, MatchOrder, message);
      },
      cancelResting: (owner, message) => {
        if (owner === shard) this.#matching.cancelResting(message);
        else outputs.send(owner, CancelResting, message);
      },
      reduceResting: (owner, message) => {
        if (owner === shard) this.#matching.reduceResting(message);
        else outputs.send(owner, ReduceResting, message);
      },
      replaceResting: (owner, message) => {
        if (owner === shard) this.#matching.replaceResting(message);
        else outputs.send(owner, ReplaceResting, message);
      },
    };
  }

  #registerCommands(reports: Reports): void {
    const desk = this.#desk;
    const accounts = this.#accounts;
    const listings = this.#listings;
    this.#on(CancelAllOrders, (command) => desk.cancelAll(command));
    this.#on(ReduceOrder, (command) => desk.reduce(command));
    this.#on(QueryOrder, (command) => desk.query(command));
    this.#on(QueryOrders, (command) => desk.queryAll(command));
    this.#on(CreateAccount, (command) => accounts.create(command));
    this.#on(CreateApiKey, (command) => accounts.createApiKey(command));
    this.#on(RevokeApiKey, (command) => accounts.revokeApiKey(command));
    this.#on(SetAllowedAddresses, (command) => accounts.setAllowedAddresses(command));
    this.#on(MoveFunds, (command) => accounts.moveFunds(command));
    this.#on(TransferFunds, (command) => this.#transferFunds(command));
    this.#on(QueryBalances, (command) => accounts.queryBalances(command));
    this.#on(ListAsset, (command) => listings.listAsset(command));
    this.#on(ListMarket, (command) => listings.listMarket(command));
    this.#on(SetMarketState, (command) => listings.setMarketState(command));
    this.#on(Audit, (command) => reports.audit(command.requestId));
    this.#on(ReportState, (command) => reports.state(command.requestId));
    this.#on(DepthHeartbeat, (command) => this.#matching.heartbeat(command.marketId));
    this.#on(StopShard, () => {
      this.isStopping = true;
    });
    const protections = this.#protections;
    this.#on(SetKillSwitch, (command) => protections.setKillSwitch(command));
    this.#on(MassCancel, (command) => protections.massCancel(command));
    this.#on(SetCancelTimer, (command) => protections.setCancelTimer(command));
    this.#on(FireCancelTimer, (command) => protections.fireCancelTimer(command));
  }

  #registerDescriptions(shard: number): void {
    const listings = this.#listings;
    const accounts = this.#accounts;
    const { markets } = this.state;
    const descriptions = new Descriptions({
      ...{ shard, listings, accounts, markets },
      ...{ killSwitch: this.#killSwitch, timers: this.#timers },
      outputs: this.outputs,
    });
    this.#on(DescribeState, (command) => descriptions.state(command, listings.nowUs));
    this.#on(DescribeAccounts, (command) => descriptions.accounts(command));
    this.#on(DescribeBook, (command) => descriptions.book(command));
  }

  #registerMessages(settlement: Settlement): void {
    const matching = this.#matching;
    this.#on(MatchOrder, (message) => matching.matchOrder(message));
    this.#on(CancelResting, (message) => matching.cancelResting(message));
    this.#on(ReduceResting, (message) => matching.reduceResting(message));
    this.#on(ReplaceResting, (message) => matching.replaceResting(message));
    this.#on(SettleFill, (message) => settlement.settleFill(message));
    this.#on(OrderOutcome, (message) => settlement.orderOutcome(message));
    this.#on(CreditTransfer, (message) => this.#accounts.creditTransfer(message));
  }

  #transferFunds(command: Body<typeof TransferFunds>): void {
    const home = homeShardOfAccount(command.toAccountId, this.#consumedFrom.length);
    const isHere = home === this.#shard;
    this.#accounts.transferFunds(command, isHere, (message) => {
      if (isHere) this.#accounts.creditTransfer(message);
      else this.outputs.send(home, CreditTransfer, message);
    });
  }

  /** Registers a message type; its body is decoded into one object that is reused. */
  #on<F extends Fields>(message: Message<F>, handle: (body: FieldsOf<F>) => void): void {
    const body = message.create();
    this.#handlers[message.type] = (frame) => handle(message.decode(frame, body));
  }
}
