import { Random } from '../collections/random.ts';
import type { NaiveOrder } from '../ledger/naive-rules.fixture.ts';
import type { FireCancelTimer, MarketSpec, MoveFunds, PlaceOrder } from '../protocol/commands.ts';
import {
  CancelTrigger,
  KillScope,
  OrderBookState,
  OrderType,
  Side,
  TimeInForce,
  TransferKind,
} from '../protocol/enums.ts';
import type { Body } from '../protocol/message.ts';
import { marketOf } from './shard-harness.fixture.ts';
import type { Step, TwinVenue, VenueSetup } from './venue-comparison.fixture.ts';

/** A kind of flow: which markets, how much money, and how full the books are kept. */
export interface Regime {
  readonly name: string;
  readonly setup: VenueSetup;
  /** Where prices are drawn around, by market id. */
  readonly middleTicks: Readonly<Record<number, number>>;
  /** How far around. */
  readonly spreadTicks: number;
  readonly lotsMax: number;
  /** The largest deposit, by asset id. */
  readonly depositMax: Readonly<Record<number, number>>;
  /** Deposits every account begins with. */
  readonly firstDeposits: number;
}

const BASE_A = 1;
const BASE_B = 2;
const QUOTE = 3;

const everyday: readonly MarketSpec[] = [
  marketOf({ marketId: 1, baseAssetId: BASE_A, quoteAssetId: QUOTE }),
  marketOf({
    ...{ marketId: 2, baseAssetId: BASE_B, quoteAssetId: QUOTE },
    ...{ baseUnitsPerLot: 10, quoteUnitsPerTickLot: 7, minQuantityLots: 2 },
    ...{ makerFeeBps: 10, takerFeeBps: 35, priceBandBps: 80 },
  }),
  marketOf({
    ...{ marketId: 3, baseAssetId: BASE_A, quoteAssetId: BASE_B, quoteUnitsPerTickLot: 3 },
    ...{ minPriceTicks: 46, maxPriceTicks: 54, maxQuantityLots: 30 },
    ...{ makerFeeBps: 10_000, takerFeeBps: 2_500, minNotionalUnits: 160 },
  }),
];

/** max price × max quantity × units is just below 2^53. */
const huge: readonly MarketSpec[] = [
  marketOf({
    ...{ marketId: 1, baseAssetId: BASE_A, quoteAssetId: QUOTE, baseUnitsPerLot: 900_000 },
    ...{ minPriceTicks: 1, maxPriceTicks: 94_906_265, maxQuantityLots: 94_906_265 },
    ...{ makerFeeBps: 10_000, takerFeeBps: 1, minNotionalUnits: 1_000_000_000 },
  }),
  marketOf({
    ...{ marketId: 2, baseAssetId: BASE_B, quoteAssetId: QUOTE, quoteUnitsPerTickLot: 9_999 },
    ...{ maxPriceTicks: 949_112, maxQuantityLots: 949_112, makerFeeBps: 7, takerFeeBps: 3 },
  }),
  marketOf({
    ...{ marketId: 3, baseAssetId: BASE_A, quoteAssetId: BASE_B, quoteUnitsPerTickLot: 3 },
    ...{ maxPriceTicks: 54, maxQuantityLots: 30_000_000, takerFeeBps: 33, priceBandBps: 600 },
  }),
];

const accountIds = [1, 2, 3, 4, 5];
const assetIds = [BASE_A, BASE_B, QUOTE];
const everydaySetup = { assetIds, accountIds, markets: everyday };
const everydayMiddle = { 1: 100, 2: 1_000, 3: 50 };

export const REGIMES: readonly Regime[] = [
  {
    ...{ name: 'ample funds', setup: everydaySetup, middleTicks: everydayMiddle, lotsMax: 20 },
    depositMax: { [BASE_A]: 1e9, [BASE_B]: 1e9, [QUOTE]: 1e12 },
    ...{ spreadTicks: 5, firstDeposits: 3 },
  },
  {
    ...{ name: 'scarce funds', setup: everydaySetup, middleTicks: everydayMiddle, lotsMax: 20 },
    depositMax: { [BASE_A]: 60, [BASE_B]: 900, [QUOTE]: 60_000 },
    ...{ spreadTicks: 5, firstDeposits: 1 },
  },
  {
    name: 'amounts near 2^53',
    setup: { assetIds, accountIds, markets: huge },
    middleTicks: { 1: 94_906_260, 2: 949_100, 3: 50 },
    lotsMax: 94_906_265,
    depositMax: { [BASE_A]: 2 ** 46, [BASE_B]: 2 ** 46, [QUOTE]: 2 ** 49 },
    ...{ spreadTicks: 5, firstDeposits: 2 },
  },
];

