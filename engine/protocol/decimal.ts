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

const DECIMAL = /^(?:0|[1-9]\d*)(?:\.(\d+))?$/;

/** Longer text than any amount the venue can hold; refuses it before any work. */
const DECIMAL_LENGTH_MAX = 40;

/**
 * The number of steps in `text`: a plain decimal, no sign, no exponent, no leading zeros. Trailing
 * zeros after the point are allowed and ignored. Answers the fault instead of throwing.
 */
export function parseDecimal(text: string, scale: Scale): number | DecimalFault {
  if (text.length > DECIMAL_LENGTH_MAX) return 'malformed';
  const match = DECIMAL.exec(text);
  if (match === null) return 'malformed';
  const fraction = (match[1] ?? '').replace(/0+$/, '');
  if (fraction.length > scale.decimals) return 'tooPrecise';
  const point = text.indexOf('.');
  const whole = point < 0 ? text : text.slice(0, point);
  const digits = whole + fraction.padEnd(scale.decimals, '0');
  if (digits.replace(/^0+/, '').length > 16) return 'tooLarge';
  const units = Number(digits);
  if (units > Number.MAX_SAFE_INTEGER) return 'tooLarge';
  if (scale.stepUnits === 1) return units;
  return units % scale.stepUnits === 0 ? units / scale.stepUnits : 'offStep';
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
