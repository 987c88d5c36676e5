import { formatDecimal, formatPadded, type Scale } from '../../engine/protocol/decimal.ts';

/**
 * A sum of amounts, exact beyond 2^53: turnover has no bound, unlike every single amount in it. Adds
 * plain numbers and falls back on a bigint only when they would overflow.
 */
export class ExactSum {
  #carried = 0n;
  #recent = 0;

  /** `amount` is a whole number from 0 to 2^53 − 1. */
  add(amount: number): void {
    if (amount > Number.MAX_SAFE_INTEGER - this.#recent) {
      this.#carried += BigInt(this.#recent);
      this.#recent = 0;
    }
    this.#recent += amount;
  }

  get total(): bigint {
    return this.#carried + BigInt(this.#recent);
  }
}

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