/** When a request expires that comes too late, or in time, and when a timer is due, by any clock that a test has. */
const LONG_AGO_US = 1;
const FAR_OFF_US = 2 ** 50;

/** Open orders above this make cancels more likely. */
const OPEN_ORDERS_MANY = 45;

/** Draws commands one after the other, looking at the twin so that they mostly mean something. */
export class VenueFlow {
  readonly random: Random;
  readonly regime: Regime;
  readonly #twin: TwinVenue;
  readonly #transfers: Body<typeof MoveFunds>[] = [];
  readonly #timers: Body<typeof FireCancelTimer>[] = [];
  #number = 0;

  constructor(seed: number, regime: Regime, twin: TwinVenue) {
    this.random = new Random(seed);
    this.regime = regime;
    this.#twin = twin;
  }

  /** The deposits a flow begins with. */
  opening(): Step[] {
    const { accountIds, assetIds } = this.regime.setup;
    const each = Array.from({ length: this.regime.firstDeposits }, (_, count) => count);
    return each.flatMap(() =>
      accountIds.flatMap((accountId) =>
        assetIds.map((assetId) => this.#deposit(accountId, assetId)),
      ),
    );
  }

  next(): Step {
    const [latch] = this.#twin.venue.protections.latches;
    if (latch !== undefined && this.random.below(5) === 0) {
      return this.#step({
        kind: 'setKillSwitch',
        body: { requestId: 0, ...latch, isActive: false },
      });
    }
    const roll = this.random.below(1_000);
    const orders = this.#twin.venue.orders;
    const isFull = orders.length > OPEN_ORDERS_MANY;
    if (roll < (isFull ? 350 : 560)) return this.#place();
    if (roll < 700) return this.#about('cancel');
    if (roll < 790) return this.#reduce();
    if (roll < 890) return this.#replace();
    if (roll < (isFull ? 920 : 896)) return this.#cancelAll();
    if (roll < 952) return this.#deposit(this.#account(), this.#asset());
    if (roll < 960) return this.#protect();
    if (roll < 980) return this.#withdraw();
    return this.#marketState();
  }

  #step(command: Step['command'], target?: number): Step {
    const number = ++this.#number;
    return target === undefined ? { number, command } : { number, command, target };
  }

  #place(): Step {
    const { random } = this;
    const spec = this.#market();
    const isMarket = random.below(4) === 0;
    const triggerPriceTicks = random.below(4) === 0 ? this.#price(spec) : 0;
    const isStop = triggerPriceTicks > 0;
    const side = isStop ? this.#stopSide(spec, triggerPriceTicks) : (random.below(2) as Side);
    const timeInForce = isMarket ? TimeInForce.IOC : [0, 0, 0, 1, 2][random.below(5)]!;
    const isEager = isMarket || (isStop && random.below(2) === 0);
    const priceTicks = isEager ? this.#worstTicks(spec, side) : this.#price(spec);
    const body: PlaceOrder = {
      ...{ requestId: 0, accountId: this.#account(), marketId: spec.marketId, side, priceTicks },
      clientId: random.below(3) === 0 ? random.below(40) : null,
      orderType: isMarket ? OrderType.Market : OrderType.Limit,
      ...{ timeInForce, postOnly: !isMarket && random.below(5) === 0 },
      selfTradePrevention: random.below(4),
      ...{ quantityLots: this.#lots(spec, side, priceTicks), quoteBudgetUnits: 0 },
      triggerPriceTicks,
      expiresAtUs: this.#expiresAtUs(),
    };
    if (isMarket && !isStop && random.below(2) === 0) {
      body.quoteBudgetUnits = this.#budget(spec, body);
      body.quantityLots = 0;
    }
    if (random.below(25) === 0) this.#spoil(body, spec);
    return this.#step({ kind: 'place', body });
  }

  /** Mostly the side that takes the price further the way it came, and may reach the next trigger. */
  #stopSide(spec: MarketSpec, triggerPriceTicks: number): Side {
    if (this.random.below(3) === 0) return this.random.below(2) as Side;
    const { lastPriceTicks } = this.#twin.venue.markets.get(spec.marketId)!;
    return triggerPriceTicks > lastPriceTicks ? Side.Bid : Side.Ask;
  }

  #spoil(body: PlaceOrder, spec: MarketSpec): void {
    const faults: (() => void)[] = [
      () => (body.marketId = 99),
      () => (body.accountId = 77),
      () => (body.priceTicks = spec.maxPriceTicks + 1),
      () => (body.priceTicks = spec.minPriceTicks - 1),
      () => (body.quantityLots = spec.maxQuantityLots + 1),
      () => (body.quantityLots = spec.minQuantityLots - 1),
      () => (body.orderType = OrderType.Market),
      () => (body.quoteBudgetUnits = 1),
      () => (body.quoteBudgetUnits = Number.MAX_SAFE_INTEGER),
      () => (body.triggerPriceTicks = this.#price(spec)),
      () => (body.triggerPriceTicks = spec.maxPriceTicks + 1),
    ];
    faults[this.random.below(faults.length)]!();
  }

  /** A command about an order: mostly an open one of its own account. */
  #about(kind: 'cancel' | 'reduce' | 'replace', extra: object = {}): Step {
    const { random } = this;
    const order = this.#order();
    if (order === undefined || random.below(30) === 0) {
      const spec = this.#market();
      const reference = { requestId: 0, accountId: this.#account(), marketId: spec.marketId };
      const orderId = random.below(2) * 64 * random.below(500);
      const body = { ...reference, orderId, clientId: random.below(40), ...extra };
      return this.#step({ kind, body } as Step['command']);
    }
    const { accountId, marketId, clientId, requestId } = order;
    const isByClientId = clientId !== null && random.below(2) === 0;
    // A number that no order has yet: the order is looked up when the step runs.
    const orderId = isByClientId ? 0 : 1;
    const body = { requestId: 0, accountId, marketId, orderId, clientId, ...extra };
    if (random.below(40) === 0) body.accountId = this.#account();
    return this.#step({ kind, body } as Step['command'], requestId);
  }

  #reduce(): Step {
    return this.#about('reduce', { quantityLots: this.#someLots(this.regime.lotsMax) });
  }

  #replace(): Step {
    const { random } = this;
    const spec = this.#market();
    const priceTicks = [0, this.#price(spec), this.#price(spec)][random.below(3)]!;
    const lots =
      random.below(12) === 0 ? spec.maxQuantityLots + 1 : this.#lots(spec, random.below(2) as Side);
    const quantityLots = random.below(3) === 0 ? 0 : lots;
    return this.#about('replace', { priceTicks, quantityLots, expiresAtUs: this.#expiresAtUs() });
  }

  #expiresAtUs(): number {
    const { random } = this;
    return random.below(30) === 0 ? [LONG_AGO_US, FAR_OFF_US][random.below(2)]! : 0;
  }

  #cancelAll(): Step {
    const { random } = this;
    const accountId = random.below(20) === 0 ? 77 : this.#account();
    const marketId = random.below(2) === 0 ? 0 : this.#market().marketId;
    const body = { requestId: 0, accountId, marketId, scope: random.below(3) };
    return this.#step({ kind: 'cancelAll', body });
  }

  /** What takes many orders at once, and may stop others for a while. */
  #protect(): Step {
    const { random } = this;
    const roll = random.below(12);
    const accountId = random.below(20) === 0 ? 77 : this.#account();
    const marketId = random.below(20) === 0 ? 99 : this.#market().marketId;
    if (roll < 5) {
      const { Venue, Market, Account } = KillScope;
      const [scope, targetId] =
        roll === 0 ? [Venue, 0] : roll < 3 ? [Market, marketId] : [Account, accountId];
      const body = { requestId: 0, scope, targetId, isActive: true };
      return this.#step({ kind: 'setKillSwitch', body });
    }
    const ofAccount = { requestId: 0, accountId, marketId: random.below(2) * marketId };
    if (roll < 7) {
      const body = { ...ofAccount, scope: random.below(3), side: random.below(3) };
      return this.#step({ kind: 'massCancel', body });
    }
    if (roll < 10) return this.#setTimer(ofAccount);
    const drawn = this.#timers[random.below(Math.max(1, this.#timers.length))];
    const { DeadMan } = CancelTrigger;
    return this.#step({
      kind: 'fireCancelTimer',
      body: { ...(drawn ?? { ...ofAccount, trigger: DeadMan }) },
    });
  }

  #setTimer(ofAccount: Omit<Body<typeof FireCancelTimer>, 'trigger'>): Step {
    const { random } = this;
    const timer = { ...ofAccount, trigger: random.below(2) };
    this.#timers.push(timer);
    const deadlineUs = [0, LONG_AGO_US, LONG_AGO_US, FAR_OFF_US][random.below(4)]!;
    const body = { ...timer, timeoutUs: random.below(4), deadlineUs };
    return this.#step({ kind: 'setCancelTimer', body });
  }

  #deposit(accountId: number, assetId: number): Step {
    return this.#transfer(TransferKind.Deposit, accountId, assetId);
  }

  #withdraw(): Step {
    return this.#transfer(TransferKind.Withdrawal, this.#account(), this.#asset());
  }

  #transfer(kind: TransferKind, accountId: number, assetId: number): Step {
    const { random } = this;
    const earlier = this.#transfers[random.below(Math.max(1, this.#transfers.length))];
    if (earlier !== undefined && random.below(15) === 0) {
      return this.#step({ kind: 'moveFunds', body: { ...earlier } });
    }
    const most = this.regime.depositMax[assetId]!;
    const amountUnits = 1 + Math.floor(random.nextUnit() * most);
    const isRepeat = random.below(15) === 0;
    const transferId = `t${isRepeat ? random.below(this.#number + 1) : this.#number}`;
    const body = { requestId: 0, kind, accountId, transferId, assetId, amountUnits };
    if (random.below(60) === 0) body.accountId = 77;
    this.#transfers.push(body);
    return this.#step({ kind: 'moveFunds', body });
  }

  /** Mostly opens what is not open. */
  #marketState(): Step {
    const { random } = this;
    const markets = [...this.#twin.venue.markets.values()];
    const unopened = markets.find(({ state }) => state !== OrderBookState.Open);
    const marketId = unopened?.spec.marketId ?? [1, 2, 3, 99][random.below(4)]!;
    const isOpening = unopened !== undefined && random.below(4) > 0;
    const state = isOpening ? OrderBookState.Open : random.below(4);
    return this.#step({ kind: 'setMarketState', body: { requestId: 0, marketId, state } });
  }

  #order(): NaiveOrder | undefined {
    const { orders } = this.#twin.venue;
    return orders[this.random.below(Math.max(1, orders.length))];
  }

  #account(): number {
    const { accountIds } = this.regime.setup;
    return accountIds[this.random.below(accountIds.length)]!;
  }

  #asset(): number {
    return 1 + this.random.below(3);
  }

  #market(): MarketSpec {
    const { markets } = this.regime.setup;
    return markets[this.random.below(markets.length)]!;
  }

  #price(spec: MarketSpec): number {
    const { random } = this;
    if (random.below(60) === 0) return 1 + Math.floor(random.nextUnit() * spec.maxPriceTicks);
    const { middleTicks, spreadTicks } = this.regime;
    const price = middleTicks[spec.marketId]! - spreadTicks + random.below(2 * spreadTicks + 1);
    return Math.min(spec.maxPriceTicks, Math.max(spec.minPriceTicks, price));
  }

  #worstTicks(spec: MarketSpec, side: Side): number {
    const middle = this.regime.middleTicks[spec.marketId]!;
    const band = this.random.below(8);
    return side === Side.Bid
      ? Math.min(spec.maxPriceTicks, middle + band)
      : Math.max(spec.minPriceTicks, middle - band);
  }

  /** Often just what the best level has, or all levels within `limitTicks`. */
  #lots(spec: MarketSpec, side: Side, limitTicks = 0): number {
    const { random } = this;
    const roll = random.below(12);
    if (roll < 3) {
      const levels = this.#levelsWithin(spec, side, limitTicks);
      const wanted = roll === 0 ? levels.slice(0, 1) : levels;
      const sum = wanted.reduce((lots, level) => lots + level[1], 0);
      if (sum > 0) return Math.min(sum, spec.maxQuantityLots);
    }
    return Math.min(spec.maxQuantityLots, this.#someLots(this.regime.lotsMax));
  }

  #levelsWithin(spec: MarketSpec, side: Side, limitTicks: number): [number, number, number][] {
    const levels = this.#twin.levels(spec.marketId, (1 - side) as Side);
    return levels.filter(([price]) =>
      side === Side.Bid ? price <= limitTicks : price >= limitTicks,
    );
  }

  #someLots(most: number): number {
    const { random } = this;
    const isSmall = random.below(2) === 0;
    return 1 + Math.floor(random.nextUnit() * (isSmall ? Math.min(most, 20) : most));
  }

  /** The cost of some lots at about the middle, or of all that is within the limit; exactly or nearly. */
  #budget(spec: MarketSpec, { side, priceTicks, quantityLots }: PlaceOrder): number {
    const { random } = this;
    const middle = this.#price(spec);
    const levels = this.#levelsWithin(spec, side as Side, priceTicks);
    const tickLots =
      random.below(3) === 0
        ? levels.reduce((sum, [price, lots]) => sum + price * lots, 0)
        : quantityLots * middle;
    const near = [0, 0, -1, 1, 5, Math.floor(random.nextUnit() * middle)][random.below(6)]!;
    const budget = tickLots * spec.quoteUnitsPerTickLot + near;
    return Math.min(Number.MAX_SAFE_INTEGER, Math.max(1, budget));
  }
}
