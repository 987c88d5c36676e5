import type {
  CancelAllOrders,
  CancelOrder,
  MarketSpec,
  MassCancel,
  MoveFunds,
  PlaceOrder,
  ReduceOrder,
  ReplaceOrder,
  SetMarketState,
} from '../protocol/commands.ts';
import {
  CancelScope,
  CancelSide,
  ExpiryReason,
  OrderBookState,
  OrderEventKind,
  OrderStatus,
  OrderType,
  Side,
  TimeInForce,
  TransferKind,
} from '../protocol/enums.ts';
import {
  type FundsMoved,
  type MatchPrevented,
  OrderEvent,
  type Trade,
} from '../protocol/events.ts';
import type { Body } from '../protocol/message.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { homeShardOfAccount, orderIdOf } from '../protocol/sharding.ts';
import { MAX_AMOUNT } from '../protocol/units.ts';
import { type Plan, planOf } from './naive-plan.fixture.ts';
import { NaiveProtections } from './naive-protections.fixture.ts';
import {
  ceilOfBps,
  cheapestTicks,
  costOf,
  isBeyondBand,
  isPriced,
  isSized,
  isTooSmall,
  isTooSmallAnywhere,
  isTooSmallNow,
  type NaiveMarket,
  type NaiveOrder,
  neededUnits,
  stateForbids,
} from './naive-rules.fixture.ts';
import { NaiveTriggers } from './naive-triggers.fixture.ts';

/** What a venue must say to one command. A refused command has `refusal` and nothing else. */
export interface Prediction {
  refusal: RejectCode;
  orders: OrderEvent[];
  /** Trades and prevented ones in the order they happened. */
  matches: (Trade | MatchPrevented)[];
  funds: FundsMoved[];
}

/**
 * The whole venue said as plainly as possible, books and money together: lists that are scanned and
 * sorted for everything, amounts as bigint. The reference that tests compare the shards with, command
 * by command. Every command is done before the next, so no message is ever under way; `shardCount`
 * only decides which numbers order ids get.
 *
 * A command with several faults is refused for the first of: market, account (or order) unknown; its
 * time is over; market state; price; quantity; amounts; too many open orders; client id; funds; the price
 * band, or what a market order is worth; what the book says.
 */
export class NaiveVenue {
  readonly markets = new Map<number, NaiveMarket>();
  readonly protections = new NaiveProtections(this);
  /** Open orders, oldest first. */
  orders: NaiveOrder[] = [];
  /** Totals by asset. */
  readonly fees = new Map<number, bigint>();
  readonly deposits = new Map<number, bigint>();
  readonly withdrawals = new Map<number, bigint>();
  readonly #accounts = new Set<number>();
  /** What an account has of an asset, set aside or not. */
  readonly #owned = new Map<string, bigint>();
  /** What each transfer was answered: a repeated one hears it again. */
  readonly #transfers = new Map<string, FundsMoved>();
  readonly #shardCount: number;
  readonly #orderCounters: number[];
  #lastRank = 0;
  #requestId = 0;
  #nowUs = 0;
  #said: Prediction = { refusal: RejectCode.None, orders: [], matches: [], funds: [] };

  constructor(shardCount: number) {
    this.#shardCount = shardCount;
    this.#orderCounters = new Array<number>(shardCount).fill(0);
  }

  /** What `command`, which calls one of the methods below, leads to at `nowUs`. */
  predict(requestId: number, nowUs: number, command: () => RejectCode): Prediction {
    this.#requestId = requestId;
    this.#nowUs = nowUs;
    this.#said = { refusal: RejectCode.None, orders: [], matches: [], funds: [] };
    this.#said.refusal = command();
    return this.#said;
  }

  listMarket(spec: MarketSpec): void {
    const counts = { killed: 0, updateId: 0, tradeCount: 0, lastPriceTicks: 0 };
    const triggers = new NaiveTriggers();
    this.markets.set(spec.marketId, { spec, state: OrderBookState.Open, triggers, ...counts });
  }

  createAccount(accountId: number): void {
    this.#accounts.add(accountId);
  }

  hasAccount(accountId: number): boolean {
    return this.#accounts.has(accountId);
  }

