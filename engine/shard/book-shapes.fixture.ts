import type { Random } from '../collections/random.ts';
import type { MarketSpec, PlaceOrder } from '../protocol/commands.ts';
import {
  OrderType,
  SelfTradePrevention,
  Side,
  TimeInForce,
  TransferKind,
} from '../protocol/enums.ts';
import type { Combination } from './flow-coverage.fixture.ts';
import type { Step, TwinVenue } from './venue-comparison.fixture.ts';
import type { Regime } from './venue-flow.fixture.ts';

interface Maker {
  readonly accountId: number;
  readonly priceTicks: number;
  readonly lots: number;
}

/**
 * Brings about one wanted combination of order and book after the other: clears the market, builds the
 * book, sends the order. What the combination leaves open is drawn. Funds must be ample: see `funding`.
 */
export class BookShapes {
  readonly #random: Random;
  readonly #regime: Regime;
  readonly #twin: TwinVenue;
  #number: number;

  /** @param firstNumber of the steps */
  constructor(random: Random, regime: Regime, twin: TwinVenue, firstNumber: number) {
    this.#random = random;
    this.#regime = regime;
    this.#twin = twin;
    this.#number = firstNumber;
  }

  /** Gives every account more of every asset than all combinations can cost. */
  *funding(): Generator<Step> {
    const { accountIds, assetIds } = this.#regime.setup;
    for (const accountId of accountIds) {
      for (const assetId of assetIds) {
        const transfer = { kind: TransferKind.Deposit, accountId, transferId: `of ${assetId}` };
        const body = { requestId: 0, ...transfer, assetId, amountUnits: 1e12 };
        yield this.#step({ kind: 'moveFunds', body });
      }
    }
  }

  /** The steps to `wanted`, the last of which is the order; to be applied as they are taken. */
  *stepsTo(wanted: Combination): Generator<Step> {
    const random = this.#random;
    const { markets, accountIds } = this.#regime.setup;
    const spec = markets[random.below(markets.length)]!;
    const { marketId } = spec;
    for (const accountId of accountIds) {
      const isThere = this.#twin.venue.orders.some((order) => order.accountId === accountId);
      const body = { requestId: 0, accountId, marketId: 0, scope: 0 };
      if (isThere) yield this.#step({ kind: 'cancelAll', body });
    }
    const takerId = accountIds[random.below(accountIds.length)]!;
    const side = Side[wanted.side];
    /** Prices beyond the middle as the taker sees them: it reaches up to the third. */
    const ticks = (beyond: number) =>
      this.#regime.middleTicks[marketId]! + (side === Side.Bid ? beyond : -beyond);
    const mode = SelfTradePrevention[wanted.mode];
    const order = { marketId, selfTradePrevention: mode, timeInForce: TimeInForce.GTC };
    const lots = leastLots(spec, Math.min(ticks(-4), ticks(4)));
    let resting: Step | undefined;
    if (wanted.kind.startsWith('replaced')) {
      const postOnly = wanted.kind.endsWith('post-only');
      const target = { ...order, accountId: takerId, side, postOnly, priceTicks: ticks(-2) };
      resting = this.#place({ ...target, quantityLots: lots });
      yield resting;
    }
    if (wanted.sameSide === 'not alone on its side') {
      const accountId = accountIds[random.below(accountIds.length)]!;
      yield this.#place({ ...order, accountId, side, priceTicks: ticks(-1), quantityLots: lots });
    }
    const makers = this.#makers(wanted, takerId, lots, ticks);
    for (const { accountId, priceTicks, lots: quantityLots } of makers) {
      const makerSide = (1 - side) as Side;
      yield this.#place({ ...order, accountId, side: makerSide, priceTicks, quantityLots });
    }
    // One beyond reach must not change anything.
    if (wanted.otherSide === 'out of reach' || (makers.length > 0 && random.below(2) === 0)) {
      const far = { accountId: accountIds[random.below(accountIds.length)]!, priceTicks: ticks(4) };
      yield this.#place({ ...order, ...far, side: (1 - side) as Side, quantityLots: lots });
    }
    const taker = { ...order, accountId: takerId, side, priceTicks: ticks(3) };
    yield this.#take(wanted, taker, makers, { spec, lots }, resting);
  }

