import { ApiError, invalidRequest } from '../api-error.ts';
import type { Market, Registry } from '../registry/registry.ts';
import {
  isPlainObject,
  isPresent,
  NOT_AN_OBJECT,
  PRICE_FIELD,
  QUANTITY_FIELD,
  REDUCE_QUANTITY_FIELD,
  type RequestFields,
  readAmount,
  readClientId,
  readMarket,
} from './request-fields.ts';
import { triggerOfReplace } from './trigger-request.ts';

/** The part of a command that names an order: by `orderId`, or by `clientId` when that is 0. */
interface OrderReferenceBody {
  marketId: number;
  orderId: number;
  clientId: number | null;
}

const ONE_REFERENCE = invalidRequest('Exactly one of `orderId` and `clientId` is needed');
const BAD_ORDER_ID = invalidRequest('`orderId` is not a string of digits');
const NOT_FOUND = new ApiError(404, 'RESOURCE_NOT_FOUND', 'Not Found');
const NOTHING_TO_REPLACE = invalidRequest('At least one of `price` and `quantity` is needed');

/** What an order keeps: a change that names one of these would leave an order that is not the one meant. */
const FIXED_FIELDS = [
  ...(['side', 'orderType', 'timeInForce', 'postOnly', 'selfTradePrevention'] as const),
  'quoteQuantity',
] as const;
const FIXED_REFUSALS = FIXED_FIELDS.map((name) =>
  invalidRequest(`\`${name}\` of an order cannot be changed`),
);

/** Reads `symbol` and the one of `orderId` and `clientId` that is there into `body`. */
export function readOrderReference(
  input: unknown,
  registry: Registry,
  body: OrderReferenceBody,
): ApiError | undefined {
  const market = readTarget(input, registry, body);
  return market instanceof ApiError ? market : undefined;
}

/** The same with the quantity to take off, in the field `quantity` or `reduceQuantity`. */
export function readReduceOrder(
  input: unknown,
  registry: Registry,
  body: OrderReferenceBody & { quantityLots: number },
): ApiError | undefined {
  const market = readTarget(input, registry, body);
  if (market instanceof ApiError) return market;
  const fields = input as RequestFields;
  const fixed = fixedInChange(fields);
  if (fixed !== undefined) return fixed;
  const lots =
    fields.reduceQuantity === undefined
      ? readAmount(fields.quantity, market.quantityScale, QUANTITY_FIELD)
      : readAmount(fields.reduceQuantity, market.quantityScale, REDUCE_QUANTITY_FIELD);
  if (lots instanceof ApiError) return lots;
  body.quantityLots = lots;
  return undefined;
}

/** The same with a new `price`, a new total `quantity`, or both. */
export function readReplaceOrder(
  input: unknown,
  registry: Registry,
  body: OrderReferenceBody & { priceTicks: number; quantityLots: number },
): ApiError | undefined {
  const market = readTarget(input, registry, body);
  if (market instanceof ApiError) return market;
  const fields = input as RequestFields;
  const fixed = fixedInChange(fields) ?? triggerOfReplace(fields);
  if (fixed !== undefined) return fixed;
  const { price, quantity } = fields;
  const hasPrice = isPresent(price);
  const hasQuantity = isPresent(quantity);
  if (!hasPrice && !hasQuantity) return NOTHING_TO_REPLACE;
  const ticks = hasPrice ? readAmount(price, market.priceScale, PRICE_FIELD) : 0;
  if (ticks instanceof ApiError) return ticks;
  const lots = hasQuantity ? readAmount(quantity, market.quantityScale, QUANTITY_FIELD) : 0;
  if (lots instanceof ApiError) return lots;
  body.priceTicks = ticks;
  body.quantityLots = lots;
  return undefined;
}

/** Why a change may not be sent: it names what an order keeps. */
function fixedInChange(fields: RequestFields): ApiError | undefined {
  for (let index = 0; index < FIXED_FIELDS.length; index++) {
    if (isPresent(fields[FIXED_FIELDS[index]!])) return FIXED_REFUSALS[index];
  }
  return undefined;
}

function readTarget(
  input: unknown,
  registry: Registry,
  body: OrderReferenceBody,
): Market | ApiError {
  if (!isPlainObject(input)) return NOT_AN_OBJECT;
  const market = readMarket(input.symbol, registry);
  if (market instanceof ApiError) return market;
  const orderId = readOrderId(input.orderId);
  if (orderId instanceof ApiError) return orderId;
  const clientId = readClientId(input.clientId);
  if (clientId instanceof ApiError) return clientId;
  if ((orderId === null) === (clientId === null)) return ONE_REFERENCE;
  body.marketId = market.marketId;
  body.orderId = orderId ?? 0;
  body.clientId = clientId;
  return market;
}

const DIGITS = /^\d{1,20}$/;

/** An id that no order can have, 0 or one beyond the safe integers, is simply not found. */
function readOrderId(value: unknown): number | null | ApiError {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') {
    if (!DIGITS.test(value)) return BAD_ORDER_ID;
    return readOrderId(Number(value));
  }
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) return BAD_ORDER_ID;
  return value === 0 || value > Number.MAX_SAFE_INTEGER ? NOT_FOUND : value;
}
