import { assert } from '../assert.ts';
import type { OrderBook } from '../book/order-book.ts';
import { CancelScope, ExpiryReason, OrderBookState, Side, TimeInForce } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import {
  type CancelResting,
  MatchOrder,
  OrderOutcome,
  Outcome,
  type ReduceResting,
  type ReplaceResting,
  SettleFill,
} from '../protocol/shard-messages.ts';
import { homeShardOfOrder } from '../protocol/sharding.ts';
import { isMarketOrderTooSmall } from './least-notional.ts';
import { MarketAnnouncer } from './market-announcer.ts';
import { lowestTicksOf, type Markets, type ShardMarket, stateForbidsOrder } from './markets.ts';
import type { ShardOutputs } from './outputs.ts';
import { avoidedOwner, endsWhereMet, PreventedMatches, type Taker } from './prevented-matches.ts';
import { isBeyondBand } from './price-band.ts';
import type { Settlement } from './settlement.ts';

/**
 * The market side of a shard: matches orders that are already paid for. Every command changes the book
 * first, then tells the market (trades, one depth change), then the parties' home shards.
 */
export class Matching {
  /** Time of the command being applied, µs. */
  nowUs = 0;
  readonly #markets: Markets;
  readonly #outputs: ShardOutputs;
  readonly #shard: number;
  readonly #settlement: Settlement;
  /** Of the last match. */
  readonly #prevented = new PreventedMatches();
  readonly #announcer: MarketAnnouncer;
  readonly #settleFill = SettleFill.create();
  readonly #outcome = OrderOutcome.create();
  /** The order being replaced, as a taker: of the class that orders come in, and used again. */
  readonly #replaced = MatchOrder.create();

  constructor(shard: number, markets: Markets, outputs: ShardOutputs, settlement: Settlement) {
    this.#shard = shard;
    this.#markets = markets;
    this.#outputs = outputs;
    this.#settlement = settlement;
    this.#announcer = new MarketAnnouncer(outputs);
  }

  /** Matches an order, or keeps it until its trigger is reached; then all that it fired. */
  matchOrder(order: MatchOrder): void {
    const market = this.#owned(order.marketId);
    const book = market.book!;
    if (order.triggerPriceTicks > 0) this.#placeTrigger(order, market);
    else this.#execute(order, market, book);
    this.#executeFired(market, book);
  }

