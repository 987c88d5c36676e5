import { assert } from '../assert.ts';
import { StopPhase } from '../ledger/stop-phase.ts';
import type { PlaceOrder } from '../protocol/commands.ts';
import {
  ExpiryReason,
  OrderEventKind,
  OrderStatus,
  OrderType,
  Side,
  TimeInForce,
} from '../protocol/enums.ts';
import type { OrderEvent } from '../protocol/events.ts';
import type { Shard } from '../shard/shard.ts';

const { Accepted, Fill, Expired, Modified, TriggerPlaced, TriggerFailed } = OrderEventKind;

/** What an order is as long as it is open. */
const LASTING = [
  ...(['accountId', 'marketId', 'clientId', 'side', 'orderType', 'timeInForce'] as const),
  ...(['postOnly', 'selfTradePrevention', 'quoteBudgetUnits', 'triggerPriceTicks'] as const),
];

/** What a query of an order answers as its account last heard it. */
const TOLD_AGAIN = [
  ...([...LASTING, 'createdAtUs', 'status', 'priceTicks', 'quantityLots'] as const),
  ...(['executedLots', 'executedQuoteUnits', 'triggeredAtUs'] as const),
];

/** An order as the events of its account tell it. */
export interface ToldOrder {
  /** The first event of it, and the last. */
  readonly first: OrderEvent;
  last: OrderEvent;
  /** Of the command that placed it; 0 until an event tells. */
  placedBy: number;
}

export function isPending({ last }: ToldOrder): boolean {
  return last.status === OrderStatus.TriggerPending;
}

/**
 * The orders of a venue as nothing but recorded events tell them. Every event must follow from the one
 * before it: an order is told of first, what happens to it adds up, and nothing comes after its end.
 */
export class ToldOrders {
  /** By order id. */
  readonly open = new Map<number, ToldOrder>();

  /** Takes in a recorded event; answers the order, with the event as its last. */
  take(event: OrderEvent): ToldOrder {
    const order = this.open.get(event.orderId);
    const told = order === undefined ? begun(event) : order;
    if (order === undefined) this.open.set(event.orderId, told);
    else follow(order, event);
    if (isOver(event.status)) this.open.delete(event.orderId);
    return told;
  }

  /** A query answers what was told last. */
  checkSnapshot(event: OrderEvent): void {
    const told = this.open.get(event.orderId);
    assert(told !== undefined, 'a query tells of an order that its account never heard of');
    checkSame(event, told.last, TOLD_AGAIN);
  }

  /** At rest: the open orders are those that were told, and are as they were told. */
  compare(shards: readonly Shard[]): void {
    let count = 0;
    for (const { state } of shards) {
      const { orders } = state;
      count += orders.size;
      orders.forEach((slot) => {
        const last = this.open.get(orders.orderId(slot))?.last;
        assert(last !== undefined, `nobody was told of order ${orders.orderId(slot)}`);
        const { status } = last;
        const isSame =
          last.accountId === orders.accountId(slot) &&
          last.priceTicks === orders.priceTicks(slot) &&
          last.quantityLots === orders.quantityLots(slot) &&
          last.executedLots === orders.executedLots(slot) &&
          last.executedQuoteUnits === orders.executedQuoteUnits(slot) &&
          last.createdAtUs === orders.createdAtUs(slot) &&
          last.triggeredAtUs === orders.triggeredAtUs(slot) &&
          (status === OrderStatus.TriggerPending) ===
            (orders.stopPhase(slot) === StopPhase.Pending);
        assert(isSame, `order ${last.orderId} is not as it was told`);
        const mayRest = last.timeInForce === TimeInForce.GTC;
        assert(mayRest || status === OrderStatus.TriggerPending, 'what may not rest is open');
      });
    }
    assert(count === this.open.size, `${this.open.size} orders were told, ${count} are open`);
  }
}

/** Asserts that an order is what its command asked for. */
export function checkAsAsked({ first }: ToldOrder, asked: Readonly<PlaceOrder>): void {
  checkSame(first, asked, [...LASTING, 'priceTicks', 'quantityLots']);
  const { expiresAtUs } = asked;
  assert(expiresAtUs === 0 || first.createdAtUs <= expiresAtUs, 'an order was taken too late');
}

