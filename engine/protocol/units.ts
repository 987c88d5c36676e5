/**
 * Money and quantities are integers everywhere inside the venue. The brands keep a price from being
 * passed where a quantity is meant; arithmetic yields plain numbers, which are branded again where
 * the result has a unit.
 */
declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** A price as a whole number of the market's tick. */
export type PriceTicks = Unit<'PriceTicks'>;
/** A quantity of the base asset as a whole number of the market's lot (its step size). */
export type QuantityLots = Unit<'QuantityLots'>;
/** An amount of an asset in its smallest unit, 10^-decimals. */
export type AssetUnits = Unit<'AssetUnits'>;

/** Every amount, price × quantity product included, stays at or below this, so `number` is exact. */
export const MAX_AMOUNT = Number.MAX_SAFE_INTEGER;

/** Denominator of a fee rate: rates are whole basis points. */
export const BASIS_POINTS = 10_000;

/**
 * `amount × bps / 10,000` rounded down, for whole numbers up to 2^53 − 1. The product may be larger, so
 * the amount is split at 10,000 as fees.ts does: exact where the answer is at most 2^53 − 1, and else
 * no less than that.
 */
export function basisPointsOf(amount: number, bps: number): number {
  const rest = amount % BASIS_POINTS;
  return ((amount - rest) / BASIS_POINTS) * bps + Math.floor((rest * bps) / BASIS_POINTS);
}
