import { formatDecimal } from '../../engine/protocol/decimal.ts';
import { OrderType } from '../../engine/protocol/enums.ts';
import type { OrderEvent } from '../../engine/protocol/events.ts';
import type { ApiError } from '../api-error.ts';
import type { Market } from '../registry/registry.ts';
import {
  SELF_TRADE_PREVENTION_NAMES,
  SIDE_NAMES,
  STATUS_NAMES,
  TIME_IN_FORCE_NAMES,
  TRIGGER_BY,
} from './order-names.ts';

/** Members that are null on every order of a spot venue without attachments. */
const NULL_MEMBERS =
  '"reduceOnly":null,"relatedOrderId":null,"stopLossLimitPrice":null,"stopLossTriggerBy":null,' +
  '"stopLossTriggerPrice":null,"strategyId":null,"takeProfitLimitPrice":null,' +
  '"takeProfitTriggerBy":null,"takeProfitTriggerPrice":null';

const NO_TRIGGER = '"triggerBy":null,"triggerPrice":null,"triggerQuantity":null,"triggeredAt":null';

/**
 * An order as REST answers it, as JSON text without its closing brace, so that callers can add
 * members. Symbols are letters, digits and `_ - .`, checked when a market is listed, and everything
 * else is a number or a name of ours: nothing needs escaping.
 */
function orderMembers(order: Readonly<OrderEvent>, market: Market): string {
  const { priceScale, quantityScale, quote } = market;
  const executed = formatDecimal(order.executedLots, quantityScale);
  const kind =
    order.orderType === OrderType.Limit
      ? `"orderType":"Limit","postOnly":${order.postOnly},"price":"${formatDecimal(order.priceTicks, priceScale)}","quantity":"${formatDecimal(order.quantityLots, quantityScale)}"`
      : `"orderType":"Market",${marketOrderQuantities(order, market, executed)},"slippageTolerance":null,"slippageToleranceType":null`;
  return `{"clientId":${order.clientId},"createdAt":${Math.floor(order.createdAtUs / 1000)},"executedQuantity":"${executed}","executedQuoteQuantity":"${formatDecimal(order.executedQuoteUnits, quote.scale)}","id":"${order.orderId}",${kind},"selfTradePrevention":"${SELF_TRADE_PREVENTION_NAMES[order.selfTradePrevention]}","side":"${SIDE_NAMES[order.side]}","status":"${STATUS_NAMES[order.status]}","symbol":"${market.symbol}","timeInForce":"${TIME_IN_FORCE_NAMES[order.timeInForce]}",${NULL_MEMBERS},${triggerMembers(order, market)}`;
}

/** `triggerQuantity` is the order's quantity, in base units and under both names whatever its type. */
function triggerMembers(order: Readonly<OrderEvent>, market: Market): string {
  if (order.triggerPriceTicks === 0) return NO_TRIGGER;
  const { priceScale, quantityScale } = market;
  const triggeredAt = order.triggeredAtUs === 0 ? null : Math.floor(order.triggeredAtUs / 1000);
  return `"triggerBy":"${TRIGGER_BY}","triggerPrice":"${formatDecimal(order.triggerPriceTicks, priceScale)}","triggerQuantity":"${formatDecimal(order.quantityLots, quantityScale)}","triggeredAt":${triggeredAt}`;
}

/** A quote-sized order has no base quantity of its own: it reads as what it executed. */
function marketOrderQuantities(
  order: Readonly<OrderEvent>,
  market: Market,
  executed: string,
): string {
  if (order.quoteBudgetUnits === 0) {
    return `"quantity":"${formatDecimal(order.quantityLots, market.quantityScale)}","quoteQuantity":null`;
  }
  return `"quantity":"${executed}","quoteQuantity":"${formatDecimal(order.quoteBudgetUnits, market.quote.scale)}"`;
}

/** The answer to a query or cancel: the order alone. */
export function orderJson(order: Readonly<OrderEvent>, market: Market): string {
  return `${orderMembers(order, market)}}`;
}

/**
 * The answer to a placed, reduced or replaced order: the order, its own fills as taker by this command
 * (`fee` in `feeSymbol`), and `depthUpdateId`, the depth stream's update id after the command.
 */
export function executedOrderJson(
  order: Readonly<OrderEvent>,
  fills: readonly Readonly<OrderEvent>[],
  market: Market,
): string {
  let list = '';
  for (const fill of fills) {
    list += `${list === '' ? '' : ','}{"tradeId":${fill.tradeId},"price":"${formatDecimal(fill.fillPriceTicks, market.priceScale)}","quantity":"${formatDecimal(fill.fillLots, market.quantityScale)}","fee":"${formatDecimal(fill.feeUnits, market.quote.scale)}","feeSymbol":"${market.quote.symbol}","isMaker":${fill.isMaker}}`;
  }
  return `${orderMembers(order, market)},"depthUpdateId":${order.updateId},"fills":[${list}]}`;
}

/** The answer for one accepted order of a batch. */
export function batchOrderJson(
  order: Readonly<OrderEvent>,
  fills: readonly Readonly<OrderEvent>[],
  market: Market,
): string {
  return `{"operation":"Ok",${executedOrderJson(order, fills, market).slice(1)}`;
}

/** The answer for one refused order of a batch. */
export function batchRefusalJson(error: ApiError): string {
  return `{"operation":"Err","code":"${error.code}","message":${JSON.stringify(error.message)}}`;
}
