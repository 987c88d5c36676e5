import { formatDecimal, formatPadded } from '../../engine/protocol/decimal.ts';
import { OrderEventKind, OrderType } from '../../engine/protocol/enums.ts';
import type { OrderEvent } from '../../engine/protocol/events.ts';
import type { Market } from '../registry/registry.ts';
import {
  EXPIRY_REASON_NAMES,
  REJECT_REASON_NAMES,
  SELF_TRADE_PREVENTION_NAMES,
  SIDE_NAMES,
  STATUS_NAMES,
  TIME_IN_FORCE_NAMES,
  TRIGGER_BY,
} from './order-names.ts';

const EVENT_NAMES: Readonly<Record<number, string>> = {
  [OrderEventKind.Accepted]: 'orderAccepted',
  [OrderEventKind.Fill]: 'orderFill',
  [OrderEventKind.Cancelled]: 'orderCancelled',
  [OrderEventKind.Expired]: 'orderExpired',
  [OrderEventKind.Modified]: 'orderModified',
  [OrderEventKind.TriggerPlaced]: 'triggerPlaced',
  [OrderEventKind.TriggerFailed]: 'triggerFailed',
};

/**
 * The `data` of the private order stream for one event, as JSON text. Times in µs: `E` when we emit,
 * `T` when the engine acted. `q`, `p`, `z`, `Z` and fees are normalised, `Q` is padded to the quote
 * asset's decimals; `c` stands only where the order has a client id, `R` only on an expiry, and the
 * trigger's price, quantity and kind (`P`, `Y`, `B`) only on a stop order, also after it has fired. Our own
 * is `rejectReason`, the name of a `RejectCode`: why a stop order failed when it fired.
 */
export function orderUpdateData(
  event: Readonly<OrderEvent>,
  market: Market,
  emittedUs: number,
): string {
  const { quantityScale, quote } = market;
  const isFill = event.kind === OrderEventKind.Fill;
  const executed = formatDecimal(event.executedLots, quantityScale);
  return (
    `{${event.triggerPriceTicks === 0 ? '' : triggerMembers(event, market)}` +
    `"E":${emittedUs},"O":"USER",${sizeMembers(event, market, executed)}` +
    `"S":"${SIDE_NAMES[event.side]}","T":${event.timeUs},` +
    `"V":"${SELF_TRADE_PREVENTION_NAMES[event.selfTradePrevention]}",` +
    `"X":"${STATUS_NAMES[event.status]}",` +
    `"Z":"${formatDecimal(event.executedQuoteUnits, quote.scale)}",` +
    (event.clientId === null ? '' : `"c":${event.clientId},`) +
    `"e":"${EVENT_NAMES[event.kind]}","f":"${TIME_IN_FORCE_NAMES[event.timeInForce]}",` +
    `"i":"${event.orderId}",` +
    (isFill ? fillMembers(event, market) : '"t":null,') +
    (event.kind === OrderEventKind.Expired
      ? `"R":"${EXPIRY_REASON_NAMES[event.expiryReason]}",`
      : '') +
    (event.kind === OrderEventKind.TriggerFailed
      ? `"rejectReason":"${REJECT_REASON_NAMES[event.rejectCode]}",`
      : '') +
    `"r":false,"s":"${market.symbol}","y":${event.postOnly},"z":"${executed}"}`
  );
}

function sizeMembers(event: Readonly<OrderEvent>, market: Market, executed: string): string {
  const { priceScale, quantityScale, quote, spec } = market;
  const quantity = formatDecimal(event.quantityLots, quantityScale);
  if (event.orderType === OrderType.Limit) {
    const notionalUnits = event.priceTicks * event.quantityLots * spec.quoteUnitsPerTickLot;
    const notional = formatPadded(notionalUnits, quote.scale);
    const price = formatDecimal(event.priceTicks, priceScale);
    return `"Q":"${notional}","o":"LIMIT","p":"${price}","q":"${quantity}",`;
  }
  if (event.quoteBudgetUnits === 0) return `"o":"MARKET","q":"${quantity}",`;
  const budget = formatPadded(event.quoteBudgetUnits, quote.scale);
  return `"Q":"${budget}","o":"MARKET","q":"${executed}",`;
}

function triggerMembers(event: Readonly<OrderEvent>, market: Market): string {
  const price = formatDecimal(event.triggerPriceTicks, market.priceScale);
  const quantity = formatDecimal(event.quantityLots, market.quantityScale);
  return `"B":"${TRIGGER_BY}","P":"${price}","Y":"${quantity}",`;
}

function fillMembers(event: Readonly<OrderEvent>, market: Market): string {
  const { priceScale, quantityScale, quote } = market;
  return (
    `"L":"${formatDecimal(event.fillPriceTicks, priceScale)}","N":"${quote.symbol}",` +
    `"l":"${formatDecimal(event.fillLots, quantityScale)}","m":${event.isMaker},` +
    `"n":"${formatDecimal(event.feeUnits, quote.scale)}","t":${event.tradeId},`
  );
}
