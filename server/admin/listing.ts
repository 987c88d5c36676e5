import type { MarketSpec } from '../../engine/protocol/commands.ts';
import { type DecimalFault, parseDecimal, type Scale } from '../../engine/protocol/decimal.ts';
import { BASIS_POINTS, MAX_AMOUNT } from '../../engine/protocol/units.ts';
import { invalidRequest } from '../api-error.ts';
import type { Asset } from '../registry/registry.ts';

export const ASSET_DECIMALS_MAX = 18;
const ASSET_SYMBOL = /^[A-Z0-9]{1,16}$/;
const STEP = /^(0|[1-9]\d*)(?:\.(\d+))?$/;
const MAX = BigInt(MAX_AMOUNT);

/** A market as its operator asks for it; decimal strings, null where left to the venue. */
export interface ListingRequest {
  readonly symbol: string;
  readonly tickSize: string;
  readonly stepSize: string;
  readonly minPrice: string | null;
  readonly maxPrice: string | null;
  readonly minQuantity: string | null;
  readonly maxQuantity: string | null;
  /** 0 … 10000 */
  readonly makerFeeBps: number;
  /** 0 … 10000 */
  readonly takerFeeBps: number;
  /** In the quote asset. */
  readonly minNotional: string | null;
  /** 0 … 10000; 0 = none */
  readonly priceBandBps: number;
}

/** @throws ApiError unless the symbol is 1 to 16 capital letters and digits. */
export function checkAssetSymbol(symbol: string): void {
  if (!ASSET_SYMBOL.test(symbol)) {
    throw invalidRequest('symbol must be 1 to 16 of A-Z and 0-9');
  }
}

/**
 * The integer rules of a new market, without its id.
 *
 * Every amount an order of the market can move stays exact: a lot is a whole number of base units, a
 * tick times a lot a whole number of quote units, and the dearest order the limits allow, taker fee
 * included, is at most 2^53 − 1 quote units. Limits left open are derived so that this holds: one
 * from the other, or both as the same power of ten of ticks and lots.
 *
 * @throws ApiError naming the field that does not fit.
 */
export function listingSpec(
  request: ListingRequest,
  base: Asset,
  quote: Asset,
): Omit<MarketSpec, 'marketId'> {
  if (request.symbol !== `${base.symbol}_${quote.symbol}`) {
    throw invalidRequest(
      `symbol must be ${base.symbol}_${quote.symbol}, after the market's assets`,
    );
  }
  if (base.assetId === quote.assetId) throw invalidRequest('a market needs two different assets');
  const price = stepScale('tickSize', request.tickSize);
  const quantity = stepScale('stepSize', request.stepSize);
  const baseUnitsPerLot = wholeUnits(
    BigInt(quantity.stepUnits),
    base.scale.decimals - quantity.decimals,
    `stepSize must be a whole number of the ${base.scale.decimals} decimals of ${base.symbol}`,
  );
  const quoteUnitsPerTickLot = wholeUnits(
    BigInt(price.stepUnits) * BigInt(quantity.stepUnits),
    quote.scale.decimals - price.decimals - quantity.decimals,
    `tickSize times stepSize must be a whole number of the ${quote.scale.decimals} decimals of ${quote.symbol}`,
  );
  const minPriceTicks = steps('minPrice', request.minPrice, price) ?? 1;
  const minQuantityLots = steps('minQuantity', request.minQuantity, quantity) ?? 1;
  const limits = upperLimits(
    steps('maxPrice', request.maxPrice, price),
    steps('maxQuantity', request.maxQuantity, quantity),
    tickLotsMax(quoteUnitsPerTickLot, Math.max(request.takerFeeBps, request.makerFeeBps)),
    MAX / BigInt(baseUnitsPerLot),
  );
  if (minPriceTicks > limits.maxPriceTicks) throw invalidRequest('minPrice is above maxPrice');
  if (minQuantityLots > limits.maxQuantityLots) {
    throw invalidRequest('minQuantity is above maxQuantity');
  }
  return {
    symbol: request.symbol,
    baseAssetId: base.assetId,
    quoteAssetId: quote.assetId,
    priceDecimals: price.decimals,
    tickUnits: price.stepUnits,
    quantityDecimals: quantity.decimals,
    lotUnits: quantity.stepUnits,
    baseUnitsPerLot,
    quoteUnitsPerTickLot,
    minPriceTicks,
    maxPriceTicks: limits.maxPriceTicks,
    minQuantityLots,
    maxQuantityLots: limits.maxQuantityLots,
    makerFeeBps: request.makerFeeBps,
    takerFeeBps: request.takerFeeBps,
    minNotionalUnits: leastNotionalUnits(request.minNotional, quote, limits, quoteUnitsPerTickLot),
    priceBandBps: request.priceBandBps,
  };
}