  #take(
    wanted: Combination,
    taker: Partial<PlaceOrder> & { accountId: number; marketId: number; priceTicks: number },
    makers: readonly Maker[],
    { spec, lots }: { spec: MarketSpec; lots: number },
    resting: Step | undefined,
  ): Step {
    const isByQuote = wanted.kind === 'market by quote';
    const worthOf = (priceTicks: number) =>
      isByQuote ? priceTicks * spec.quoteUnitsPerTickLot : 1;
    const least = lots * worthOf(makers[0]?.priceTicks ?? taker.priceTicks);
    const amount = this.#amount(wanted, taker.accountId, makers, least, worthOf);
    if (resting !== undefined) {
      const { accountId, marketId, priceTicks } = taker;
      const reference = { requestId: 0, accountId, marketId, orderId: 1, clientId: null };
      const body = { ...reference, priceTicks, quantityLots: amount, expiresAtUs: 0 };
      return this.#step({ kind: 'replace', body }, resting.number);
    }
    const size = isByQuote ? { quoteBudgetUnits: amount } : { quantityLots: amount };
    if (wanted.kind.startsWith('market')) {
      const terms = { orderType: OrderType.Market, timeInForce: TimeInForce.IOC };
      return this.#place({ ...taker, ...terms, ...size });
    }
    const timeInForce = TimeInForce[wanted.kind.split(' ')[0] as keyof typeof TimeInForce];
    const postOnly = wanted.kind.endsWith('post-only');
    return this.#place({ ...taker, timeInForce, postOnly, ...size });
  }

  /** What is within reach, in priority. */
  #makers(
    wanted: Combination,
    takerId: number,
    leastOfEach: number,
    ticks: (beyond: number) => number,
  ): Maker[] {
    if (wanted.otherSide === 'no other side' || wanted.otherSide === 'out of reach') return [];
    const random = this.#random;
    const others = this.#regime.setup.accountIds.filter((accountId) => accountId !== takerId);
    const other = () => others[random.below(others.length)]!;
    const any = () => [takerId, other()][random.below(2)]!;
    const owners = {
      'no own order': [other(), other(), other()],
      'own order not met': [other(), other(), takerId],
      'own order met first': [takerId, other(), any()],
      'own order met later': [other(), takerId, any()],
      'only own orders': [takerId, takerId, takerId],
    }[wanted.own].slice(0, wanted.own === 'own order not met' ? 3 : 2 + random.below(2));
    const [nearest, middle, farthest] =
      wanted.otherSide === 'one level' ? [1, 1, 1] : [1, 1 + random.below(3), 3];
    const levels = owners.length === 2 ? [nearest, farthest] : [nearest, middle, farthest];
    return owners.map((accountId, at) => {
      const lots = leastOfEach + 1 + random.below(4);
      return { accountId, priceTicks: ticks(levels[at]!), lots };
    });
  }

  /** How much the order wants, in lots or quote units, so that it meets whom it should. */
  #amount(
    wanted: Combination,
    takerId: number,
    makers: readonly Maker[],
    least: number,
    worthOf: (priceTicks: number) => number,
  ): number {
    const random = this.#random;
    if (makers.length === 0) return least * (1 + random.below(4));
    const worth = (some: readonly Maker[]) =>
      some.reduce((sum, { lots, priceTicks }) => sum + lots * worthOf(priceTicks), 0);
    const there = worth(makers);
    if (wanted.amount === 'too few lots') return there + 1 + random.below(3);
    if (wanted.amount === 'just the lots') return there;
    const firstOwn = makers.findIndex((maker) => maker.accountId === takerId);
    const before = worth(makers.slice(0, Math.max(0, firstOwn)));
    const oneOwnLot = worthOf(makers[Math.max(0, firstOwn)]!.priceTicks);
    const isMet = wanted.own !== 'own order not met';
    const low = isMet ? Math.max(least, before + oneOwnLot) : least;
    const high = isMet ? there - 1 : before;
    return low + random.below(high - low + 1);
  }

  #place(fields: Partial<PlaceOrder> & { accountId: number; marketId: number }): Step {
    const body: PlaceOrder = {
      ...{ requestId: 0, clientId: null, side: 0, orderType: OrderType.Limit, timeInForce: 0 },
      ...{ postOnly: false, selfTradePrevention: 0, priceTicks: 0, quantityLots: 0 },
      ...{ quoteBudgetUnits: 0, triggerPriceTicks: 0, expiresAtUs: 0 },
      ...fields,
    };
    return this.#step({ kind: 'place', body });
  }

  #step(command: Step['command'], target?: number): Step {
    const number = this.#number++;
    return target === undefined ? { number, command } : { number, command, target };
  }
}

/** The fewest lots that the market takes at `priceTicks` or more. */
function leastLots(spec: MarketSpec, priceTicks: number): number {
  const worthEnough = spec.minNotionalUnits / (priceTicks * spec.quoteUnitsPerTickLot);
  return Math.max(spec.minQuantityLots, Math.ceil(worthEnough));
}
