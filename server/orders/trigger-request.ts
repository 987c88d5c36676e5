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
const UNKNOWN_TRIGGER = notImplemented(
  'Take-profit and stop-loss attachments and other kinds of trigger are not supported',
);

function notImplemented(message: string): ApiError {
  return new ApiError(501, 'NOT_IMPLEMENTED', message);
}

const KNOWN = new Set(['triggerPrice', 'triggerQuantity', 'triggerBy']);
const LETTER_S = 115;
const LETTER_T = 116;

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

/** Any other field of a trigger, also one we do not know: an order without its stop is not the order meant. */
function unsupportedTrigger(input: RequestFields): ApiError | undefined {
  for (const key in input) {
    const letter = key.charCodeAt(0);
    if (letter !== LETTER_T && letter !== LETTER_S) continue;
    const isTrigger =
      key.startsWith('trigger') || key.startsWith('takeProfit') || key.startsWith('stopLoss');
    if (isTrigger && !KNOWN.has(key) && isPresent(input[key])) return UNKNOWN_TRIGGER;
  }
  return undefined;
}