  setMarketState({ marketId, state }: Body<typeof SetMarketState>): RejectCode {
    const market = this.markets.get(marketId);
    if (market === undefined) return RejectCode.UnknownMarket;
    market.state = state;
    return RejectCode.None;
  }

  moveFunds(command: Body<typeof MoveFunds>): RejectCode {
    const { kind, accountId, transferId, assetId, amountUnits } = command;
    if (!this.#accounts.has(accountId)) return RejectCode.UnknownAccount;
    const key = `${accountId} ${kind} ${transferId}`;
    const earlier = this.#transfers.get(key);
    if (earlier !== undefined) {
      const isSame = earlier.assetId === assetId && earlier.amountUnits === amountUnits;
      if (!isSame) return RejectCode.AlreadyExists;
      this.#said.funds.push({ ...earlier, requestId: this.#requestId });
      return RejectCode.None;
    }
    const isDeposit = kind === TransferKind.Deposit;
    const totals = isDeposit ? this.deposits : this.withdrawals;
    const total = (totals.get(assetId) ?? 0n) + BigInt(amountUnits);
    const kept = total - (this.withdrawals.get(assetId) ?? 0n);
    if (isDeposit && kept > MAX_AMOUNT) return RejectCode.AmountTooLarge;
    if (!isDeposit && this.available(accountId, assetId) < amountUnits) {
      return RejectCode.InsufficientFunds;
    }
    totals.set(assetId, total);
    this.#pay(accountId, assetId, BigInt(isDeposit ? amountUnits : -amountUnits));
    const availableUnits = Number(this.available(accountId, assetId));
    const lockedUnits = Number(this.locked(accountId, assetId));
    const moved = { ...command, availableUnits, lockedUnits, timeUs: this.#nowUs };
    this.#transfers.set(key, moved);
    this.#said.funds.push(moved);
    return RejectCode.None;
  }

  place(command: PlaceOrder): RejectCode {
    const market = this.markets.get(command.marketId);
    if (market === undefined) return RejectCode.UnknownMarket;
    const { spec } = market;
    const { accountId, clientId, side, quoteBudgetUnits: budget, expiresAtUs } = command;
    const isMarket = command.orderType === OrderType.Market;
    if (!this.#accounts.has(accountId)) return RejectCode.UnknownAccount;
    if (expiresAtUs > 0 && this.#nowUs > expiresAtUs) return RejectCode.RequestExpired;
    if (this.protections.isAccountKilled(accountId)) return RejectCode.AccountKillSwitch;
    const forbidden = stateForbids(market, command.postOnly);
    if (forbidden !== RejectCode.None) return forbidden;
    const isImmediate = command.timeInForce === TimeInForce.IOC;
    const isStop = command.triggerPriceTicks > 0;
    const isTriggerPriced = !isStop || isPriced(spec, command.triggerPriceTicks);
    if (!isPriced(spec, command.priceTicks) || !isTriggerPriced || (isMarket && !isImmediate)) {
      return RejectCode.PriceOutOfRange;
    }
    let openLots = command.quantityLots;
    if (budget > 0) {
      const mostLots = Number(BigInt(budget) / costOf(spec, cheapestTicks(command, spec), 1));
      openLots = Math.min(mostLots, spec.maxQuantityLots);
      if (!isMarket || isStop || openLots < 1) return RejectCode.QuantityOutOfRange;
    } else if (!isSized(spec, openLots)) return RejectCode.QuantityOutOfRange;
    const order: NaiveOrder = {
      ...command,
      ...{ orderId: 0, createdAtUs: this.#nowUs, rank: 0, openLots, executedLots: 0 },
      ...{ isAccepted: false, isPending: isStop, triggeredAtUs: 0 },
      ...{ executedQuoteUnits: 0n, feeOwedBps: 0n, feesCharged: 0n, lockedUnits: 0n },
      paidAssetId: side === Side.Bid ? spec.quoteAssetId : spec.baseAssetId,
    };
    const needed = neededUnits(order, spec);
    const notional = costOf(spec, command.priceTicks, openLots);
    if (needed > MAX_AMOUNT || notional > MAX_AMOUNT) return RejectCode.NotionalTooLarge;
    if (isTooSmallAnywhere(command, spec)) return RejectCode.NotionalTooSmall;
    const own = this.orders.filter((o) => o.accountId === accountId);
    const stops = own.filter((o) => o.triggerPriceTicks > 0);
    const isTooMany = own.length >= 10_000 || (isStop && stops.length >= 200);
    if (isTooMany) return RejectCode.TooManyOpenOrders;
    const isTaken = own.some((o) => o.clientId === clientId);
    if (clientId !== null && isTaken) return RejectCode.DuplicateClientId;
    if (this.available(accountId, order.paidAssetId) < needed) return RejectCode.InsufficientFunds;
    const home = homeShardOfAccount(accountId, this.#shardCount);
    order.orderId = orderIdOf(++this.#orderCounters[home]!, home);
    const refusal = isStop ? RejectCode.None : this.#bookRefusal(order, market);
    if (refusal !== RejectCode.None) return refusal;
    if (isStop && market.lastPriceTicks === 0) return RejectCode.NoReferencePrice;
    this.orders.push(order);
    order.lockedUnits = needed;
    if (isStop) {
      this.#say(OrderEventKind.TriggerPlaced, order, { requestId: this.#requestId });
      market.triggers.add(order, market.lastPriceTicks);
    } else this.#enter(order, market);
    this.#fire(market);
    return RejectCode.None;
  }

  /** Why an order that is paid for may not be matched now. */
  #bookRefusal(order: NaiveOrder, market: NaiveMarket): RejectCode {
    const forbidden = stateForbids(market, order.postOnly);
    if (forbidden !== RejectCode.None) return forbidden;
    const isLimit = order.orderType === OrderType.Limit;
    if (isLimit && isBeyondBand(order, market)) return RejectCode.PriceOutsideBand;
    const makers = this.#makersFor(order);
    const opposite = this.side(order.marketId, 1 - order.side);
    if (isTooSmallNow(order, market, opposite)) return RejectCode.NotionalTooSmall;
    if (order.postOnly && makers.length > 0) return RejectCode.PostOnlyWouldTake;
    const isFillable = planOf(order, makers, market.spec).isFilled;
    const isRefused = order.timeInForce === TimeInForce.FOK && !isFillable;
    return isRefused ? RejectCode.FillOrKillUnfillable : RejectCode.None;
  }

  /** The order trades, and rests or expires. */
  #enter(order: NaiveOrder, market: NaiveMarket): void {
    const plan = planOf(order, this.#makersFor(order), market.spec);
    const mayRest = order.timeInForce === TimeInForce.GTC && !plan.isEnded;
    order.rank = ++this.#lastRank;
    const isAnyGone = plan.makersExpire && plan.meetings.length > plan.trades;
    if (mayRest || plan.trades > 0 || isAnyGone) market.updateId++;
    this.#trade(order, market, plan, mayRest);
    this.#accept(order, mayRest ? this.#requestId : 0);
    if (plan.isFilled || mayRest) return;
    const { InsufficientLiquidity, ImmediateOrCancel } = ExpiryReason;
    const isMarket = order.orderType === OrderType.Market;
    const wanting = isMarket ? InsufficientLiquidity : ImmediateOrCancel;
    const expiryReason = plan.isEnded ? ExpiryReason.SelfTradePrevention : wanting;
    this.#end(order, OrderEventKind.Expired, { expiryReason, requestId: this.#requestId });
  }

  /** Matches the stop orders that fired, one after the other, until there are none; the last of a command. */
  #fire(market: NaiveMarket): void {
    this.#requestId = 0;
    for (;;) {
      const order = market.triggers.fired.shift();
      if (order === undefined) return;
      order.isPending = false;
      order.triggeredAtUs = this.#nowUs;
      const rejectCode = this.#bookRefusal(order, market);
      if (rejectCode === RejectCode.None) this.#enter(order, market);
      else this.#end(order, OrderEventKind.TriggerFailed, { rejectCode });
    }
  }

  cancel(command: Body<typeof CancelOrder>): RejectCode {
    const order = this.#find(command);
    if (order === undefined) return RejectCode.UnknownOrder;
    const market = this.markets.get(order.marketId)!;
    if (market.state === OrderBookState.Closed) return RejectCode.MarketClosed;
    this.#cancelOne(order);
    return RejectCode.None;
  }

  #cancelOne(order: NaiveOrder): void {
    const market = this.markets.get(order.marketId)!;
    if (order.isPending) market.triggers.remove(order);
    else market.updateId++;
    this.#end(order, OrderEventKind.Cancelled, { requestId: this.#requestId });
  }

  cancelAll(command: Body<typeof CancelAllOrders>): RejectCode {
    return this.massCancel({ ...command, side: CancelSide.Both });
  }

  massCancel({ accountId, marketId, scope, side }: Body<typeof MassCancel>): RejectCode {
    if (!this.#accounts.has(accountId)) return RejectCode.UnknownAccount;
    for (const order of [...this.orders]) {
      const isThere = marketId === 0 || order.marketId === marketId;
      const { Resting, TriggerPending } = CancelScope;
      const isSpared = order.isPending ? scope === Resting : scope === TriggerPending;
      const isOfSide = side === CancelSide.Both || order.side === side;
      if (isThere && isOfSide && !isSpared && order.accountId === accountId)
        this.cancel({ ...order, requestId: 0 });
    }
    return RejectCode.None;
  }

  /** Account by account, whatever the market's state. */
  cancelWhere(isMeant: (order: NaiveOrder) => boolean): void {
    const meant = this.orders.filter(isMeant).sort((a, b) => a.accountId - b.accountId);
    for (const order of meant) this.#cancelOne(order);
  }

  reduce(command: Body<typeof ReduceOrder>): RejectCode {
    const order = this.#find(command);
    if (order === undefined) return RejectCode.UnknownOrder;
    const market = this.markets.get(order.marketId)!;
    if (market.state === OrderBookState.Closed) return RejectCode.MarketClosed;
    const { quantityLots } = command;
    const leftLots = order.quantityLots - quantityLots;
    if (quantityLots < 1 || leftLots < 1) return RejectCode.ReduceTooLarge;
    if (!isSized(market.spec, leftLots)) return RejectCode.QuantityOutOfRange;
    if (isTooSmall(market.spec, order.priceTicks, leftLots)) return RejectCode.NotionalTooSmall;
    if (quantityLots >= order.openLots) return RejectCode.ReduceTooLarge;
    if (order.isPending) return RejectCode.TriggerPending;
    order.quantityLots -= quantityLots;
    order.openLots -= quantityLots;
    order.lockedUnits = neededUnits(order, market.spec);
    market.updateId++;
    this.#say(OrderEventKind.Modified, order, { requestId: this.#requestId });
    return RejectCode.None;
  }

  replace(command: Body<typeof ReplaceOrder>): RejectCode {
    const order = this.#find(command);
    if (order === undefined) return RejectCode.UnknownOrder;
    const market = this.markets.get(order.marketId)!;
    const { spec } = market;
    const { expiresAtUs } = command;
    if (expiresAtUs > 0 && this.#nowUs > expiresAtUs) return RejectCode.RequestExpired;
    if (this.protections.isAccountKilled(order.accountId)) return RejectCode.AccountKillSwitch;
    const forbidden = stateForbids(market, true);
    if (forbidden !== RejectCode.None) return forbidden;
    const priceTicks = command.priceTicks || order.priceTicks;
    const quantityLots = command.quantityLots || order.quantityLots;
    if (!isPriced(spec, priceTicks)) return RejectCode.PriceOutOfRange;
    if (!isSized(spec, quantityLots)) return RejectCode.QuantityOutOfRange;
    if (isTooSmall(spec, priceTicks, quantityLots)) return RejectCode.NotionalTooSmall;
    if (quantityLots <= order.executedLots) return RejectCode.QuantityOutOfRange;
    const openLots = quantityLots - order.executedLots;
    const replaced = { ...order, priceTicks, quantityLots, openLots };
    const lockedUnits = neededUnits(replaced, spec);
    if (this.available(order.accountId, order.paidAssetId) < lockedUnits - order.lockedUnits) {
      return RejectCode.InsufficientFunds;
    }
    if (order.isPending) return RejectCode.TriggerPending;
    if (isBeyondBand(replaced, market)) return RejectCode.PriceOutsideBand;
    const makers = this.#makersFor(replaced);
    const mayNotTake = order.postOnly || market.state === OrderBookState.PostOnly;
    if (mayNotTake && makers.length > 0) return RejectCode.PostOnlyWouldTake;
    const plan = planOf(replaced, makers, spec);
    const rank = ++this.#lastRank;
    Object.assign(order, { priceTicks, quantityLots, openLots, lockedUnits, rank });
    market.updateId++;
    const requestId = plan.trades === 0 && !plan.isEnded ? this.#requestId : 0;
    this.#say(OrderEventKind.Modified, order, { requestId });
    this.#trade(order, market, plan, !plan.isEnded);
    if (plan.isEnded) {
      const expiryReason = ExpiryReason.SelfTradePrevention;
      this.#end(order, OrderEventKind.Expired, { expiryReason, requestId: this.#requestId });
    }
    this.#fire(market);
    return RejectCode.None;
  }

  available(accountId: number, assetId: number): bigint {
    return this.owned(accountId, assetId) - this.locked(accountId, assetId);
  }

  /** Available and locked together. */
  owned(accountId: number, assetId: number): bigint {
    return this.#owned.get(`${accountId} ${assetId}`) ?? 0n;
  }

  locked(accountId: number, assetId: number): bigint {
    let sum = 0n;
    for (const order of this.orders) {
      if (order.accountId === accountId && order.paidAssetId === assetId) sum += order.lockedUnits;
    }
    return sum;
  }

  /** What each transfer made was answered. */
  get transfers(): Iterable<FundsMoved> {
    return this.#transfers.values();
  }

  /** The orders of one side of a book in price-time priority. */
  side(marketId: number, side: number): NaiveOrder[] {
    const isThere = (o: NaiveOrder) => o.marketId === marketId && o.side === side && !o.isPending;
    const there = this.orders.filter(isThere);
    const sign = side === Side.Ask ? 1 : -1;
    return there.sort((a, b) => sign * (a.priceTicks - b.priceTicks) || a.rank - b.rank);
  }

  #makersFor({ marketId, side, priceTicks: limit }: NaiveOrder): NaiveOrder[] {
    return side === Side.Bid
      ? this.side(marketId, Side.Ask).filter((maker) => maker.priceTicks <= limit)
      : this.side(marketId, Side.Bid).filter((maker) => maker.priceTicks >= limit);
  }

  #trade(taker: NaiveOrder, market: NaiveMarket, plan: Plan, mayRest: boolean): void {
    const { marketId, takerFeeBps, makerFeeBps } = market.spec;
    let tradesLeft = plan.trades;
    for (const { maker, lots, isPrevented } of plan.meetings) {
      const { priceTicks } = maker;
      const ids = { marketId, makerOrderId: maker.orderId, takerOrderId: taker.orderId };
      const match = { ...ids, priceTicks, quantityLots: lots, takerSide: taker.side };
      if (isPrevented) {
        const { accountId, selfTradePrevention: mode } = taker;
        this.#said.matches.push({ ...match, accountId, mode, timeUs: this.#nowUs });
        const expiryReason = ExpiryReason.SelfTradePrevention;
        if (plan.makersExpire) this.#end(maker, OrderEventKind.Expired, { expiryReason });
        continue;
      }
      market.lastPriceTicks = priceTicks;
      market.triggers.reach(priceTicks);
      this.#accept(taker);
      const isLast = --tradesLeft === 0;
      const tradeId = ++market.tradeCount;
      this.#said.matches.push({ ...match, tradeId, timeUs: this.#nowUs });
      const fill = { tradeId, fillPriceTicks: priceTicks, fillLots: lots };
      const requestId = isLast && (plan.isFilled || mayRest) ? this.#requestId : 0;
      this.#settle(taker, takerFeeBps, isLast && plan.isFilled, { ...fill, requestId });
      this.#settle(maker, makerFeeBps, maker.openLots === lots, { ...fill, isMaker: true });
    }
  }

  /** Tells an order's account of it, once, before anything else is told of it. */
  #accept(order: NaiveOrder, requestId = 0): void {
    if (order.isAccepted) return;
    order.isAccepted = true;
    this.#say(OrderEventKind.Accepted, order, { requestId });
  }

  /** One party's part of a fill: the asset sold, the asset bought, the fee. */
  #settle(
    order: NaiveOrder,
    feeBps: number,
    isFilled: boolean,
    fill: Partial<OrderEvent> & { fillPriceTicks: number; fillLots: number },
  ): void {
    const { spec } = this.markets.get(order.marketId)!;
    const cost = costOf(spec, fill.fillPriceTicks, fill.fillLots);
    const base = BigInt(fill.fillLots) * BigInt(spec.baseUnitsPerLot);
    order.openLots -= fill.fillLots;
    order.executedLots += fill.fillLots;
    order.executedQuoteUnits += cost;
    order.feeOwedBps += cost * BigInt(feeBps);
    const fee = ceilOfBps(order.feeOwedBps) - order.feesCharged;
    order.feesCharged += fee;
    const sign = order.side === Side.Bid ? 1n : -1n;
    this.#pay(order.accountId, spec.baseAssetId, sign * base);
    this.#pay(order.accountId, spec.quoteAssetId, -sign * cost - fee);
    this.fees.set(spec.quoteAssetId, (this.fees.get(spec.quoteAssetId) ?? 0n) + fee);
    order.lockedUnits = neededUnits(order, spec);
    const details = { ...fill, feeUnits: Number(fee) };
    if (isFilled) this.#end(order, OrderEventKind.Fill, details);
    else this.#say(OrderEventKind.Fill, order, details);
  }

  #end(order: NaiveOrder, kind: OrderEventKind, details: Partial<OrderEvent>): void {
    this.orders = this.orders.filter((other) => other !== order);
    const { Filled, Cancelled, Expired, TriggerFailed } = OrderStatus;
    const ends: Partial<Record<number, OrderStatus>> = {
      [OrderEventKind.Fill]: Filled,
      [OrderEventKind.Cancelled]: Cancelled,
      [OrderEventKind.Expired]: Expired,
      [OrderEventKind.TriggerFailed]: TriggerFailed,
    };
    this.#say(kind, order, { ...details, status: ends[kind]! });
  }

  #say(kind: OrderEventKind, order: NaiveOrder, details: Partial<OrderEvent>): void {
    const { spec, updateId } = this.markets.get(order.marketId)!;
    const { accountId } = order;
    const event = OrderEvent.create() as unknown as Record<string, unknown>;
    for (const name in event) if (name in order) event[name] = order[name as keyof NaiveOrder];
    const traded = order.executedLots > 0 ? OrderStatus.PartiallyFilled : OrderStatus.New;
    const status = order.isPending ? OrderStatus.TriggerPending : traded;
    this.#said.orders.push({
      ...(event as unknown as OrderEvent),
      ...{ kind, status, updateId, requestId: 0, timeUs: this.#nowUs },
      executedQuoteUnits: Number(order.executedQuoteUnits),
      baseAvailableUnits: Number(this.available(accountId, spec.baseAssetId)),
      baseLockedUnits: Number(this.locked(accountId, spec.baseAssetId)),
      quoteAvailableUnits: Number(this.available(accountId, spec.quoteAssetId)),
      quoteLockedUnits: Number(this.locked(accountId, spec.quoteAssetId)),
      ...details,
    });
  }

  #find({ accountId, marketId, orderId, clientId }: Body<typeof CancelOrder>) {
    const isNamed = (order: NaiveOrder) =>
      orderId === 0 && clientId !== null ? order.clientId === clientId : order.orderId === orderId;
    return this.orders.find(
      (order) => order.accountId === accountId && order.marketId === marketId && isNamed(order),
    );
  }

  #pay(accountId: number, assetId: number, units: bigint): void {
    const key = `${accountId} ${assetId}`;
    this.#owned.set(key, this.owned(accountId, assetId) + units);
  }
}
