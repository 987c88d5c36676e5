import { assert } from '../assert.ts';
import { creditAfter, feeUnits } from '../ledger/fees.ts';
import type { OpenOrders } from '../ledger/open-orders.ts';
import { StopPhase } from '../ledger/stop-phase.ts';
import { OrderEventKind, OrderStatus } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { type OrderOutcome, Outcome, type SettleFill } from '../protocol/shard-messages.ts';
import type { Saved } from '../snapshot/saved.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import type { Deferrals } from './deferrals.ts';
import type { EarlyQueries } from './early-queries.ts';
import type { Markets, ShardMarket } from './markets.ts';
import type { OrderEvents } from './order-events.ts';
import type { ShardOutputs } from './outputs.ts';
import type { Reservations } from './reservations.ts';

/**
 * What comes back to the home shard from the market's: fills are settled, ended orders released, and
 * the account told. Messages about one order arrive in the order the market produced them.
 */
export class Settlement implements Saved {
  readonly #shard: number;
  readonly #orders: OpenOrders;
  readonly #markets: Markets;
  readonly #reservations: Reservations;
  readonly #deferrals: Deferrals;
  readonly #earlyQueries: EarlyQueries;
  readonly #events: OrderEvents;
  readonly #outputs: ShardOutputs;
  /** Cancels still to be heard of, by the request id of a cancel-all. */
  readonly #cancelAlls = new Map<number, number>();

  constructor(deps: {
    shard: number;
    orders: OpenOrders;
    markets: Markets;
    reservations: Reservations;
    deferrals: Deferrals;
    earlyQueries: EarlyQueries;
    events: OrderEvents;
    outputs: ShardOutputs;
  }) {
    this.#shard = deps.shard;
    this.#orders = deps.orders;
    this.#markets = deps.markets;
    this.#reservations = deps.reservations;
    this.#deferrals = deps.deferrals;
    this.#earlyQueries = deps.earlyQueries;
    this.#events = deps.events;
    this.#outputs = deps.outputs;
  }

  /** A cancel-all of `count` orders was sent out under this request id. */
  expectCancels(requestId: number, count: number): void {
    this.#cancelAlls.set(requestId, count);
  }

  /** One fill of one of this shard's orders. */
  settleFill(fill: Readonly<SettleFill>): void {
    const orders = this.#orders;
    const slot = orders.find(fill.orderId);
    assert(slot !== -1, 'a fill of an order that is not open');
    const market = this.#markets.require(fill.marketId);
    this.#ensureAccepted(slot, market, fill.updateId, fill.timeUs);
    const { spec } = market;
    const costUnits = fill.priceTicks * fill.quantityLots * spec.quoteUnitsPerTickLot;
    const rateBps = fill.isMaker ? spec.makerFeeBps : spec.takerFeeBps;
    const credit = orders.feeCredit(slot);
    const fee = feeUnits(costUnits, rateBps, credit);
    orders.addFill(slot, fill.quantityLots, costUnits, creditAfter(costUnits, rateBps, credit));
    const baseUnits = fill.quantityLots * spec.baseUnitsPerLot;
    this.#reservations.settle(slot, market, baseUnits, costUnits, fee);
    if (orders.quoteBudgetUnits(slot) === 0) {
      const isFilled = orders.executedLots(slot) === orders.quantityLots(slot);
      assert(isFilled === fill.closes, 'home and market disagree on what is open');
    }
    if (fill.closes) this.#reservations.release(slot);
    this.#events.fill(slot, market, fill, fee);
    if (fill.closes) this.#close(slot);
    else if (fill.requestId !== 0) this.answerBehind(slot, market, fill.timeUs, fill.requestId);
  }

  /** How the market's shard disposed of an order, or of a request about one. */
  orderOutcome(message: Readonly<OrderOutcome>): void {
    const slot = this.#orders.find(message.orderId);
    if (message.outcome === Outcome.RequestRefused) {
      this.#requestRefused(slot, message);
      return;
    }
    assert(slot !== -1, 'an outcome of an order that is not open');
    const market = this.#markets.require(this.#orders.marketId(slot));
    switch (message.outcome) {
      case Outcome.Rested:
        this.#accept(slot, message.timeUs);
        this.#events.emit(OrderEventKind.Accepted, slot, market, message);
        this.#answerEarly(slot, market, message.timeUs);
        break;
      case Outcome.TriggerPlaced:
        this.#orders.setStopPhase(slot, StopPhase.Pending);
        this.#events.emit(OrderEventKind.TriggerPlaced, slot, market, message);
        this.#answerEarly(slot, market, message.timeUs);
        break;
      case Outcome.Cancelled:
        this.#end(slot, market, OrderEventKind.Cancelled, OrderStatus.Cancelled, message);
        break;
      case Outcome.Expired:
        this.#ensureAccepted(slot, market, message.updateId, message.timeUs);
        this.#end(slot, market, OrderEventKind.Expired, OrderStatus.Expired, message);
        break;
      case Outcome.Refused:
        this.#refused(slot, market, message);
        break;
      case Outcome.Reduced:
        this.#orders.setQuantityLots(slot, this.#orders.quantityLots(slot) - message.quantityLots);
        this.#modified(slot, market, message);
        break;
      case Outcome.Replaced:
        this.#orders.setPriceTicks(slot, message.priceTicks);
        this.#orders.setQuantityLots(slot, this.#orders.executedLots(slot) + message.quantityLots);
        this.#modified(slot, market, message);
        break;
      default:
        assert(false, `unknown outcome ${message.outcome}`);
    }
  }

