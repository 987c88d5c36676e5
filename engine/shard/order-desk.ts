import { assert } from '../assert.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { OpenOrders } from '../ledger/open-orders.ts';
import type {
  CancelAllOrders,
  CancelOrder,
  PlaceOrder,
  QueryOrder,
  QueryOrders,
  ReduceOrder,
  ReplaceOrder,
} from '../protocol/commands.ts';
import { CancelScope, OrderBookState, OrderType, Side, TimeInForce } from '../protocol/enums.ts';
import type { Body } from '../protocol/message.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import {
  CancelResting,
  MatchOrder,
  ReduceResting,
  ReplaceResting,
} from '../protocol/shard-messages.ts';
import { orderIdOf } from '../protocol/sharding.ts';
import type { Saved } from '../snapshot/saved.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import type { Accounts } from './accounts.ts';
import type { Deferrals, DeferredChange } from './deferrals.ts';
import type { EarlyQueries } from './early-queries.ts';
import type { KillSwitch } from './kill-switch.ts';
import { isTooSmallAtHome } from './least-notional.ts';
import { type Markets, type ShardMarket, stateForbidsOrder } from './markets.ts';
import {
  isAmountSafe,
  isPriceInRange,
  lockOfNewOrder,
  lotsOfNewOrder,
  totalRefusal,
} from './new-order.ts';
import type { OrderEvents } from './order-events.ts';
import type { ShardOutputs } from './outputs.ts';
import type { Reservations } from './reservations.ts';
import type { Settlement } from './settlement.ts';

/** Open orders an account may have: what bounds its lists, and its cancel-all. */
export const OPEN_ORDERS_MAX = 10_000;

/** Of them stop orders: what bounds the work that one trade can set off for an account's sake. */
export const STOP_ORDERS_MAX = 200;

/** Where orders go once they are paid for: the market's owner, this shard or another. */
interface MarketRoute {
  matchOrder(owner: number, message: MatchOrder): void;
  cancelResting(owner: number, message: CancelResting): void;
  reduceResting(owner: number, message: ReduceResting): void;
  replaceResting(owner: number, message: ReplaceResting): void;
}

/**
 * Takes the order commands of the shard's accounts: checks, reserves, and sends on to the market.
 * Refuses before it changes anything, but for a balance of zero that it may leave where it looked for money.
 */
export class OrderDesk implements Saved {
  /** Time of the command being applied, µs. */
  nowUs = 0;
  /** Orders taken so far; part of the next order id. */
  orderCounter = 0;
  /** Whether the command being applied was followed when it came: it has waited. */
  #isRetry = false;
  readonly #shard: number;
  readonly #ledger: Ledger;
  readonly #orders: OpenOrders;
  readonly #markets: Markets;
  readonly #accounts: Accounts;
  readonly #killSwitch: KillSwitch;
  readonly #reservations: Reservations;
  readonly #deferrals: Deferrals;
  readonly #earlyQueries: EarlyQueries;
  readonly #settlement: Settlement;
  readonly #events: OrderEvents;
  readonly #outputs: ShardOutputs;
  readonly #route: MarketRoute;
  readonly #match = MatchOrder.create();
  readonly #cancel = CancelResting.create();
  readonly #reduce = ReduceResting.create();
  readonly #replace = ReplaceResting.create();

  constructor(deps: {
    shard: number;
    ledger: Ledger;
    orders: OpenOrders;
    markets: Markets;
    accounts: Accounts;
    killSwitch: KillSwitch;
    reservations: Reservations;
    deferrals: Deferrals;
    earlyQueries: EarlyQueries;
    settlement: Settlement;
    events: OrderEvents;
    outputs: ShardOutputs;
    route: MarketRoute;
  }) {
    this.#shard = deps.shard;
    this.#ledger = deps.ledger;
    this.#orders = deps.orders;
    this.#markets = deps.markets;
    this.#accounts = deps.accounts;
    this.#killSwitch = deps.killSwitch;
    this.#reservations = deps.reservations;
    this.#deferrals = deps.deferrals;
    this.#earlyQueries = deps.earlyQueries;
    this.#settlement = deps.settlement;
    this.#events = deps.events;
    this.#outputs = deps.outputs;
    this.#route = deps.route;
  }

