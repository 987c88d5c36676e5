import { parseDecimal, type Scale } from '../../engine/protocol/decimal.ts';
import type { WireCode } from '../../engine/protocol/wire-codes.ts';
import { ApiError, invalidRequest } from '../api-error.ts';
import type { Market, Registry } from '../registry/registry.ts';

/** Fields of a request, still unchecked. */
export type RequestFields = Readonly<Record<string, unknown>>;

/**
 * True for an object made by a JSON or msgpack decoder from a map. Any other prototype (dates, buffers,
 * extension types) is refused, and no field name we read exists on `Object.prototype`, so a plain
 * property read of what passes here sees own properties only.
 */
export function isPlainObject(value: unknown): value is RequestFields {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** Whether a text has at most so many characters, as JSON Schema counts them: code points. */
export function isWithin(text: string, lengthMax: number): boolean {
  if (text.length <= lengthMax) return true;
  return text.length <= 2 * lengthMax && [...text].length <= lengthMax;
}

export const NOT_AN_OBJECT = invalidRequest('The request must be an object');
const NO_SYMBOL = invalidRequest('`symbol` is missing or not a string');
const UNKNOWN_MARKET = new ApiError(400, 'INVALID_MARKET', 'Invalid market');

/** The market that a request's `symbol` names, or the refusal. */
export function readMarket(symbol: unknown, registry: Registry): Market | ApiError {
  if (typeof symbol !== 'string') return NO_SYMBOL;
  return registry.marketBySymbol(symbol) ?? UNKNOWN_MARKET;
}

/** What the refusals of one decimal field say. */
interface DecimalField {
  readonly malformed: ApiError;
  readonly tooPrecise: ApiError;
  readonly offStep: ApiError;
  readonly notPositive: ApiError;
  readonly tooLarge: ApiError;
}

function decimalField(name: string, label: string, code: WireCode, step: string): DecimalField {
  return {
    malformed: invalidRequest(`\`${name}\` is missing or not a decimal string`),
    tooPrecise: invalidRequest(`${label} decimal too long`),
    offStep: new ApiError(400, code, `${label} is not a multiple of the ${step}`),
    notPositive: new ApiError(400, code, `${label} must be positive`),
    tooLarge: new ApiError(400, code, `${label} is too large`),
  };
}

export const PRICE_FIELD = decimalField('price', 'Price', 'INVALID_PRICE', 'tick size');
export const QUANTITY_FIELD = decimalField('quantity', 'Quantity', 'INVALID_QUANTITY', 'step size');
export const QUOTE_QUANTITY_FIELD = decimalField(
  'quoteQuantity',
  'Quote quantity',
  'INVALID_QUANTITY',
  'smallest unit',
);
export const REDUCE_QUANTITY_FIELD = decimalField(
  'reduceQuantity',
  'Quantity',
  'INVALID_QUANTITY',
  'step size',
);

export const TRIGGER_FIELDS = {
  price: decimalField('triggerPrice', 'Trigger price', 'INVALID_PRICE', 'tick size'),
  quantity: decimalField('triggerQuantity', 'Trigger quantity', 'INVALID_QUANTITY', 'step size'),
} as const;

/** Whether a field says anything: clients write null for what they leave out. */
export function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

const MINUS = 45;

/**
 * A positive amount in steps of `scale`. Decimal strings, and for lenient clients JSON numbers that
 * print without an exponent.
 */
export function readAmount(value: unknown, scale: Scale, field: DecimalField): number | ApiError {
  let text: string;
  if (typeof value === 'string') {
    text = value;
  } else if (typeof value === 'number') {
    if (value > Number.MAX_SAFE_INTEGER) return field.tooLarge;
    if (value < -Number.MAX_SAFE_INTEGER) return field.notPositive;
    text = String(value);
  } else {
    return field.malformed;
  }
  const steps = parseDecimal(text, scale);
  if (typeof steps === 'number') return steps === 0 ? field.notPositive : steps;
  switch (steps) {
    case 'tooPrecise':
      return field.tooPrecise;
    case 'offStep':
      return field.offStep;
    case 'tooLarge':
      return field.tooLarge;
    case 'malformed':
      return isNegative(text, scale) ? field.notPositive : field.malformed;
  }
}

function isNegative(text: string, scale: Scale): boolean {
  return text.charCodeAt(0) === MINUS && parseDecimal(text.slice(1), scale) !== 'malformed';
}

const CLIENT_ID_MAX = 2 ** 32 - 1;
const BAD_CLIENT_ID = invalidRequest('`clientId` is not an integer from 0 to 4294967295');

/** The caller's own id of an order; null when there is none. */
export function readClientId(value: unknown): number | null | ApiError {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isInteger(value)) return BAD_CLIENT_ID;
  return value >= 0 && value <= CLIENT_ID_MAX ? value : BAD_CLIENT_ID;
}