  /** A change of an open order was answered, if `changeId` is one: so is whoever asked for the order behind it. */
  answerBehind(slot: number, market: ShardMarket, timeUs: number, changeId: number): void {
    for (const requestId of this.#earlyQueries.takeBehind(this.#orders.orderId(slot), changeId)) {
      this.#events.snapshot(slot, market, requestId, timeUs);
    }
  }

  save(writer: SnapshotWriter): void {
    const row = writer.table('cancel-alls', 2);
    for (const [requestId, left] of this.#cancelAlls) {
      row.put(requestId);
      row.put(left);
    }
    row.end();
  }

  load(reader: SnapshotReader): void {
    const row = reader.table('cancel-alls', 2);
    while (row.next()) this.expectCancels(row.take(), row.take());
  }

  /** A new order that its market does not take, or a stop order whose time had come. */
  #refused(slot: number, market: ShardMarket, message: Readonly<OrderOutcome>): void {
    this.#reservations.release(slot);
    if (this.#orders.stopPhase(slot) === StopPhase.Pending) {
      this.#orders.fire(slot, message.timeUs);
      const { TriggerFailed } = OrderStatus;
      this.#events.emit(OrderEventKind.TriggerFailed, slot, market, message, TriggerFailed);
    } else {
      this.#tellOfRefund(slot, market, message.timeUs);
      this.#outputs.refuse(message.requestId, message.rejectCode as RejectCode);
    }
    this.#close(slot);
  }

  /** Its market took the order; a stop order is taken twice, and this is the time that counts. */
  #accept(slot: number, timeUs: number): void {
    this.#orders.setAccepted(slot);
    if (this.#orders.stopPhase(slot) === StopPhase.Pending) this.#orders.fire(slot, timeUs);
  }

  /** An account hears that its order was accepted before it hears anything else of it. */
  #ensureAccepted(slot: number, market: ShardMarket, updateId: number, timeUs: number): void {
    if (this.#orders.isAccepted(slot)) return;
    this.#accept(slot, timeUs);
    this.#events.accepted(slot, market, updateId, timeUs);
    this.#answerEarly(slot, market, timeUs);
  }

  /** Whoever asked for the order before its market had it. */
  #answerEarly(slot: number, market: ShardMarket, timeUs: number): void {
    for (const requestId of this.#earlyQueries.takeAtNews(this.#orders.orderId(slot))) {
      this.#events.snapshot(slot, market, requestId, timeUs);
    }
  }

  #end(
    slot: number,
    market: ShardMarket,
    kind: OrderEventKind,
    status: OrderStatus,
    message: Readonly<OrderOutcome>,
  ): void {
    this.#reservations.release(slot);
    this.#events.emit(kind, slot, market, message, status);
    this.#close(slot);
    this.#hearCancel(message.requestId);
  }

  #modified(slot: number, market: ShardMarket, message: Readonly<OrderOutcome>): void {
    const waiting = this.#deferrals.end(message.orderId);
    this.#reservations.refundExcess(slot, market);
    this.#events.emit(OrderEventKind.Modified, slot, market, message);
    if (message.requestId !== 0) {
      this.answerBehind(slot, market, message.timeUs, message.requestId);
    }
    this.#deferrals.resume(message.orderId, waiting);
  }

  /**
   * A refused cancel means that the order is gone, and the fills that took it came first, or that it is
   * not one that a cancel-all meant; so when the order is still open and this is of no cancel-all, what
   * was refused is the reduce or replace under way.
   */
  #requestRefused(slot: number, message: Readonly<OrderOutcome>): void {
    const { requestId, orderId, timeUs } = message;
    const isOfCancelAll = this.#hearCancel(requestId);
    if (!isOfCancelAll) this.#outputs.refuse(requestId, message.rejectCode as RejectCode);
    if (slot === -1) return;
    const market = this.#markets.require(this.#orders.marketId(slot));
    if (isOfCancelAll) {
      this.answerBehind(slot, market, timeUs, requestId);
      return;
    }
    const waiting = this.#deferrals.end(orderId);
    this.#reservations.refundExcess(slot, market);
    this.#tellOfRefund(slot, market, timeUs);
    this.answerBehind(slot, market, timeUs, requestId);
    this.#deferrals.resume(orderId, waiting);
  }

  /** Within one shard a refusal follows its reservation at once: nobody has heard of the lock. */
  #tellOfRefund(slot: number, market: ShardMarket, timeUs: number): void {
    if (market.owner !== this.#shard) this.#events.balance(slot, market, timeUs);
  }

  /** Counts one answer to a cancel-all and ends it with the last; false when it is of none. */
  #hearCancel(requestId: number): boolean {
    if (this.#cancelAlls.size === 0) return false;
    const left = this.#cancelAlls.get(requestId);
    if (left === undefined) return false;
    if (left > 1) {
      this.#cancelAlls.set(requestId, left - 1);
    } else {
      this.#cancelAlls.delete(requestId);
      this.#outputs.done(requestId);
    }
    return true;
  }

  #close(slot: number): void {
    const orderId = this.#orders.orderId(slot);
    this.#orders.remove(slot);
    for (const requestId of this.#earlyQueries.takeAll(orderId)) {
      this.#outputs.refuse(requestId, RejectCode.UnknownOrder);
    }
    this.#deferrals.resume(orderId, this.#deferrals.end(orderId));
  }
}
