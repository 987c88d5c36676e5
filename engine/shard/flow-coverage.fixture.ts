import type { NaiveOrder } from '../ledger/naive-rules.fixture.ts';
import type { MarketSpec, PlaceOrder } from '../protocol/commands.ts';
import { nameOf, OrderType, SelfTradePrevention, Side, TimeInForce } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import type { Command } from './shard-harness.fixture.ts';
import type { TwinVenue } from './venue-comparison.fixture.ts';

const KINDS = [
  ...(['GTC', 'IOC', 'FOK'] as const),
  ...(['GTC post-only', 'IOC post-only', 'FOK post-only'] as const),
  ...(['market by base', 'market by quote'] as const),
  ...(['replaced', 'replaced post-only'] as const),
];
const MODES = Object.keys(SelfTradePrevention) as (keyof typeof SelfTradePrevention)[];
const SIDES = Object.keys(Side) as (keyof typeof Side)[];
const SAME_SIDE = ['alone on its side', 'not alone on its side'] as const;
const DEPTHS = ['one level', 'several levels'] as const;
const AMOUNTS = ['too few lots', 'just the lots', 'lots to spare'] as const;
const NOBODY_MET = ['no other side', 'out of reach'] as const;
/** What within an order's limit is of its own account; `not met`: its lots are used up before. */
const OWN_ORDERS = [
  ...(['no own order', 'own order not met', 'own order met first'] as const),
  ...(['own order met later', 'only own orders'] as const),
];

/** An order and the book that it comes to. */
export interface Combination {
  kind: (typeof KINDS)[number];
  mode: (typeof MODES)[number];
  side: (typeof SIDES)[number];
  sameSide: (typeof SAME_SIDE)[number];
  otherSide: (typeof NOBODY_MET)[number] | (typeof DEPTHS)[number];
  amount: (typeof AMOUNTS)[number];
  own: (typeof OWN_ORDERS)[number];
}

/** Which combinations there are: where nobody is met, neither `amount` nor `own` says anything. */
function* combinations(): Generator<Combination> {
  const [anyAmount] = AMOUNTS;
  const [noneOwn] = OWN_ORDERS;
  for (const kind of KINDS) {
    for (const mode of MODES) {
      for (const side of SIDES) {
        for (const sameSide of SAME_SIDE) {
          const order = { kind, mode, side, sameSide };
          for (const otherSide of NOBODY_MET) {
            yield { ...order, otherSide, amount: anyAmount, own: noneOwn };
          }
          for (const otherSide of DEPTHS) {
            for (const amount of AMOUNTS) {
              for (const own of OWN_ORDERS) yield { ...order, otherSide, amount, own };
            }
          }
        }
      }
    }
  }
}

/** Lots are used up before an order only where there are lots to spare. */
export const UNREACHABLE = '`own order not met` with too few or just the lots';
const isReachable = ({ amount, own }: Combination): boolean =>
  own !== 'own order not met' || amount === 'lots to spare';

export const textOf = (combination: Combination): string => Object.values(combination).join(' | ');

/** Refusals that the book decides: such an order was looked at by the whole venue. */
const BOOK_REFUSALS: readonly RejectCode[] = [
  RejectCode.None,
  RejectCode.PostOnlyWouldTake,
  RejectCode.FillOrKillUnfillable,
];

/** Which combinations of order and book a flow has reached. */
export class FlowCoverage {
  static readonly all = [...combinations()];
  static readonly reachable = FlowCoverage.all.filter(isReachable);
  readonly #counts = new Map<string, number>();
  readonly refusals = new Map<RejectCode, number>();

  count(combination: Combination | null, refusal: RejectCode): void {
    this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1);
    if (combination === null || !BOOK_REFUSALS.includes(refusal)) return;
    const text = textOf(combination);
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
  }

  get reached(): number {
    return this.#counts.size;
  }

  missing(): Combination[] {
    return FlowCoverage.reachable.filter((combination) => !this.#counts.has(textOf(combination)));
  }
}

