import type { MarketSpec, PlaceOrder } from '../protocol/commands.ts';
import { OrderBookState, OrderType, Side } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import type { NaiveTriggers } from './naive-triggers.fixture.ts';

export interface NaiveOrder extends PlaceOrder {
  orderId: number;
  createdAtUs: number;
  /** A stop order that has not been matched. */
  isPending: boolean;
  triggeredAtUs: number;
  /** Time priority: the lower, the earlier. */
  rank: number;
  /** Its account has heard of it. */
  isAccepted: boolean;
  openLots: number;
  executedLots: number;
  executedQuoteUnits: bigint;
  /** Σ cost × rate of its fills, and what of it was charged. */
  feeOwedBps: bigint;
  feesCharged: bigint;
  /** The asset it pays with, and how much of it is set aside. */
  paidAssetId: number;
  lockedUnits: bigint;
}

export interface NaiveMarket {
  spec: MarketSpec;
  state: number;
  /** 1 while the kill switch has stopped it, plus 2 while it has stopped the venue. */
  killed: number;
  updateId: number;
  tradeCount: number;
  /** Of the last trade; 0 before the first. */
  lastPriceTicks: number;
  triggers: NaiveTriggers;
}

export const ceilOfBps = (amount: bigint): bigint => (amount + 9_999n) / 10_000n;

export const isPriced = (spec: MarketSpec, ticks: number): boolean =>
  ticks >= spec.minPriceTicks && ticks <= spec.maxPriceTicks;

export const isSized = (spec: MarketSpec, lots: number): boolean =>
  lots >= spec.minQuantityLots && lots <= spec.maxQuantityLots;

export const costOf = (spec: MarketSpec, ticks: number, lots: number): bigint =>
  BigInt(ticks) * BigInt(lots) * BigInt(spec.quoteUnitsPerTickLot);

/** The lowest price an order could ever trade at. */
export const cheapestTicks = (order: PlaceOrder, spec: MarketSpec): number =>
  order.side === Side.Bid ? spec.minPriceTicks : order.priceTicks;

/** Whether lots at a price are worth less than the market's least. */
export const isTooSmall = (spec: MarketSpec, ticks: number, lots: number): boolean =>
  costOf(spec, ticks, lots) < BigInt(spec.minNotionalUnits);

/** Whether a new order is worth too little, wherever its market trades: at its limit or trigger, or by its budget. */
export function isTooSmallAnywhere(order: PlaceOrder, spec: MarketSpec): boolean {
  if (order.quoteBudgetUnits > 0) return order.quoteBudgetUnits < spec.minNotionalUnits;
  const isLimit = order.orderType === OrderType.Limit;
  const ticks = isLimit ? order.priceTicks : order.triggerPriceTicks;
  return ticks > 0 && isTooSmall(spec, ticks, order.quantityLots);
}

/** Whether a market order is worth too little where its market trades, first at the best of `opposite`. */
export function isTooSmallNow(
  order: PlaceOrder,
  market: NaiveMarket,
  opposite: readonly NaiveOrder[],
): boolean {
  const { orderType, quoteBudgetUnits, triggerPriceTicks, quantityLots } = order;
  const isLimit = orderType === OrderType.Limit;
  if (isLimit || quoteBudgetUnits > 0 || triggerPriceTicks > 0) return false;
  const ticks = market.lastPriceTicks || opposite[0]?.priceTicks;
  return ticks !== undefined && isTooSmall(market.spec, ticks, quantityLots);
}

/** Whether a limit is further beyond the last trade than the market's band allows. */
export function isBeyondBand(order: PlaceOrder, market: NaiveMarket): boolean {
  const bps = BigInt(market.spec.priceBandBps);
  const last = BigInt(market.lastPriceTicks);
  if (bps === 0n || last === 0n) return false;
  const limit = BigInt(order.priceTicks) * 10_000n;
  return order.side === Side.Bid ? limit > last * (10_000n + bps) : limit < last * (10_000n - bps);
}

/** What must be set aside for the worst an open order can cost. */
export function neededUnits(order: NaiveOrder, spec: MarketSpec): bigint {
  if (order.side === Side.Ask) return BigInt(order.openLots) * BigInt(spec.baseUnitsPerLot);
  const notional =
    order.quoteBudgetUnits > 0
      ? BigInt(order.quoteBudgetUnits) - order.executedQuoteUnits
      : costOf(spec, order.priceTicks, order.openLots);
  const highestBps = BigInt(Math.max(spec.makerFeeBps, spec.takerFeeBps));
  return notional + ceilOfBps(order.feeOwedBps + notional * highestBps) - order.feesCharged;
}

export function stateForbids(market: NaiveMarket, postOnly: boolean): RejectCode {
  if (market.killed > 0) return RejectCode.KillSwitch;
  if (market.state === OrderBookState.Closed) return RejectCode.MarketClosed;
  if (market.state === OrderBookState.CancelOnly) return RejectCode.MarketCancelOnly;
  const isForbidden = market.state === OrderBookState.PostOnly && !postOnly;
  return isForbidden ? RejectCode.MarketPostOnly : RejectCode.None;
}
