import { assert } from '../../engine/assert.ts';
import { formatDecimal, formatPadded, type Scale } from '../../engine/protocol/decimal.ts';

/** `formatDecimal` for a sum: no trailing zeros. */
export function formatSum(steps: bigint, scale: Scale): string {
  if (steps <= Number.MAX_SAFE_INTEGER) return formatDecimal(Number(steps), scale);
  const padded = formatSumPadded(steps, scale);
  return scale.decimals === 0 ? padded : padded.replace(/\.?0+$/, '');
}

/** `formatPadded` for a sum: all decimals of the scale. */
export function formatSumPadded(steps: bigint, scale: Scale): string {
  if (steps <= Number.MAX_SAFE_INTEGER) return formatPadded(Number(steps), scale);
  const digits = String(steps * BigInt(scale.stepUnits)).padStart(scale.decimals + 1, '0');
  if (scale.decimals === 0) return digits;
  const point = digits.length - scale.decimals;
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** The steps of a sum that `formatSum` wrote, or the database. */
export function parseSum(text: string, { decimals, stepUnits }: Scale): bigint {
  const [whole, fraction = ''] = text.split('.');
  assert(fraction.length <= decimals, `a sum ${text} of more than ${decimals} decimals`);
  const units = BigInt(`${whole}${fraction.padEnd(decimals, '0')}`);
  assert(units % BigInt(stepUnits) === 0n, `a sum ${text} that is off its step`);
  return units / BigInt(stepUnits);
}
