import { textOf, unitsOf } from '../client/decimal-text.ts';
import { type ChaosMarket, marketOf } from './markets.ts';
import type { FillFact, OrderState, SentOrder, StatusName, Terms } from './order-record.ts';

/** An order as order entry and REST answer it, as far as the run looks at it. */
export interface WireOrder {
  readonly id: string;
  readonly clientId: number | null;
  readonly symbol: string;
  readonly side: string;
  readonly orderType: string;
  readonly timeInForce: string;
  readonly selfTradePrevention: string;
  /** Absent on a market order, with the price. */
  readonly postOnly?: boolean;
  readonly price?: string;
  readonly quantity: string | null;
  readonly quoteQuantity?: string | null;
  readonly triggerPrice: string | null;
  readonly status: StatusName;
  readonly executedQuantity: string;
  readonly executedQuoteQuantity: string;
  readonly fills?: readonly WireFill[];
  readonly depthUpdateId?: number;
}

export interface WireFill {
  readonly tradeId: number;
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly isMaker: boolean;
}

/** `data` of an `account.orderUpdate` frame; `t` and what belongs to it only of a fill. */
export interface OrderUpdate {
  readonly e: string;
  readonly i: string;
  readonly c?: number;
  readonly s: string;
  readonly X: StatusName;
  readonly p?: string;
  readonly q: string;
  readonly z: string;
  readonly Z: string;
  readonly t: number | null;
  readonly L: string;
  readonly l: string;
  readonly n: string;
  readonly m: boolean;
}

export function stateOfOrder(order: WireOrder): OrderState {
  const { id, status, executedQuantity, executedQuoteQuantity } = order;
  return stateOf(marketOf(order.symbol), id, status, executedQuantity, executedQuoteQuantity);
}

export function stateOfUpdate({ i, s, X, z, Z }: OrderUpdate): OrderState {
  return stateOf(marketOf(s), i, X, z, Z);
}

function stateOf(
  { quantityDecimals, quote }: ChaosMarket,
  orderId: string,
  status: StatusName,
  executed: string,
  executedQuote: string,
): OrderState {
  return {
    orderId,
    status,
    executed: unitsOf(executed, quantityDecimals),
    executedQuoteUnits: unitsOf(executedQuote, quote.decimals),
  };
}

export function fillOfReply({ tradeId, ...fill }: WireFill, market: ChaosMarket): FillFact {
  return fillOf(market, tradeId, fill.price, fill.quantity, fill.fee, fill.isMaker);
}

/** The fill that an update tells of; null for any other event. */
export function fillOfUpdate({ s, t, L, l, n, m }: OrderUpdate): FillFact | null {
  return t === null ? null : fillOf(marketOf(s), t, L, l, n, m);
}

function fillOf(
  { priceDecimals, quantityDecimals, quote }: ChaosMarket,
  tradeId: number,
  price: string,
  quantity: string,
  fee: string,
  isMaker: boolean,
): FillFact {
  return {
    tradeId,
    price: unitsOf(price, priceDecimals),
    quantity: unitsOf(quantity, quantityDecimals),
    feeUnits: unitsOf(fee, quote.decimals),
    isMaker,
  };
}

/** Price and quantity of an order; of a quote-sized one the wire's quantity is what it executed. */
export function termsOfOrder(order: WireOrder, market: ChaosMarket): Terms {
  return {
    price: unitsOrNull(order.price, market.priceDecimals),
    quantity:
      unitsOrNull(order.quoteQuantity, market.quote.decimals) === null
        ? unitsOrNull(order.quantity, market.quantityDecimals)
        : null,
  };
}

export function termsOfUpdate({ s, p, q }: OrderUpdate): Terms {
  const { priceDecimals, quantityDecimals } = marketOf(s);
  return { price: unitsOrNull(p, priceDecimals), quantity: unitsOf(q, quantityDecimals) };
}

/** What of the order's own features is not as it was sent, in words; null when all is. */
export function strangenessOf(order: WireOrder, sent: SentOrder): string | null {
  const { priceDecimals, quote } = marketOf(sent.symbol);
  const pairs: readonly (readonly [name: string, told: unknown, sent: unknown])[] = [
    ['symbol', order.symbol, sent.symbol],
    ['clientId', order.clientId, sent.clientId],
    ['side', order.side, sent.side],
    ['orderType', order.orderType, sent.orderType],
    ['postOnly', order.postOnly ?? false, sent.postOnly],
    ['timeInForce', order.timeInForce, sent.timeInForce],
    ['selfTradePrevention', order.selfTradePrevention, sent.selfTradePrevention],
    ['quoteQuantity', unitsOrNull(order.quoteQuantity, quote.decimals), sent.quoteQuantity],
    ['triggerPrice', unitsOrNull(order.triggerPrice, priceDecimals), sent.triggerPrice],
  ];
  const differing = pairs.filter(([, told, asked]) => told !== asked);
  if (differing.length === 0) return null;
  return differing.map(([name, told, asked]) => `${name} ${asked} became ${told}`).join(', ');
}

function unitsOrNull(text: string | null | undefined, decimals: number): number | null {
  return text === null || text === undefined ? null : unitsOf(text, decimals);
}

/** The parameters of `order.place` for an order. */
export function placeParameters(order: SentOrder): Record<string, unknown> {
  const { priceDecimals, quantityDecimals, quote } = marketOf(order.symbol);
  const { symbol, clientId, side, orderType, timeInForce, selfTradePrevention } = order;
  const parameters: Record<string, unknown> = {
    ...{ symbol, clientId, side, orderType, timeInForce, selfTradePrevention },
  };
  if (order.postOnly) parameters.postOnly = true;
  if (order.price !== null) parameters.price = textOf(order.price, priceDecimals);
  if (order.quoteQuantity !== null) {
    parameters.quoteQuantity = textOf(order.quoteQuantity, quote.decimals);
  }
  if (order.triggerPrice !== null) {
    parameters.triggerPrice = textOf(order.triggerPrice, priceDecimals);
    parameters.triggerQuantity = textOf(order.quantity!, quantityDecimals);
  } else if (order.quantity !== null) {
    parameters.quantity = textOf(order.quantity, quantityDecimals);
  }
  return parameters;
}
