import type { MarketSpec, PlaceOrder } from '../protocol/commands.ts';
import { OrderType, Side } from '../protocol/enums.ts';
import type { MatchOrder } from '../protocol/shard-messages.ts';
import type { ShardMarket } from './markets.ts';

/*
 * The least that an order of a market may be worth, in quote units. A limit order is worth its lots at its
 * limit, one sized by quote amount its budget, and a market order its lots at the price the market trades at:
 * at its protection price, which is nobody's price, a sale would be worth too little and a purchase too much.
 * Binance's filter NOTIONAL likewise takes the last price for a market order. That price is known to the
 * market's owner only, which judges market orders; the account's home judges all others.
 */

/** Whether `lots` at `priceTicks` are worth less than the market's least. */
export function isWorthTooLittle(spec: MarketSpec, lots: number, priceTicks: number): boolean {
  return lots * priceTicks * spec.quoteUnitsPerTickLot < spec.minNotionalUnits;
}

/** For the home: whether a new order is too small, as far as it is not for the market's owner to say. */
export function isTooSmallAtHome(order: PlaceOrder, lots: number, { spec }: ShardMarket): boolean {
  const { quoteBudgetUnits, triggerPriceTicks } = order;
  if (quoteBudgetUnits > 0) return quoteBudgetUnits < spec.minNotionalUnits;
  if (order.orderType === OrderType.Limit) return isWorthTooLittle(spec, lots, order.priceTicks);
  // It will trade where its trigger is.
  return triggerPriceTicks > 0 && isWorthTooLittle(spec, lots, triggerPriceTicks);
}

/**
 * For the market's owner: whether a market order's lots are worth too little at the last trade's price, or
 * before the first trade at the best price it could get. With neither it has nothing to trade with.
 */
export function isMarketOrderTooSmall(order: MatchOrder, market: ShardMarket): boolean {
  const { spec, lastPriceTicks } = market;
  const isJudgedAtHome = order.quoteBudgetUnits > 0 || order.triggerPriceTicks > 0;
  if (spec.minNotionalUnits === 0 || isJudgedAtHome) return false;
  const book = market.book!;
  const priceTicks = lastPriceTicks || (order.side === Side.Bid ? book.bestAsk() : book.bestBid());
  return priceTicks > 0 && isWorthTooLittle(spec, order.quantityLots, priceTicks);
}
