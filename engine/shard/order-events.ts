import type { Ledger } from '../ledger/ledger.ts';
import { NO_CLIENT_ID, type OpenOrders } from '../ledger/open-orders.ts';
import { StopPhase } from '../ledger/stop-phase.ts';
import { OrderEventKind, OrderStatus, Side } from '../protocol/enums.ts';
import { BalanceChanged, OrderEvent } from '../protocol/events.ts';
import type { OrderOutcome, SettleFill } from '../protocol/shard-messages.ts';
import type { ShardMarket } from './markets.ts';
import type { ShardOutputs } from './outputs.ts';

/** Writes the events of a shard's orders: the order as it now is, and its account's balances. */
export class OrderEvents {
  readonly #ledger: Ledger;
  readonly #orders: OpenOrders;
  readonly #outputs: ShardOutputs;
  readonly #event = OrderEvent.create();

  constructor(ledger: Ledger, orders: OpenOrders, outputs: ShardOutputs) {
    this.#ledger = ledger;
    this.#orders = orders;
    this.#outputs = outputs;
  }

  /** An outcome other than a fill; `status` when the outcome ends the order. */
  emit(
    kind: OrderEventKind,
    slot: number,
    market: ShardMarket,
    outcome: Readonly<OrderOutcome>,
    status: OrderStatus = this.#openStatus(slot),
  ): void {
    const event = this.#describe(kind, slot, market, status);
    event.requestId = outcome.requestId;
    event.expiryReason = outcome.expiryReason;
    event.rejectCode = outcome.rejectCode;
    event.updateId = outcome.updateId;
    event.timeUs = outcome.timeUs;
    this.#outputs.record(OrderEvent, event);
  }

  /** The order was taken by its market; more events of the same command follow. */
  accepted(slot: number, market: ShardMarket, updateId: number, timeUs: number): void {
    const event = this.#describe(OrderEventKind.Accepted, slot, market, OrderStatus.New);
    event.updateId = updateId;
    event.timeUs = timeUs;
    this.#outputs.record(OrderEvent, event);
  }

  fill(slot: number, market: ShardMarket, fill: Readonly<SettleFill>, feeUnits: number): void {
    const status = fill.closes ? OrderStatus.Filled : OrderStatus.PartiallyFilled;
    const event = this.#describe(OrderEventKind.Fill, slot, market, status);
    event.requestId = fill.requestId;
    event.updateId = fill.updateId;
    event.timeUs = fill.timeUs;
    event.tradeId = fill.tradeId;
    event.fillPriceTicks = fill.priceTicks;
    event.fillLots = fill.quantityLots;
    event.feeUnits = feeUnits;
    event.isMaker = fill.isMaker;
    this.#outputs.record(OrderEvent, event);
  }

  /** The balance an order locks, when nothing else will tell that its reservation changed. */
  balance(slot: number, market: ShardMarket, timeUs: number): void {
    const orders = this.#orders;
    const isBid = orders.side(slot) === Side.Bid;
    const balance = isBid ? orders.quoteSlot(slot) : orders.baseSlot(slot);
    this.#outputs.record(BalanceChanged, {
      accountId: orders.accountId(slot),
      assetId: isBid ? market.spec.quoteAssetId : market.spec.baseAssetId,
      availableUnits: this.#ledger.available(balance),
      lockedUnits: this.#ledger.locked(balance),
      timeUs,
    });
  }

  /** Whether the account has been told of the order. */
  isKnown(slot: number): boolean {
    return this.#orders.isAccepted(slot) || this.#orders.stopPhase(slot) === StopPhase.Pending;
  }

  /** The answer to a query; of no record. */
  snapshot(slot: number, market: ShardMarket, requestId: number, timeUs: number): void {
    const status = this.#openStatus(slot);
    const event = this.#describe(OrderEventKind.Snapshot, slot, market, status);
    event.requestId = requestId;
    event.updateId = 0;
    event.timeUs = timeUs;
    this.#outputs.answer(OrderEvent, event);
  }

  #openStatus(slot: number): OrderStatus {
    if (this.#orders.stopPhase(slot) === StopPhase.Pending) return OrderStatus.TriggerPending;
    return this.#orders.executedLots(slot) === 0 ? OrderStatus.New : OrderStatus.PartiallyFilled;
  }

  #describe(
    kind: OrderEventKind,
    slot: number,
    market: ShardMarket,
    status: OrderStatus,
  ): OrderEvent {
    const orders = this.#orders;
    const ledger = this.#ledger;
    const event = this.#event;
    const clientId = orders.clientId(slot);
    event.kind = kind;
    event.requestId = 0;
    event.accountId = orders.accountId(slot);
    event.marketId = market.spec.marketId;
    event.orderId = orders.orderId(slot);
    event.clientId = clientId === NO_CLIENT_ID ? null : clientId;
    event.side = orders.side(slot);
    event.orderType = orders.orderType(slot);
    event.timeInForce = orders.timeInForce(slot);
    event.postOnly = orders.postOnly(slot);
    event.selfTradePrevention = orders.selfTradePrevention(slot);
    event.status = status;
    event.expiryReason = 0;
    event.rejectCode = 0;
    event.priceTicks = orders.priceTicks(slot);
    event.quantityLots = orders.quantityLots(slot);
    event.quoteBudgetUnits = orders.quoteBudgetUnits(slot);
    event.executedLots = orders.executedLots(slot);
    event.executedQuoteUnits = orders.executedQuoteUnits(slot);
    event.createdAtUs = orders.createdAtUs(slot);
    event.triggerPriceTicks = orders.triggerPriceTicks(slot);
    event.triggeredAtUs = orders.triggeredAtUs(slot);
    event.tradeId = 0;
    event.fillPriceTicks = 0;
    event.fillLots = 0;
    event.feeUnits = 0;
    event.isMaker = false;
    const base = orders.baseSlot(slot);
    const quote = orders.quoteSlot(slot);
    event.baseAvailableUnits = ledger.available(base);
    event.baseLockedUnits = ledger.locked(base);
    event.quoteAvailableUnits = ledger.available(quote);
    event.quoteLockedUnits = ledger.locked(quote);
    return event;
  }
}
