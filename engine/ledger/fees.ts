import { type AssetUnits, BASIS_POINTS } from '../protocol/units.ts';

/**
 * Fees are charged per fill, rounded up, but what the rounding took too much is credited to the next
 * fill of the same order: over its life an order pays its exact fee rounded up once. The credit is in
 * 1/10,000 of a unit, 0 … 9,999.
 *
 * `amount × rate` can exceed 2^53, so amounts are split at 10,000: with amount = w × 10,000 + r,
 * amount × rate / 10,000 = w × rate + r × rate / 10,000, and every term is exact. (A rounded quotient of
 * whole numbers up to 2^53 never reaches the next whole number; `%` of doubles is a slow call.)
 */

/** The fee of a fill of `notionalUnits` at `rateBps`, given the order's credit. */
export function feeUnits(notionalUnits: number, rateBps: number, credit: number): AssetUnits {
  const whole = Math.floor(notionalUnits / BASIS_POINTS);
  const rest = notionalUnits - whole * BASIS_POINTS;
  return (whole * rateBps + Math.ceil((rest * rateBps - credit) / BASIS_POINTS)) as AssetUnits;
}

/** The order's credit after that fill. */
export function creditAfter(notionalUnits: number, rateBps: number, credit: number): number {
  const rest = notionalUnits - Math.floor(notionalUnits / BASIS_POINTS) * BASIS_POINTS;
  const owed = rest * rateBps - credit;
  return Math.ceil(owed / BASIS_POINTS) * BASIS_POINTS - owed;
}

/**
 * What a bid must have locked while `notionalUnits` of it are open: the notional and the highest fee
 * that fills of it can cost. With f the fee of a fill of cost c ≤ the limit notional n of its lots,
 * f + fee(rest, credit after) = fee(c + rest, credit) ≤ fee(n + rest, credit): the lock always
 * suffices, and what it has too much is the price improvement to refund.
 */
export function bidLockUnits(
  notionalUnits: number,
  rateBpsMax: number,
  credit: number,
): AssetUnits {
  if (notionalUnits === 0) return 0 as AssetUnits;
  return (notionalUnits + feeUnits(notionalUnits, rateBpsMax, credit)) as AssetUnits;
}
