import type { PlaceOrder } from '../../engine/protocol/commands.ts';
import {
  OrderBookState,
  OrderType,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from '../../engine/protocol/enums.ts';
import { RejectCode } from '../../engine/protocol/reject-codes.ts';
import { ApiError, apiErrorOf, invalidRequest } from '../api-error.ts';
import type { Market, Registry } from '../registry/registry.ts';
import { protectionPriceTicks, type ReferencePrices } from './reference-prices.ts';
import {
  isPlainObject,
  isPresent,
  PRICE_FIELD,
  QUANTITY_FIELD,
  QUOTE_QUANTITY_FIELD,
  type RequestFields,
  readAmount,
  readClientId,
  readMarket,
} from './request-fields.ts';
import { readTrigger, type Trigger } from './trigger-request.ts';

const NOT_AN_ORDER = invalidRequest('An order must be an object');
const BAD_SIDE = invalidRequest('`side` must be Bid or Ask');
const BAD_ORDER_TYPE = invalidRequest('`orderType` must be Limit or Market');
const BAD_TIME_IN_FORCE = invalidRequest('`timeInForce` must be GTC, IOC or FOK');
const BAD_PREVENTION = invalidRequest(
  `\`selfTradePrevention\` must be one of ${Object.keys(SelfTradePrevention).join(', ')}`,
);
const BAD_POST_ONLY = invalidRequest('`postOnly` must be a boolean');
const POST_ONLY_MARKET = invalidRequest('A market order cannot be `postOnly`');
const POST_ONLY_IMMEDIATE = invalidRequest('`postOnly` goes with `timeInForce` GTC only');
const FILL_OR_KILL_MARKET = invalidRequest('A market order cannot have `timeInForce` FOK');
const PRICE_OF_MARKET_ORDER = invalidRequest('A market order takes no `price`');
const QUOTE_OF_LIMIT_ORDER = invalidRequest('`quoteQuantity` goes with market orders only');
const ONE_QUANTITY = invalidRequest(
  'A market order takes exactly one of `quantity` and `quoteQuantity`',
);
/** It would say how far a market order may go; where a limit says so already it has no meaning. */
const SLIPPAGE = new ApiError(
  501,
  'NOT_IMPLEMENTED',
  '`slippageTolerance` of a market order is not supported: an IOC limit order bounds its price',
);
/** A market order in a market that takes none: it need not have a price to refer to. */
const STATE_REFUSALS: Partial<Record<OrderBookState, ApiError>> = {
  [OrderBookState.PostOnly]: apiErrorOf(RejectCode.MarketPostOnly),
  [OrderBookState.CancelOnly]: apiErrorOf(RejectCode.MarketCancelOnly),
  [OrderBookState.Closed]: apiErrorOf(RejectCode.MarketClosed),
};
/**
 * Checks the body of a new order, the same one for every way in, and fills `body` with the command,
 * all but `requestId` and `accountId`. Answers the refusal, or undefined when the order may be sent.
 * Unknown fields are ignored, as are those without meaning on a spot venue; fields that would change
 * what the order does and are not supported are refused, also unknown ones that seem to name a trigger.
 */
export function readPlaceOrder(
  input: unknown,
  registry: Registry,
  prices: ReferencePrices,
  body: PlaceOrder,
): ApiError | undefined {
  if (!isPlainObject(input)) return NOT_AN_ORDER;
  const market = readMarket(input.symbol, registry);
  if (market instanceof ApiError) return market;
  const side = readSide(input.side);
  if (side instanceof ApiError) return side;
  const clientId = readClientId(input.clientId);
  if (clientId instanceof ApiError) return clientId;
  const prevention = readPrevention(input.selfTradePrevention);
  if (prevention instanceof ApiError) return prevention;
  const trigger = readTrigger(input, market);
  if (trigger instanceof ApiError) return trigger;
  body.marketId = market.marketId;
  body.side = side;
  body.clientId = clientId;
  body.selfTradePrevention = prevention;
  body.triggerPriceTicks = trigger.priceTicks;
  if (input.orderType === 'Limit') return readLimit(input, market, trigger, body);
  if (input.orderType === 'Market') {
    return readMarketOrder(input, market, side, trigger, prices, body);
  }
  return BAD_ORDER_TYPE;
}

function readLimit(
  input: RequestFields,
  market: Market,
  trigger: Trigger,
  body: PlaceOrder,
): ApiError | undefined {
  const timeInForce = readTimeInForce(input.timeInForce);
  if (timeInForce instanceof ApiError) return timeInForce;
  const postOnly = readPostOnly(input.postOnly);
  if (postOnly instanceof ApiError) return postOnly;
  if (postOnly && timeInForce !== TimeInForce.GTC) return POST_ONLY_IMMEDIATE;
  if (isPresent(input.quoteQuantity)) return QUOTE_OF_LIMIT_ORDER;
  const priceTicks = readAmount(input.price, market.priceScale, PRICE_FIELD);
  if (priceTicks instanceof ApiError) return priceTicks;
  const quantityLots =
    trigger.quantityLots || readAmount(input.quantity, market.quantityScale, QUANTITY_FIELD);
  if (quantityLots instanceof ApiError) return quantityLots;
  body.orderType = OrderType.Limit;
  body.timeInForce = timeInForce;
  body.postOnly = postOnly;
  body.priceTicks = priceTicks;
  body.quantityLots = quantityLots;
  body.quoteBudgetUnits = 0;
  return undefined;
}

function readMarketOrder(
  input: RequestFields,
  market: Market,
  side: Side,
  trigger: Trigger,
  prices: ReferencePrices,
  body: PlaceOrder,
): ApiError | undefined {
  const timeInForce = readTimeInForce(input.timeInForce);
  if (timeInForce instanceof ApiError) return timeInForce;
  if (timeInForce === TimeInForce.FOK) return FILL_OR_KILL_MARKET;
  const postOnly = readPostOnly(input.postOnly);
  if (postOnly instanceof ApiError) return postOnly;
  if (postOnly) return POST_ONLY_MARKET;
  if (isPresent(input.price)) return PRICE_OF_MARKET_ORDER;
  if (isPresent(input.slippageTolerance)) return SLIPPAGE;
  const byQuote = isPresent(input.quoteQuantity);
  const amount = trigger.quantityLots || readMarketAmount(input, market, byQuote);
  if (amount instanceof ApiError) return amount;
  const forbidden = STATE_REFUSALS[market.state];
  if (forbidden !== undefined) return forbidden;
  const priceTicks = protectionPriceTicks(market, side, trigger.priceTicks, prices);
  if (priceTicks instanceof ApiError) return priceTicks;
  body.orderType = OrderType.Market;
  body.timeInForce = TimeInForce.IOC;
  body.postOnly = false;
  body.priceTicks = priceTicks;
  body.quantityLots = byQuote ? 0 : amount;
  body.quoteBudgetUnits = byQuote ? amount : 0;
  return undefined;
}

/** Quote units or lots. */
function readMarketAmount(
  input: RequestFields,
  market: Market,
  byQuote: boolean,
): number | ApiError {
  if (byQuote === isPresent(input.quantity)) return ONE_QUANTITY;
  return byQuote
    ? readAmount(input.quoteQuantity, market.quote.scale, QUOTE_QUANTITY_FIELD)
    : readAmount(input.quantity, market.quantityScale, QUANTITY_FIELD);
}

function readSide(value: unknown): Side | ApiError {
  if (value === 'Bid') return Side.Bid;
  return value === 'Ask' ? Side.Ask : BAD_SIDE;
}

function readTimeInForce(value: unknown): TimeInForce | ApiError {
  if (value === undefined || value === null || value === 'GTC') return TimeInForce.GTC;
  if (value === 'IOC') return TimeInForce.IOC;
  return value === 'FOK' ? TimeInForce.FOK : BAD_TIME_IN_FORCE;
}

function readPrevention(value: unknown): SelfTradePrevention | ApiError {
  switch (value ?? 'RejectTaker') {
    case 'RejectTaker':
      return SelfTradePrevention.RejectTaker;
    case 'RejectMaker':
      return SelfTradePrevention.RejectMaker;
    case 'RejectBoth':
      return SelfTradePrevention.RejectBoth;
    case 'Allow':
      return SelfTradePrevention.Allow;
    default:
      return BAD_PREVENTION;
  }
}

function readPostOnly(value: unknown): boolean | ApiError {
  if (value === undefined || value === null) return false;
  return typeof value === 'boolean' ? value : BAD_POST_ONLY;
}
