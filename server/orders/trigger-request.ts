import { ApiError, invalidRequest } from '../api-error.ts';
import type { Market } from '../registry/registry.ts';
import { isPresent, type RequestFields, readAmount, TRIGGER_FIELDS } from './request-fields.ts';

const HALF_A_TRIGGER = invalidRequest(
  'Must specify both `triggerPrice` and `triggerQuantity` or neither',
);
const BAD_TRIGGER_BY = invalidRequest('`triggerBy` must be LastPrice');
const NOT_LAST_PRICE = notImplemented('A `triggerBy` other than LastPrice is not supported');
const PERCENTAGE = notImplemented('A `triggerQuantity` in percent is not supported');
const TWO_QUANTITIES = invalidRequest('`quantity` must be absent or equal to `triggerQuantity`');
const QUOTE_OF_TRIGGER = invalidRequest('`quoteQuantity` does not go with a trigger');
const ATTACHMENT = notImplemented('Take-profit and stop-loss attachments are not supported');
const UNKNOWN_TRIGGER = invalidRequest(
  'Unknown field that names a price or trigger: a stop order has `triggerPrice` and `triggerQuantity`',
);
const TRIGGER_OF_REPLACE = notImplemented('The trigger of an order cannot be changed');

function notImplemented(message: string): ApiError {
  return new ApiError(501, 'NOT_IMPLEMENTED', message);
}

/** Of the exchange whose API we speak: orders to be sent once this one is filled. */
const ATTACHMENT_NAME = /^(?:takeProfit|stopLoss)/;

/** What clients and venues call the condition of an order, in any spelling: `stopPrice`, `trailing_delta`, `tp`. */
const TRIGGER_NAME =
  /price|trigger|stop|take_?profit|trail|activat|callback_?rate|condition|px$|^(?:tp|sl)$/i;

/** What makes a request a stop order; both 0 when it is none. */
export interface Trigger {
  readonly priceTicks: number;
  readonly quantityLots: number;
}

const NO_TRIGGER: Trigger = { priceTicks: 0, quantityLots: 0 };

/**
 * The trigger of a new order, or the refusal: `triggerPrice` and `triggerQuantity`, which sizes the
 * order in the place of `quantity`, and `triggerBy`, always the last price.
 */
export function readTrigger(input: RequestFields, market: Market): Trigger | ApiError {
  const refusal = unsupportedTrigger(input);
  if (refusal !== undefined) return refusal;
  const { triggerPrice, triggerQuantity, triggerBy } = input;
  if (isPresent(triggerPrice) !== isPresent(triggerQuantity)) return HALF_A_TRIGGER;
  if (isPresent(triggerBy) && triggerBy !== 'LastPrice') {
    const isKnown = triggerBy === 'MarkPrice' || triggerBy === 'IndexPrice';
    return isKnown ? NOT_LAST_PRICE : BAD_TRIGGER_BY;
  }
  if (!isPresent(triggerPrice)) return isPresent(triggerBy) ? HALF_A_TRIGGER : NO_TRIGGER;
  if (typeof triggerQuantity === 'string' && triggerQuantity.endsWith('%')) return PERCENTAGE;
  if (isPresent(input.quoteQuantity)) return QUOTE_OF_TRIGGER;
  const priceTicks = readAmount(triggerPrice, market.priceScale, TRIGGER_FIELDS.price);
  if (priceTicks instanceof ApiError) return priceTicks;
  const scale = market.quantityScale;
  const quantityLots = readAmount(triggerQuantity, scale, TRIGGER_FIELDS.quantity);
  if (quantityLots instanceof ApiError) return quantityLots;
  if (isPresent(input.quantity)) {
    const lots = readAmount(input.quantity, scale, TRIGGER_FIELDS.quantity);
    if (lots !== quantityLots) return TWO_QUANTITIES;
  }
  return { priceTicks, quantityLots };
}

/** Why a replace may not be sent: it can name no trigger, not even of a stop order. */
export function triggerOfReplace(input: RequestFields): ApiError | undefined {
  const { triggerPrice, triggerQuantity, triggerBy } = input;
  const names = isPresent(triggerPrice) || isPresent(triggerQuantity) || isPresent(triggerBy);
  return names ? TRIGGER_OF_REPLACE : unsupportedTrigger(input);
}

/**
 * An unknown field is ignored, since clients hand on what their users add to an order. One that seems to
 * hold it back is not: without it the order would be live at once, which is not the order meant.
 */
function unsupportedTrigger(input: RequestFields): ApiError | undefined {
  for (const key in input) {
    if (isOrderField(key) || !TRIGGER_NAME.test(key) || !isPresent(input[key])) continue;
    return ATTACHMENT_NAME.test(key) ? ATTACHMENT : UNKNOWN_TRIGGER;
  }
  return undefined;
}

/** A field that is read elsewhere; by a switch, which costs a third of a look-up in a set. */
function isOrderField(key: string): boolean {
  switch (key) {
    case 'symbol':
    case 'side':
    case 'orderType':
    case 'price':
    case 'quantity':
    case 'clientId':
    case 'timeInForce':
    case 'postOnly':
    case 'selfTradePrevention':
    case 'quoteQuantity':
    case 'orderId':
    case 'triggerPrice':
    case 'triggerQuantity':
    case 'triggerBy':
      return true;
    default:
      return false;
  }
}
