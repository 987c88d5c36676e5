import { bidLockUnits } from '../ledger/fees.ts';
import type { MarketSpec, PlaceOrder } from '../protocol/commands.ts';
import { OrderType, Side, TimeInForce } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { MAX_AMOUNT } from '../protocol/units.ts';
import { isWorthTooLittle } from './least-notional.ts';
import { lowestTicksOf, type ShardMarket } from './markets.ts';

/**
 * Checks a new order against its market's limits and answers the lots to match. An order sized by
 * quote amount gets the most lots its budget could mean; the budget itself is what bounds it.
 * A refusal is answered as a negative reject code.
 */
export function lotsOfNewOrder(order: PlaceOrder, market: ShardMarket): number {
  const { spec } = market;
  const { priceTicks, quoteBudgetUnits } = order;
  if (!isPriceInRange(spec, priceTicks)) return -RejectCode.PriceOutOfRange;
  const isStop = order.triggerPriceTicks > 0;
  if (isStop && !isPriceInRange(spec, order.triggerPriceTicks)) return -RejectCode.PriceOutOfRange;
  if (order.orderType === OrderType.Market && order.timeInForce !== TimeInForce.IOC) {
    return -RejectCode.PriceOutOfRange;
  }
  if (quoteBudgetUnits === 0) {
    const isOutside =
      order.quantityLots < spec.minQuantityLots || order.quantityLots > spec.maxQuantityLots;
    return isOutside ? -RejectCode.QuantityOutOfRange : order.quantityLots;
  }
  // A limit order rests its lots, and a budget is not a number of lots; nor is what a stop order waits with.
  if (order.orderType !== OrderType.Market || isStop) return -RejectCode.QuantityOutOfRange;
  // A bid's worst case is the cheapest lot there can be, an ask's the lowest price it would take.
  const lowestTicks = lowestTicksOf(market, order.side as Side, priceTicks);
  const lots = Math.floor(quoteBudgetUnits / (lowestTicks * spec.quoteUnitsPerTickLot));
  if (lots < 1) return -RejectCode.QuantityOutOfRange;
  return Math.min(lots, spec.maxQuantityLots);
}

/** What the order must have locked before it is matched: quote units for a bid, base for an ask. */
export function lockOfNewOrder(order: PlaceOrder, lots: number, market: ShardMarket): number {
  const { spec } = market;
  if (order.side === Side.Ask) return lots * spec.baseUnitsPerLot;
  const costUnits = order.quoteBudgetUnits || lots * order.priceTicks * spec.quoteUnitsPerTickLot;
  return bidLockUnits(costUnits, market.feeBpsMax, 0);
}

/** Whether every amount the order can lead to stays exact. The listing bounds all but budgets. */
export function isAmountSafe(
  order: PlaceOrder,
  lots: number,
  lockUnits: number,
  market: ShardMarket,
): boolean {
  return (
    lockUnits <= MAX_AMOUNT &&
    lots * order.priceTicks * market.spec.quoteUnitsPerTickLot <= MAX_AMOUNT
  );
}

export function isPriceInRange(spec: MarketSpec, priceTicks: number): boolean {
  return priceTicks >= spec.minPriceTicks && priceTicks <= spec.maxPriceTicks;
}

/**
 * Why an order may not be changed to this price and total, what was executed of it included, or `None`. A
 * remainder may be small because the rest was filled; made small, it is refused as a new order would be.
 */
export function totalRefusal(
  spec: MarketSpec,
  priceTicks: number,
  quantityLots: number,
): RejectCode {
  if (quantityLots < spec.minQuantityLots || quantityLots > spec.maxQuantityLots) {
    return RejectCode.QuantityOutOfRange;
  }
  const isTooSmall = isWorthTooLittle(spec, quantityLots, priceTicks);
  return isTooSmall ? RejectCode.NotionalTooSmall : RejectCode.None;
}
