/**
 * Decimal strings at the edge (API, database) to and from integers inside. A `Scale` says what one
 * integer step is worth: `stepUnits / 10^decimals`. An asset's own unit is `{ decimals, stepUnits: 1 }`;
 * a tick of 0.05 is `{ decimals: 2, stepUnits: 5 }`.
 */
export interface Scale {
  readonly decimals: number;
  readonly stepUnits: number;
}

/** Why a decimal string has no integer: the caller names it for its client. */
export type DecimalFault = 'malformed' | 'tooPrecise' | 'offStep' | 'tooLarge';

/** Longer text than any amount the venue can hold; refuses it before any work. */
export const DECIMAL_LENGTH_MAX = 40;

const POINT = 46;
const ZERO = 48;

/**
 * The number of steps in `text`: a plain decimal, no sign, no exponent, no leading zeros. Trailing
 * zeros after the point are allowed and ignored. Answers the fault instead of throwing. One scan: each
 * order has two or three of these.
 */
export function parseDecimal(text: string, scale: Scale): number | DecimalFault {
  const { length } = text;
  if (length === 0 || length > DECIMAL_LENGTH_MAX) return 'malformed';
  const { decimals, stepUnits } = scale;
  let units = 0;
  let isTooPrecise = false;
  let decimalsRead = -1;
  for (let at = 0; at < length; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit === POINT - ZERO && decimalsRead < 0 && at > 0 && at < length - 1) {
      decimalsRead = 0;
      continue;
    }
    if (digit < 0 || digit > 9) return 'malformed';
    if (at === 1 && decimalsRead < 0 && text.charCodeAt(0) === ZERO) return 'malformed';
    if (decimalsRead >= decimals) isTooPrecise ||= digit !== 0;
    else units = units * 10 + digit;
    if (decimalsRead >= 0) decimalsRead++;
  }
  if (isTooPrecise) return 'tooPrecise';
  for (let count = Math.max(decimalsRead, 0); count < decimals; count++) units *= 10;
  // Past 2^53 the sum is rounded, but never to a smaller safe integer.
  if (units > Number.MAX_SAFE_INTEGER) return 'tooLarge';
  if (stepUnits === 1) return units;
  return units % stepUnits === 0 ? units / stepUnits : 'offStep';
}

/** `steps` as a decimal string without trailing zeros: REST and private streams. */
export function formatDecimal(steps: number, scale: Scale): string {
  const padded = formatPadded(steps, scale);
  if (scale.decimals === 0) return padded;
  let end = padded.length;
  while (padded.charCodeAt(end - 1) === 48) end--;
  if (padded.charCodeAt(end - 1) === 46) end--;
  return padded.slice(0, end);
}

/** `steps` as a decimal string with all decimals of the scale: public streams, database. */
export function formatPadded(steps: number, scale: Scale): string {
  const { decimals, stepUnits } = scale;
  const units = steps * stepUnits;
  // A safe number of steps can still be more units than a double holds.
  const digits = Number.isSafeInteger(units)
    ? String(units)
    : String(BigInt(steps) * BigInt(stepUnits));
  if (decimals === 0) return digits;
  const negative = digits.charCodeAt(0) === 45;
  const magnitude = (negative ? digits.slice(1) : digits).padStart(decimals + 1, '0');
  const point = magnitude.length - decimals;
  return `${negative ? '-' : ''}${magnitude.slice(0, point)}.${magnitude.slice(point)}`;
}
