import { Side } from '../../engine/protocol/enums.ts';
import { RejectCode } from '../../engine/protocol/reject-codes.ts';
import { basisPointsOf } from '../../engine/protocol/units.ts';
import { type ApiError, apiErrorOf } from '../api-error.ts';
import type { Market } from '../registry/registry.ts';

/** What the gateway knows about where a market trades; market data implements it. */
export interface ReferencePrices {
  /**
   * The price a market order on `side` is measured against, in ticks: the last trade's, or when the
   * market never traded the best opposite price, or 0 when there is neither.
   */
  referencePriceTicks(marketId: number, side: Side): number;
}

/** How far beyond the reference a market order may trade where the market has no band of its own. */
const DEFAULT_BAND_BPS = 2_500;

/** How far beyond the reference a market order may trade, in basis points: what `filters` announces. */
export function protectionBandBps({ spec }: Market): number {
  return spec.priceBandBps || DEFAULT_BAND_BPS;
}

/**
 * The worst price a market order may trade at, in ticks, inside the market's own limits; or the
 * refusal when the market has no price to refer to. A stop order refers to its trigger price, 0 for
 * any other order.
 */
export function protectionPriceTicks(
  market: Market,
  side: Side,
  triggerPriceTicks: number,
  prices: ReferencePrices,
): number | ApiError {
  const reference = triggerPriceTicks || prices.referencePriceTicks(market.marketId, side);
  if (reference === 0) return apiErrorOf(RejectCode.NoReferencePrice);
  const band = basisPointsOf(reference, protectionBandBps(market));
  const worst = side === Side.Bid ? reference + band : reference - band;
  const { minPriceTicks, maxPriceTicks } = market.spec;
  return Math.min(Math.max(worst, minPriceTicks, 1), maxPriceTicks);
}