  #placeTrigger(order: MatchOrder, market: ShardMarket): void {
    const forbidden = stateForbidsOrder(market, order.postOnly);
    const refusal = market.lastPriceTicks === 0 ? RejectCode.NoReferencePrice : RejectCode.None;
    if (forbidden !== RejectCode.None || refusal !== RejectCode.None) {
      this.#tell(order.requestId, order.orderId, Outcome.Refused, market, forbidden || refusal);
      return;
    }
    market.triggers!.add(order, market.lastPriceTicks);
    this.#tell(order.requestId, order.orderId, Outcome.TriggerPlaced, market);
  }

  /**
   * Matches the stop orders that the command's trades fired, then those that their trades fired, and so
   * on, in the order in which they fired; each is told as an order of its own. This ends: a fired order
   * has left the trigger book before it is matched, it is matched once, and no command comes in between
   * that could bring a new one, so each round leaves one fewer.
   */
  #executeFired(market: ShardMarket, book: OrderBook): void {
    const triggers = market.triggers!;
    for (let order = triggers.nextFired(); order; order = triggers.nextFired()) {
      this.#execute(order, market, book);
    }
  }

  #execute(order: MatchOrder, market: ShardMarket, book: OrderBook): void {
    const side = order.side as Side;
    const refusal = this.#refusalOf(order, market, book, side);
    if (refusal !== RejectCode.None) {
      this.#tell(order.requestId, order.orderId, Outcome.Refused, market, refusal);
      return;
    }
    const budgetTickLots =
      order.quoteBudgetUnits > 0
        ? Math.floor(order.quoteBudgetUnits / market.spec.quoteUnitsPerTickLot)
        : Infinity;
    const prevented = this.#prevented;
    const { priceTicks, quantityLots } = order;
    const rest = prevented.match(book, order, priceTicks, quantityLots, budgetTickLots);
    const { endedTaker } = prevented;
    const rests = rest > 0 && order.timeInForce === TimeInForce.GTC && !endedTaker;
    if (rests) book.rest(order.orderId, order.accountId, side, order.priceTicks, rest);
    const closes =
      rest === 0 ||
      (budgetTickLots !== Infinity &&
        !endedTaker &&
        isSpent(market, book, side, order.priceTicks, budgetTickLots));
    const announcer = this.#announcer;
    announcer.tellMatch(market, order, prevented, this.nowUs);
    announcer.addMatchedLevels(book, side, prevented);
    if (rests) announcer.addLevel(side, priceTicks, book.lastLevelLots);
    announcer.tellDelta(market, this.nowUs);
    this.#settleMatch(market, order, closes, rests);
    if (rests) {
      if (book.fills.count === 0)
        this.#tell(order.requestId, order.orderId, Outcome.Rested, market);
    } else if (!closes || book.fills.count === 0) {
      const wanting = order.isMarket
        ? ExpiryReason.InsufficientLiquidity
        : ExpiryReason.ImmediateOrCancel;
      const reason = endedTaker ? ExpiryReason.SelfTradePrevention : wanting;
      this.#tellExpired(order.requestId, order.orderId, market, reason);
    }
  }

  cancelResting(message: CancelResting): void {
    const market = this.#owned(message.marketId);
    const book = market.book!;
    const { requestId, orderId, scope } = message;
    if (scope !== CancelScope.TriggerPending && book.cancel(orderId) > 0) {
      this.#announceChange(market, book);
    } else if (scope === CancelScope.Resting || !market.triggers!.cancel(orderId)) {
      const code = RejectCode.UnknownOrder;
      this.#tell(requestId, orderId, Outcome.RequestRefused, market, code);
      return;
    }
    this.#tell(requestId, orderId, Outcome.Cancelled, market);
  }

  reduceResting(message: ReduceResting): void {
    const market = this.#owned(message.marketId);
    const book = market.book!;
    const open = book.look(message.orderId);
    if (open === 0 || message.quantityLots >= open) {
      const code = open === 0 ? whyNotInBook(market, message.orderId) : RejectCode.ReduceTooLarge;
      this.#tell(message.requestId, message.orderId, Outcome.RequestRefused, market, code);
      return;
    }
    book.reduce(message.orderId, message.quantityLots);
    this.#announceChange(market, book);
    this.#outcome.quantityLots = message.quantityLots;
    this.#tell(message.requestId, message.orderId, Outcome.Reduced, market);
  }

  replaceResting(message: ReplaceResting): void {
    const market = this.#owned(message.marketId);
    const book = market.book!;
    const { orderId, priceTicks } = message;
    const openNow = book.look(orderId);
    const filledMeanwhile = message.expectedOpenLots - openNow;
    assert(openNow === 0 || filledMeanwhile >= 0, 'more is open than the home shard knows');
    const openLots = message.openLots - filledMeanwhile;
    const refusal = this.#replaceRefusal(message, market, book, openNow, openLots);
    if (refusal !== RejectCode.None) {
      this.#tell(message.requestId, message.orderId, Outcome.RequestRefused, market, refusal);
      return;
    }
    book.cancel(orderId);
    const { lastSide: side, lastOwner: owner } = book;
    this.#announcer.addLevel(side, book.lastPriceTicks, book.lastLevelLots);
    const { requestId } = message;
    const taker = this.#replaced;
    taker.requestId = requestId;
    taker.orderId = orderId;
    taker.accountId = owner;
    taker.side = side;
    taker.selfTradePrevention = message.selfTradePrevention;
    const rest = this.#prevented.match(book, taker, priceTicks, openLots, Infinity);
    const { endedTaker } = this.#prevented;
    const rests = rest > 0 && !endedTaker;
    if (rests) book.rest(orderId, owner, side, priceTicks, rest);
    const announcer = this.#announcer;
    announcer.tellMatch(market, taker, this.#prevented, this.nowUs);
    announcer.addMatchedLevels(book, side, this.#prevented);
    if (rests) announcer.addLevel(side, priceTicks, book.lastLevelLots);
    announcer.tellDelta(market, this.nowUs);
    this.#outcome.priceTicks = priceTicks;
    this.#outcome.quantityLots = openLots;
    const isLast = book.fills.count === 0 && !endedTaker;
    this.#tell(isLast ? requestId : 0, orderId, Outcome.Replaced, market);
    this.#settleMatch(market, taker, rest === 0, rests);
    if (endedTaker) this.#tellExpired(requestId, orderId, market, ExpiryReason.SelfTradePrevention);
    this.#executeFired(market, book);
  }

  /** Moves the depth update id on without a change, so that a quiet market still has a sequence. */
  heartbeat(marketId: number): void {
    const market = this.#owned(marketId);
    this.#announcer.tellDelta(market, this.nowUs, true);
  }

  /** A market whose book is here. */
  #owned(marketId: number): ShardMarket {
    const market = this.#markets.get(marketId);
    assert(market !== undefined && market.book !== null, 'market is not of this shard');
    return market;
  }

  #refusalOf(order: MatchOrder, market: ShardMarket, book: OrderBook, side: Side): RejectCode {
    const forbidden = stateForbidsOrder(market, order.postOnly);
    if (forbidden !== RejectCode.None) return forbidden;
    if (order.isMarket) {
      if (isMarketOrderTooSmall(order, market)) return RejectCode.NotionalTooSmall;
    } else if (isBeyondBand(market, side, order.priceTicks)) return RejectCode.PriceOutsideBand;
    if (order.postOnly && book.wouldTake(side, order.priceTicks)) {
      return RejectCode.PostOnlyWouldTake;
    }
    if (order.timeInForce === TimeInForce.FOK) {
      const { priceTicks, quantityLots } = order;
      const avoided = avoidedOwner(order);
      if (!book.canFill(side, priceTicks, quantityLots, avoided, endsWhereMet(order))) {
        return RejectCode.FillOrKillUnfillable;
      }
    }
    return RejectCode.None;
  }

  #replaceRefusal(
    message: ReplaceResting,
    market: ShardMarket,
    book: OrderBook,
    openNow: number,
    openLots: number,
  ): RejectCode {
    if (openNow === 0) return whyNotInBook(market, message.orderId);
    if (openLots < 1) return RejectCode.QuantityOutOfRange;
    const postOnly = message.postOnly || market.state === OrderBookState.PostOnly;
    const forbidden = stateForbidsOrder(market, postOnly);
    if (forbidden !== RejectCode.None) return forbidden;
    const side = book.lastSide;
    if (isBeyondBand(market, side, message.priceTicks)) return RejectCode.PriceOutsideBand;
    if (postOnly && book.wouldTake(side, message.priceTicks)) {
      return RejectCode.PostOnlyWouldTake;
    }
    return RejectCode.None;
  }

  /** Tells the homes of the last match in the order it happened: fills, and makers that expired. */
  #settleMatch(market: ShardMarket, taker: Taker, takerCloses: boolean, isLast: boolean): void {
    const { count, fillsBefore, makerOrderIds, makersExpire } = this.#prevented;
    let from = 0;
    for (let at = 0; at < count; at++) {
      this.#settleFills(market, taker, takerCloses, isLast, from, fillsBefore[at]!);
      from = fillsBefore[at]!;
      if (!makersExpire) continue;
      this.#tellExpired(0, makerOrderIds[at]!, market, ExpiryReason.SelfTradePrevention);
    }
    this.#settleFills(market, taker, takerCloses, isLast, from, market.book!.fills.count);
  }

  /** Tells both homes of every fill: the taker's first, so that he hears of his order in order. */
  #settleFills(
    market: ShardMarket,
    taker: Taker,
    takerCloses: boolean,
    isLastMessage: boolean,
    from: number,
    to: number,
  ): void {
    const { fills } = market.book!;
    const message = this.#settleFill;
    const firstTradeId = market.lastTradeId - fills.count + 1;
    for (let index = from; index < to; index++) {
      const isLast = index === fills.count - 1;
      message.marketId = market.spec.marketId;
      message.tradeId = firstTradeId + index;
      message.priceTicks = fills.priceTicks[index]!;
      message.quantityLots = fills.quantityLots[index]!;
      message.updateId = market.updateId;
      message.timeUs = this.nowUs;
      message.requestId = isLast && (takerCloses || isLastMessage) ? taker.requestId : 0;
      message.orderId = taker.orderId;
      message.isMaker = false;
      message.closes = isLast && takerCloses;
      this.#sendFill(message);
      message.requestId = 0;
      message.orderId = fills.makerOrderIds[index]!;
      message.isMaker = true;
      message.closes = fills.makerOpenLots[index] === 0;
      this.#sendFill(message);
    }
  }

  #sendFill(message: SettleFill): void {
    const home = homeShardOfOrder(message.orderId);
    if (home === this.#shard) this.#settlement.settleFill(message);
    else this.#outputs.send(home, SettleFill, message);
  }

  #tellExpired(
    requestId: number,
    orderId: number,
    market: ShardMarket,
    reason: ExpiryReason,
  ): void {
    this.#outcome.expiryReason = reason;
    this.#tell(requestId, orderId, Outcome.Expired, market);
  }

  #tell(
    requestId: number,
    orderId: number,
    outcome: Outcome,
    market: ShardMarket,
    rejectCode: RejectCode = RejectCode.None,
  ): void {
    const message = this.#outcome;
    message.requestId = requestId;
    message.orderId = orderId;
    message.outcome = outcome;
    message.rejectCode = rejectCode;
    message.updateId = market.updateId;
    message.timeUs = this.nowUs;
    const home = homeShardOfOrder(orderId);
    if (home === this.#shard) this.#settlement.orderOutcome(message);
    else this.#outputs.send(home, OrderOutcome, message);
    message.expiryReason = ExpiryReason.None;
    message.priceTicks = 0;
    message.quantityLots = 0;
  }

  /** Of the order that the book last changed. */
  #announceChange(market: ShardMarket, book: OrderBook): void {
    this.#announcer.addLevel(book.lastSide, book.lastPriceTicks, book.lastLevelLots);
    this.#announcer.tellDelta(market, this.nowUs);
  }
}

function whyNotInBook(market: ShardMarket, orderId: number): RejectCode {
  const isPending = market.triggers!.has(orderId);
  return isPending ? RejectCode.TriggerPending : RejectCode.UnknownOrder;
}

/**
 * Whether a budget is used up: what the last match left of it pays for no lot any more, neither at the
 * best price still within the limit nor, when there is none, at any price the order could trade at.
 */
function isSpent(
  market: ShardMarket,
  book: OrderBook,
  side: Side,
  limitTicks: number,
  budgetTickLots: number,
): boolean {
  let left = budgetTickLots;
  const { fills } = book;
  for (let index = 0; index < fills.count; index++) {
    left -= fills.priceTicks[index]! * fills.quantityLots[index]!;
  }
  if (!book.wouldTake(side, limitTicks)) return left < lowestTicksOf(market, side, limitTicks);
  return left < (side === Side.Bid ? book.bestAsk() : book.bestBid());
}
