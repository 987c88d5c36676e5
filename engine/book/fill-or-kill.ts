import { Side } from '../protocol/enums.ts';
import type { OrderBook } from './order-book.ts';

/** Whether `quantityLots` rest where an order of `takerSide` would take them, at `limitTicks` or better. */
export function isEnoughThere(
  book: OrderBook,
  takerSide: Side,
  limitTicks: number,
  quantityLots: number,
): boolean {
  let found = 0;
  book.depth(makerSideOf(takerSide), Number.POSITIVE_INFINITY, (priceTicks, lots) => {
    if (isBeyond(takerSide, limitTicks, priceTicks)) return false;
    found += lots;
    return found < quantityLots;
  });
  return found >= quantityLots;
}

/** The same without the orders of `avoidOwner`: they are passed over or, with `stopsThere`, end it. */
export function isEnoughOfOthers(
  book: OrderBook,
  takerSide: Side,
  limitTicks: number,
  quantityLots: number,
  avoidOwner: number,
  stopsThere: boolean,
): boolean {
  let found = 0;
  book.forEachOrder(makerSideOf(takerSide), (_orderId, owner, priceTicks, lots) => {
    if (isBeyond(takerSide, limitTicks, priceTicks)) return false;
    if (owner === avoidOwner) return !stopsThere;
    found += lots;
    return found < quantityLots;
  });
  return found >= quantityLots;
}

function makerSideOf(takerSide: Side): Side {
  return takerSide === Side.Bid ? Side.Ask : Side.Bid;
}

function isBeyond(takerSide: Side, limitTicks: number, priceTicks: number): boolean {
  return takerSide === Side.Bid ? priceTicks > limitTicks : priceTicks < limitTicks;
}