/** The combination that a resolved command is about to make, or null: no order comes to the book. */
export function combinationOf(command: Command, twin: TwinVenue): Combination | null {
  const order = takerOf(command, twin);
  const spec = twin.venue.markets.get(order?.marketId ?? 0)?.spec;
  if (order === null || spec === undefined) return null;
  const { marketId, side, priceTicks, orderId } = order;
  const isBid = side === Side.Bid;
  const sameSide = twin.venue.side(marketId, side).filter((other) => other.orderId !== orderId);
  const otherSide = twin.venue.side(marketId, isBid ? Side.Ask : Side.Bid);
  const makers = otherSide.filter((maker) =>
    isBid ? maker.priceTicks <= priceTicks : maker.priceTicks >= priceTicks,
  );
  const known = {
    kind: order.kind,
    mode: nameOf(SelfTradePrevention, order.selfTradePrevention),
    side: nameOf(Side, side),
    sameSide: SAME_SIDE[sameSide.length > 0 ? 1 : 0],
  };
  if (makers.length === 0) {
    const reason = NOBODY_MET[otherSide.length > 0 ? 1 : 0];
    return { ...known, otherSide: reason, amount: AMOUNTS[0], own: OWN_ORDERS[0]! };
  }
  const levels = new Set(makers.map((maker) => maker.priceTicks)).size;
  const depth = DEPTHS[levels > 1 ? 1 : 0];
  return { ...known, otherSide: depth, ...amountOf(order, makers, spec) };
}

type Taker = Pick<
  NaiveOrder,
  'accountId' | 'marketId' | 'orderId' | 'side' | 'priceTicks' | 'selfTradePrevention'
> & { kind: Combination['kind']; wantedLots: number; budgetUnits: number };

/** The order of a command as it comes to the book; null when there is none. */
function takerOf(command: Command, twin: TwinVenue): Taker | null {
  if (command.kind === 'place') {
    const { quantityLots: wantedLots, quoteBudgetUnits: budgetUnits } = command.body;
    if (command.body.triggerPriceTicks > 0) return null;
    return { ...command.body, orderId: 0, kind: kindOf(command.body), wantedLots, budgetUnits };
  }
  if (command.kind !== 'replace') return null;
  const { accountId, marketId, orderId, clientId, priceTicks, quantityLots } = command.body;
  const order = twin.venue.orders.find((other) => {
    const isNamed = orderId === 0 ? other.clientId === clientId : other.orderId === orderId;
    return isNamed && other.accountId === accountId && other.marketId === marketId;
  });
  if (order === undefined || order.isPending) return null;
  const wantedLots = (quantityLots || order.quantityLots) - order.executedLots;
  const kind = order.postOnly ? 'replaced post-only' : 'replaced';
  return { ...order, priceTicks: priceTicks || order.priceTicks, kind, wantedLots, budgetUnits: 0 };
}

/** How what is within reach compares with what is wanted, in lots or in quote units. */
function amountOf(
  { accountId, wantedLots, budgetUnits }: Taker,
  makers: readonly NaiveOrder[],
  spec: MarketSpec,
): Pick<Combination, 'amount' | 'own'> {
  const isByQuote = budgetUnits > 0;
  const lotWorth = (maker: NaiveOrder) =>
    isByQuote ? maker.priceTicks * spec.quoteUnitsPerTickLot : 1;
  const wanted = isByQuote ? budgetUnits : wantedLots;
  const worth = (some: readonly NaiveOrder[]) =>
    some.reduce((sum, maker) => sum + maker.openLots * lotWorth(maker), 0);
  const there = worth(makers);
  const amount = AMOUNTS[there < wanted ? 0 : there === wanted ? 1 : 2];
  const firstOwn = makers.findIndex((maker) => maker.accountId === accountId);
  if (firstOwn === -1) return { amount, own: 'no own order' };
  const left = wanted - worth(makers.slice(0, firstOwn));
  if (left < lotWorth(makers[firstOwn]!)) return { amount, own: 'own order not met' };
  if (firstOwn > 0) return { amount, own: 'own order met later' };
  const isAllOwn = makers.every((maker) => maker.accountId === accountId);
  return { amount, own: isAllOwn ? 'only own orders' : 'own order met first' };
}

export function kindOf(
  order: Pick<PlaceOrder, 'orderType' | 'timeInForce' | 'postOnly' | 'quoteBudgetUnits'>,
): Combination['kind'] {
  if (order.orderType === OrderType.Market) {
    return order.quoteBudgetUnits > 0 ? 'market by quote' : 'market by base';
  }
  const timeInForce = nameOf(TimeInForce, order.timeInForce);
  return order.postOnly ? `${timeInForce} post-only` : timeInForce;
}
