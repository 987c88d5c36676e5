import type { MarketSpec } from '../protocol/commands.ts';
import { SelfTradePrevention } from '../protocol/enums.ts';
import { cheapestTicks, costOf, type NaiveOrder } from './naive-rules.fixture.ts';

/** A maker that a taker comes to: they trade `lots`, or would have if they were not of one account. */
interface Meeting {
  maker: NaiveOrder;
  lots: number;
  isPrevented: boolean;
}

/** What an order will do to the other side of the book. */
export interface Plan {
  /** In the order they happen. */
  meetings: Meeting[];
  trades: number;
  /** It met an order that ends it. */
  isEnded: boolean;
  isFilled: boolean;
  /** The makers it meets of its own account are gone afterwards. */
  makersExpire: boolean;
}

/**
 * What a taker meets among the `makers` within its limit, best first. It is filled when no lots are
 * left, or when it has traded and what is left of its budget pays for no lot any more: at the best
 * price left, or if none is, at any price.
 */
export function planOf(taker: NaiveOrder, makers: NaiveOrder[], spec: MarketSpec): Plan {
  const mode = taker.selfTradePrevention;
  const makersExpire = mode !== SelfTradePrevention.RejectTaker;
  const plan: Plan = { meetings: [], trades: 0, isEnded: false, isFilled: false, makersExpire };
  let left = taker.openLots;
  let budget = taker.quoteBudgetUnits > 0 ? BigInt(taker.quoteBudgetUnits) : null;
  for (const maker of makers) {
    const lotCost = costOf(spec, maker.priceTicks, 1);
    const affordable = budget === null ? left : Math.min(left, Number(budget / lotCost));
    const lots = Math.min(affordable, maker.openLots);
    const isOwn = maker.accountId === taker.accountId;
    const isPrevented = isOwn && mode !== SelfTradePrevention.Allow;
    if (lots > 0) plan.meetings.push({ maker, lots, isPrevented });
    if (lots > 0 && isPrevented) {
      if (mode === SelfTradePrevention.RejectMaker) continue;
      return { ...plan, isEnded: true };
    }
    if (lots > 0) plan.trades++;
    left -= lots;
    if (budget !== null) budget -= lotCost * BigInt(lots);
    if (lots < maker.openLots) return { ...plan, isFilled: plan.trades > 0 };
  }
  const isSpent = budget !== null && budget < costOf(spec, cheapestTicks(taker, spec), 1);
  return { ...plan, isFilled: plan.trades > 0 && (left === 0 || isSpent) };
}
