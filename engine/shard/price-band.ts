import { Side } from '../protocol/enums.ts';
import { basisPointsOf } from '../protocol/units.ts';
import type { ShardMarket } from './markets.ts';

/**
 * Whether a limit reaches too far beyond the market's last trade to be let in: a bid's may not exceed
 * last × (1 + band), an ask's may not be below last × (1 − band). A passive price may be as far away as
 * it likes, and before the first trade there is nothing to be far from.
 *
 * This bounds where trades happen: a trade takes place at the maker's price within the taker's limit, and
 * what rests lies on the far side of the last trade or was let in within the band of it. So no trade
 * between limit orders is further than the band from the last one before its order was matched; a cascade of
 * stop orders can go further, one band at a time. A market order's limit is its protection price, which the
 * gateway took from the same last trade, or for a stop order from its trigger.
 */
export function isBeyondBand(market: ShardMarket, side: Side, priceTicks: number): boolean {
  const { priceBandBps } = market.spec;
  const last = market.lastPriceTicks;
  if (priceBandBps === 0 || last === 0) return false;
  const width = basisPointsOf(last, priceBandBps);
  return side === Side.Bid ? priceTicks > last + width : priceTicks < last - width;
}