export function isOver(status: number): boolean {
  const { Filled, Cancelled, Expired: Ended, TriggerFailed: Failed } = OrderStatus;
  return status === Filled || status === Cancelled || status === Ended || status === Failed;
}

function begun(event: OrderEvent): ToldOrder {
  const isStop = event.triggerPriceTicks > 0;
  assert(event.kind === (isStop ? TriggerPlaced : Accepted), 'what is told first of an order');
  assert(event.status === (isStop ? OrderStatus.TriggerPending : OrderStatus.New), 'first status');
  assert(event.executedLots === 0 && event.executedQuoteUnits === 0, 'executed before it began');
  assert(event.triggeredAtUs === 0, 'triggered before it was placed');
  return { first: event, last: event, placedBy: 0 };
}

/** One event of an order after another. */
function follow(order: ToldOrder, event: OrderEvent): void {
  const before = order.last;
  checkSame(event, before, [...LASTING, 'createdAtUs']);
  const isPlaced = before.status === OrderStatus.TriggerPending;
  const { kind } = event;
  assert(kind !== TriggerPlaced, 'placed twice');
  assert((kind === Accepted) <= isPlaced, 'accepted twice');
  assert((kind === TriggerFailed) <= isPlaced, 'it failed although it had fired');
  const isFired = kind === Accepted || kind === TriggerFailed;
  const { Cancelled } = OrderEventKind;
  assert(!isPlaced || isFired || kind === Cancelled, 'something happened to a pending order');
  const firedAtUs = isFired ? event.timeUs : before.triggeredAtUs;
  assert(event.triggeredAtUs === firedAtUs, 'when it was triggered');
  assert(event.updateId >= before.updateId, 'depth update ids go back');
  if (kind !== Modified) checkSame(event, before, ['priceTicks', 'quantityLots']);
  if (kind === Fill) checkFill(event);
  else assert(event.fillLots === 0 && event.tradeId === 0 && event.feeUnits === 0, 'half a fill');
  assert(event.executedLots === before.executedLots + event.fillLots, 'lots do not add up');
  assert(event.status === statusOf(event), 'the status is not that of what happened');
  assert(
    event.quoteBudgetUnits > 0 || event.executedLots <= event.quantityLots,
    'more was executed than it was for',
  );
  const isPrevented = event.expiryReason === ExpiryReason.SelfTradePrevention;
  if (kind === Expired) assert(isPrevented || mayExpire(event), 'it expired for no reason');
  else assert(event.expiryReason === ExpiryReason.None, 'a reason to expire');
  order.last = event;
}

/** A trade is within the limit, at the limit of the one that rested. */
function checkFill({ side, priceTicks, fillPriceTicks, isMaker, postOnly }: OrderEvent): void {
  const isWithin = side === Side.Bid ? fillPriceTicks <= priceTicks : fillPriceTicks >= priceTicks;
  assert(isWithin, 'a fill beyond the limit');
  assert(!isMaker || fillPriceTicks === priceTicks, "not at the maker's price");
  assert(isMaker || !postOnly, 'a post-only order took');
}

/** The one status that an event can leave an order in. */
function statusOf(event: OrderEvent): OrderStatus {
  const { kind, executedLots, quantityLots, quoteBudgetUnits } = event;
  if (kind === Expired) return OrderStatus.Expired;
  if (kind === OrderEventKind.Cancelled) return OrderStatus.Cancelled;
  if (kind === TriggerFailed) return OrderStatus.TriggerFailed;
  if (executedLots === 0) return OrderStatus.New;
  // When a budget is used up, the book decides.
  if (quoteBudgetUnits > 0) return event.status as OrderStatus;
  const isFilled = executedLots === quantityLots;
  return isFilled ? OrderStatus.Filled : OrderStatus.PartiallyFilled;
}

function mayExpire({ orderType, timeInForce, expiryReason }: OrderEvent): boolean {
  return orderType === OrderType.Market
    ? expiryReason === ExpiryReason.InsufficientLiquidity
    : timeInForce === TimeInForce.IOC && expiryReason === ExpiryReason.ImmediateOrCancel;
}

function checkSame<Name extends keyof OrderEvent>(
  is: Readonly<OrderEvent>,
  should: Readonly<Pick<OrderEvent, Name>>,
  names: readonly Name[],
): void {
  for (const name of names) {
    if (is[name] !== should[name]) assert(false, `${name} is ${is[name]}, was ${should[name]}`);
  }
}