/** `0.050` as 5 / 10^2: the shortest form, so that equal sizes give equal specs. */
function stepScale(field: string, text: string): Scale {
  const match = text.length <= 40 ? STEP.exec(text) : null;
  if (match === null) throw invalidRequest(`${field} must be a plain decimal`);
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  const units = BigInt(match[1]! + fraction);
  if (units === 0n) throw invalidRequest(`${field} must be above zero`);
  if (units > MAX || fraction.length > 2 * ASSET_DECIMALS_MAX) {
    throw invalidRequest(`${field} is out of range`);
  }
  return { decimals: fraction.length, stepUnits: Number(units) };
}

/** `units × 10^exponent`, when that is a whole number within range. */
function wholeUnits(units: bigint, exponent: number, fault: string): number {
  const power = 10n ** BigInt(Math.abs(exponent));
  if (exponent < 0 && units % power !== 0n) throw invalidRequest(fault);
  const whole = exponent < 0 ? units / power : units * power;
  if (whole > MAX) throw invalidRequest('tickSize or stepSize is too large for the assets');
  return Number(whole);
}

const FAULTS: Readonly<Record<DecimalFault, string>> = {
  malformed: 'must be a plain decimal',
  tooPrecise: 'has more decimals than its step',
  offStep: 'is not a multiple of its step',
  tooLarge: 'is too large',
};

function steps(field: string, text: string | null, scale: Scale): number | null {
  if (text === null) return null;
  const parsed = parseDecimal(text, scale);
  if (typeof parsed === 'string') throw invalidRequest(`${field} ${FAULTS[parsed]}`);
  if (parsed === 0) throw invalidRequest(`${field} must be above zero`);
  return parsed;
}

/** In quote units, 0 for any; no more than the dearest order that the limits allow is worth. */
function leastNotionalUnits(
  minNotional: string | null,
  quote: Asset,
  { maxPriceTicks, maxQuantityLots }: UpperLimits,
  quoteUnitsPerTickLot: number,
): number {
  const units = steps('minNotional', minNotional, quote.scale) ?? 0;
  if (units > maxPriceTicks * maxQuantityLots * quoteUnitsPerTickLot) {
    throw invalidRequest('minNotional is above maxPrice times maxQuantity');
  }
  return units;
}

/**
 * The largest ticks × lots whose cost c, fee added, fits: c + ⌈c × fee⌉ ≤ MAX, which for integers is
 * c × (10000 + feeBps) ≤ MAX × 10000.
 */
function tickLotsMax(quoteUnitsPerTickLot: number, feeBps: number): bigint {
  const costMax = (MAX * BigInt(BASIS_POINTS)) / BigInt(BASIS_POINTS + feeBps);
  return costMax / BigInt(quoteUnitsPerTickLot);
}

interface UpperLimits {
  readonly maxPriceTicks: number;
  readonly maxQuantityLots: number;
}

function upperLimits(
  priceTicks: number | null,
  quantityLots: number | null,
  productMax: bigint,
  lotsMax: bigint,
): UpperLimits {
  if (quantityLots !== null && BigInt(quantityLots) > lotsMax) {
    throw invalidRequest('maxQuantity is more base units than can be counted');
  }
  const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
  let ticks: bigint;
  let lots: bigint;
  if (priceTicks === null && quantityLots === null) {
    ticks = 1n;
    while (ticks * ticks * 100n <= productMax && ticks * 10n <= lotsMax) ticks *= 10n;
    lots = ticks;
  } else if (quantityLots === null) {
    ticks = BigInt(priceTicks!);
    lots = smaller(productMax / ticks, lotsMax);
  } else {
    lots = BigInt(quantityLots);
    ticks = priceTicks === null ? productMax / lots : BigInt(priceTicks);
  }
  if (ticks * lots > productMax || ticks === 0n || lots === 0n) {
    throw invalidRequest(
      'maxPrice times maxQuantity, fees included, is more quote units than can be counted (2^53 - 1)',
    );
  }
  return { maxPriceTicks: Number(ticks), maxQuantityLots: Number(lots) };
}