  place(command: Readonly<PlaceOrder>): void {
    const market = this.#markets.get(command.marketId);
    if (market === undefined) {
      this.#outputs.refuse(command.requestId, RejectCode.UnknownMarket);
      return;
    }
    const lots = lotsOfNewOrder(command, market);
    const lockUnits = lots < 0 ? 0 : lockOfNewOrder(command, lots, market);
    const refusal = this.#placeRefusal(command, market, lots, lockUnits);
    if (refusal !== RejectCode.None) {
      this.#outputs.refuse(command.requestId, refusal);
      return;
    }
    const base = this.#ledger.slot(command.accountId, market.spec.baseAssetId);
    const quote = this.#ledger.slot(command.accountId, market.spec.quoteAssetId);
    if (!this.#reservations.tryLock(command.side === Side.Bid ? quote : base, lockUnits)) {
      this.#outputs.refuse(command.requestId, RejectCode.InsufficientFunds);
      return;
    }
    const orderId = orderIdOf(++this.orderCounter, this.#shard);
    this.#orders.add(command, orderId, base, quote, lockUnits, this.nowUs);
    const message = this.#match;
    message.requestId = command.requestId;
    message.orderId = orderId;
    message.accountId = command.accountId;
    message.marketId = command.marketId;
    message.side = command.side;
    message.timeInForce = command.timeInForce;
    message.isMarket = command.orderType === OrderType.Market;
    message.postOnly = command.postOnly;
    message.selfTradePrevention = command.selfTradePrevention;
    message.priceTicks = command.priceTicks;
    message.quantityLots = lots;
    message.quoteBudgetUnits = command.quoteBudgetUnits;
    message.triggerPriceTicks = command.triggerPriceTicks;
    this.#route.matchOrder(market.owner, message);
  }

  cancel(command: Readonly<Body<typeof CancelOrder>>): void {
    const slot = this.#find(command);
    if (slot === -1 || this.#isClosedMarket(slot, command.requestId)) return;
    const orderId = this.#orders.orderId(slot);
    if (this.#deferrals.hasWaiting(orderId)) {
      this.#defer(orderId, command.requestId, { cancel: { ...command } });
      return;
    }
    this.#sendCancel(orderId, this.#marketOf(slot), command.requestId, CancelScope.All);
  }

  cancelAll(command: Readonly<Body<typeof CancelAllOrders>>): void {
    const { requestId, accountId, marketId, scope } = command;
    if (!this.#isKnown(accountId, requestId)) return;
    const orderIds = this.#openOrdersOf(accountId, marketId).filter((orderId) => {
      const slot = this.#orders.find(orderId);
      // Whether one that waited has fired by now, its market says.
      const isMeant = scope !== CancelScope.TriggerPending || this.#orders.waitsForTrigger(slot);
      return isMeant && this.#marketOf(slot).state !== OrderBookState.Closed;
    });
    this.cancelEach(requestId, orderIds, scope as CancelScope);
  }

  /** Cancels open orders, those of them that are of `scope` still, and ends the request when all have been heard of. */
  cancelEach(
    requestId: number,
    orderIds: readonly number[],
    scope: CancelScope = CancelScope.All,
  ): void {
    if (orderIds.length === 0) {
      this.#outputs.done(requestId);
      return;
    }
    this.#settlement.expectCancels(requestId, orderIds.length);
    for (const orderId of orderIds) {
      const market = this.#marketOf(this.#orders.find(orderId));
      if (this.#deferrals.hasWaiting(orderId)) {
        // Sent also when the order is gone by then: its market's refusal counts as the answer.
        const cancelResting = { requestId, orderId, marketId: market.spec.marketId, scope };
        this.#defer(orderId, requestId, { cancelResting });
      } else this.#sendCancel(orderId, market, requestId, scope);
    }
  }

  reduce(command: Readonly<Body<typeof ReduceOrder>>): void {
    const slot = this.#findLasting(command);
    if (slot === -1 || this.#isClosedMarket(slot, command.requestId)) return;
    const orderId = this.#orders.orderId(slot);
    if (this.#deferrals.isUnderWay(orderId)) {
      this.#defer(orderId, command.requestId, { reduce: { ...command } });
      return;
    }
    const market = this.#marketOf(slot);
    const refusal = this.#reduceRefusal(slot, market, command.quantityLots);
    if (refusal !== RejectCode.None) {
      this.#refuseChange(slot, command.requestId, refusal);
      return;
    }
    const message = this.#reduce;
    message.requestId = command.requestId;
    message.orderId = orderId;
    message.marketId = command.marketId;
    message.quantityLots = command.quantityLots;
    if (market.book === null) {
      this.#deferrals.begin(orderId);
      this.#follow(orderId, command.requestId);
    }
    this.#route.reduceResting(market.owner, message);
  }

  replace(command: Readonly<Body<typeof ReplaceOrder>>): void {
    const slot = this.#findLasting(command);
    if (slot === -1) return;
    const orders = this.#orders;
    const orderId = orders.orderId(slot);
    if (this.#deferrals.isUnderWay(orderId)) {
      this.#defer(orderId, command.requestId, { replace: { ...command } });
      return;
    }
    const market = this.#marketOf(slot);
    const priceTicks = command.priceTicks || orders.priceTicks(slot);
    const quantityLots = command.quantityLots || orders.quantityLots(slot);
    const openLots = quantityLots - orders.executedLots(slot);
    let refusal = this.#isOver(command.expiresAtUs)
      ? RejectCode.RequestExpired
      : this.#replaceRefusal(slot, market, priceTicks, quantityLots);
    if (
      refusal === RejectCode.None &&
      !this.#reservations.tryLockReplacement(slot, market, priceTicks, openLots)
    ) {
      refusal = RejectCode.InsufficientFunds;
    }
    if (refusal !== RejectCode.None) {
      this.#refuseChange(slot, command.requestId, refusal);
      return;
    }
    const message = this.#replace;
    message.requestId = command.requestId;
    message.orderId = orderId;
    message.marketId = command.marketId;
    message.postOnly = orders.postOnly(slot);
    message.selfTradePrevention = orders.selfTradePrevention(slot);
    message.priceTicks = priceTicks;
    message.openLots = openLots;
    message.expectedOpenLots = this.#orders.openLots(slot);
    if (market.book === null) {
      this.#deferrals.begin(orderId);
      this.#follow(orderId, command.requestId);
    }
    this.#route.replaceResting(market.owner, message);
  }

  /** What waited for another change of its order; it may have to wait again. */
  retry({ reduce, replace, cancel, cancelResting }: DeferredChange): void {
    this.#isRetry = true;
    if (reduce !== null) this.reduce(reduce);
    if (replace !== null) this.replace(replace);
    if (cancel !== null) this.cancel(cancel);
    if (cancelResting !== null) {
      const { orderId, marketId, requestId, scope } = cancelResting;
      this.#sendCancel(orderId, this.#markets.require(marketId), requestId, scope as CancelScope);
    }
    this.#isRetry = false;
  }

  query(command: Readonly<Body<typeof QueryOrder>>): void {
    const { requestId, mayWait } = command;
    const slot = this.#find(command);
    if (slot === -1) return;
    const orderId = this.#orders.orderId(slot);
    const hasChange = this.#earlyQueries.hasChange(orderId);
    // What its market has not taken may yet be refused, and its account has not heard of it.
    if (this.#events.isKnown(slot) && (!hasChange || !mayWait)) {
      this.#events.snapshot(slot, this.#marketOf(slot), requestId, this.nowUs);
    } else if (mayWait) this.#earlyQueries.wait(orderId, requestId);
    else this.#outputs.refuse(requestId, RejectCode.OutcomeUnknown);
  }

  queryAll({ requestId, accountId, marketId }: Readonly<Body<typeof QueryOrders>>): void {
    if (!this.#isKnown(accountId, requestId)) return;
    for (const orderId of this.#openOrdersOf(accountId, marketId)) {
      const slot = this.#orders.find(orderId);
      if (!this.#events.isKnown(slot)) continue;
      this.#events.snapshot(slot, this.#marketOf(slot), requestId, this.nowUs);
    }
    this.#outputs.done(requestId);
  }

  save(writer: SnapshotWriter): void {
    const row = writer.table('orders taken', 1);
    row.put(this.orderCounter);
    row.end();
  }

  load(reader: SnapshotReader): void {
    const row = reader.table('orders taken', 1);
    while (row.next()) this.orderCounter = row.take();
  }

  #placeRefusal(
    command: Readonly<PlaceOrder>,
    market: ShardMarket,
    lots: number,
    lockUnits: number,
  ): RejectCode {
    const { accountId, clientId, expiresAtUs } = command;
    if (!this.#accounts.has(accountId)) return RejectCode.UnknownAccount;
    if (this.#isOver(expiresAtUs)) return RejectCode.RequestExpired;
    if (this.#killSwitch.isAccountKilled(accountId)) return RejectCode.AccountKillSwitch;
    const forbidden = stateForbidsOrder(market, command.postOnly);
    if (forbidden !== RejectCode.None) return forbidden;
    if (lots < 0) return -lots as RejectCode;
    if (!isAmountSafe(command, lots, lockUnits, market)) return RejectCode.NotionalTooLarge;
    if (isTooSmallAtHome(command, lots, market)) return RejectCode.NotionalTooSmall;
    if (this.#orders.countOf(accountId) >= OPEN_ORDERS_MAX) return RejectCode.TooManyOpenOrders;
    if (command.triggerPriceTicks > 0 && this.#orders.stopsOf(accountId) >= STOP_ORDERS_MAX) {
      return RejectCode.TooManyOpenOrders;
    }
    if (clientId !== null && this.#orders.findByClientId(accountId, clientId) !== -1) {
      return RejectCode.DuplicateClientId;
    }
    return RejectCode.None;
  }

  #replaceRefusal(
    slot: number,
    market: ShardMarket,
    priceTicks: number,
    quantityLots: number,
  ): RejectCode {
    const { spec } = market;
    if (this.#killSwitch.isAccountKilled(this.#orders.accountId(slot))) {
      return RejectCode.AccountKillSwitch;
    }
    // In a post-only market an order may move, as long as it does not take: the market's shard sees.
    const forbidden = stateForbidsOrder(market, true);
    if (forbidden !== RejectCode.None) return forbidden;
    if (!isPriceInRange(spec, priceTicks)) return RejectCode.PriceOutOfRange;
    // Before what depends on fills: those may be under way, and the reason must not depend on that.
    const refusal = totalRefusal(spec, priceTicks, quantityLots);
    if (refusal !== RejectCode.None) return refusal;
    const isExecuted = quantityLots <= this.#orders.executedLots(slot);
    return isExecuted ? RejectCode.QuantityOutOfRange : RejectCode.None;
  }

  #reduceRefusal(slot: number, market: ShardMarket, lots: number): RejectCode {
    const orders = this.#orders;
    const totalLots = orders.quantityLots(slot) - lots;
    if (lots < 1 || totalLots < 1) return RejectCode.ReduceTooLarge;
    // As of a replace: first what no fill under way can change.
    const refusal = totalRefusal(market.spec, orders.priceTicks(slot), totalLots);
    if (refusal !== RejectCode.None) return refusal;
    return lots >= orders.openLots(slot) ? RejectCode.ReduceTooLarge : RejectCode.None;
  }

  /** Retries a change once the one under way has ended. */
  #defer(orderId: number, requestId: number, change: Partial<DeferredChange>): void {
    this.#deferrals.defer(orderId, change);
    this.#follow(orderId, requestId);
  }

  /** Lets queries wait for a change of an order far from home, from when it came. */
  #follow(orderId: number, requestId: number): void {
    if (!this.#isRetry) this.#earlyQueries.follow(orderId, requestId);
  }

  /** Refuses a change of an open order, which may have waited. */
  #refuseChange(slot: number, requestId: number, code: RejectCode): void {
    this.#outputs.refuse(requestId, code);
    this.#settlement.answerBehind(slot, this.#marketOf(slot), this.nowUs, requestId);
  }

  #sendCancel(orderId: number, market: ShardMarket, requestId: number, scope: CancelScope): void {
    if (market.book === null) this.#follow(orderId, requestId);
    const message = this.#cancel;
    message.requestId = requestId;
    message.scope = scope;
    message.orderId = orderId;
    message.marketId = market.spec.marketId;
    this.#route.cancelResting(market.owner, message);
  }

  /** The slot a command names, or −1 after refusing it: also when the order is somebody else's. */
  #find(command: Readonly<Body<typeof CancelOrder>>): number {
    const { requestId, accountId, marketId, orderId, clientId } = command;
    const slot =
      orderId === 0 && clientId !== null
        ? this.#orders.findByClientId(accountId, clientId)
        : this.#orders.find(orderId);
    if (
      slot !== -1 &&
      this.#orders.accountId(slot) === accountId &&
      this.#orders.marketId(slot) === marketId
    ) {
      return slot;
    }
    this.#outputs.refuse(requestId, RejectCode.UnknownOrder);
    return -1;
  }

  /**
   * Likewise, of an order that may rest. One that may not is open here only until its market answers: no
   * change can reach its book in time, and one sized by quote amount has no open lots to change. A stop
   * order may wait, which cannot be changed, or have fired by now: its market says.
   */
  #findLasting(command: Readonly<Body<typeof CancelOrder>>): number {
    const slot = this.#find(command);
    if (slot === -1 || this.#orders.timeInForce(slot) === TimeInForce.GTC) return slot;
    if (this.#orders.waitsForTrigger(slot)) return slot;
    this.#outputs.refuse(command.requestId, RejectCode.UnknownOrder);
    return -1;
  }

  /** Whether a command that may trade comes too late: see `PlaceOrder`. */
  #isOver(expiresAtUs: number): boolean {
    return expiresAtUs !== 0 && this.nowUs > expiresAtUs;
  }

  #isKnown(accountId: number, requestId: number): boolean {
    if (this.#accounts.has(accountId)) return true;
    this.#outputs.refuse(requestId, RejectCode.UnknownAccount);
    return false;
  }

  #isClosedMarket(slot: number, requestId: number): boolean {
    if (this.#marketOf(slot).state !== OrderBookState.Closed) return false;
    this.#refuseChange(slot, requestId, RejectCode.MarketClosed);
    return true;
  }

  /** Ids of the account's open orders, oldest first; of one market unless `marketId` is 0. */
  #openOrdersOf(accountId: number, marketId: number): number[] {
    const orderIds: number[] = [];
    let slot = this.#orders.firstOf(accountId);
    while (slot !== -1) {
      if (marketId === 0 || this.#orders.marketId(slot) === marketId) {
        orderIds.push(this.#orders.orderId(slot));
      }
      slot = this.#orders.following(slot);
    }
    return orderIds.reverse();
  }

  #marketOf(slot: number): ShardMarket {
    assert(slot !== -1, 'no such open order');
    return this.#markets.require(this.#orders.marketId(slot));
  }
}
