import { assert } from '../assert.ts';
import type { OrderBook } from '../book/order-book.ts';
import { ExpiryReason, OrderBookState, Side, TimeInForce } from '../protocol/enums.ts';
import { BOOK_DELTA_LEVELS_MAX, BookDelta, Trade } from '../protocol/events.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import {
  type CancelResting,
  type MatchOrder,
  OrderOutcome,
  Outcome,
  type ReduceResting,
  type ReplaceResting,
  SettleFill,
} from '../protocol/shard-messages.ts';
import { homeShardOfOrder } from '../protocol/sharding.ts';
import { lowestTicksOf, type Markets, type ShardMarket, stateForbidsOrder } from './markets.ts';
import type { ShardOutputs } from './outputs.ts';
import type { Settlement } from './settlement.ts';

/** Change lists up to this many words are reused. */
const REUSED_LIST_WORDS_MAX = 30;

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
  readonly #trade = Trade.create();
  readonly #bookDelta = BookDelta.create();
  /** Levels of the change being gathered, as words of `BookDelta.levels`. */
  readonly #levels: number[] = [];
  #levelWords = 0;
  readonly #lists: number[][] = [];
  readonly #settleFill = SettleFill.create();
  readonly #outcome = OrderOutcome.create();

  constructor(shard: number, markets: Markets, outputs: ShardOutputs, settlement: Settlement) {
    this.#shard = shard;
    this.#markets = markets;
    this.#outputs = outputs;
    this.#settlement = settlement;
  }

  matchOrder(order: MatchOrder): void {
    const { market, book } = this.#owned(order.marketId);
    const side = order.side as Side;
    const refusal = this.#refusalOf(order, market, book, side);
    if (refusal !== RejectCode.None) {
      this.#tell(order, Outcome.Refused, market, refusal);
      return;
    }
    const budgetTickLots =
      order.quoteBudgetUnits > 0
        ? Math.floor(order.quoteBudgetUnits / market.spec.quoteUnitsPerTickLot)
        : Infinity;
    const rest = book.match(side, order.priceTicks, order.quantityLots, budgetTickLots);
    const rests = rest > 0 && order.timeInForce === TimeInForce.GTC;
    if (rests) book.rest(order.orderId, order.accountId, side, order.priceTicks, rest);
    const closes =
      rest === 0 ||
      (budgetTickLots !== Infinity &&
        isSpent(market, book, side, order.priceTicks, budgetTickLots));
    this.#announceTrades(market, order, side);
    this.#beginDelta();
    this.#addFilledLevels(book, side);
    if (rests) this.#addLevel(book, side, order.priceTicks);
    this.#announceDelta(market);
    this.#settleFills(market, order, closes, rests);
    if (rests) {
      if (book.fills.count === 0) this.#tell(order, Outcome.Rested, market);
    } else if (!closes || book.fills.count === 0) {
      this.#outcome.expiryReason = order.isMarket
        ? ExpiryReason.InsufficientLiquidity
        : ExpiryReason.ImmediateOrCancel;
      this.#tell(order, Outcome.Expired, market);
    }
  }

  cancelResting(message: CancelResting): void {
    const { market, book } = this.#owned(message.marketId);
    if (book.cancel(message.orderId) === 0) {
      this.#tell(message, Outcome.RequestRefused, market, RejectCode.UnknownOrder);
      return;
    }
    this.#announceLevel(market, book, book.lastSide, book.lastPriceTicks);
    this.#tell(message, Outcome.Cancelled, market);
  }

  reduceResting(message: ReduceResting): void {
    const { market, book } = this.#owned(message.marketId);
    const open = book.openLots(message.orderId);
    if (open === 0 || message.quantityLots >= open) {
      const code = open === 0 ? RejectCode.UnknownOrder : RejectCode.ReduceTooLarge;
      this.#tell(message, Outcome.RequestRefused, market, code);
      return;
    }
    book.reduce(message.orderId, message.quantityLots);
    this.#announceLevel(market, book, book.sideOf(message.orderId), book.priceOf(message.orderId));
    this.#outcome.quantityLots = message.quantityLots;
    this.#tell(message, Outcome.Reduced, market);
  }

  replaceResting(message: ReplaceResting): void {
    const { market, book } = this.#owned(message.marketId);
    const { orderId, priceTicks } = message;
    const openNow = book.openLots(orderId);
    const filledMeanwhile = message.expectedOpenLots - openNow;
    assert(openNow === 0 || filledMeanwhile >= 0, 'more is open than the home shard knows');
    const openLots = message.openLots - filledMeanwhile;
    const refusal = this.#replaceRefusal(message, market, book, openNow, openLots);
    if (refusal !== RejectCode.None) {
      this.#tell(message, Outcome.RequestRefused, market, refusal);
      return;
    }
    book.cancel(orderId);
    const { lastSide: side, lastOwner: owner, lastPriceTicks: oldPriceTicks } = book;
    const rest = book.match(side, priceTicks, openLots, Infinity);
    if (rest > 0) book.rest(orderId, owner, side, priceTicks, rest);
    const taker = { requestId: message.requestId, orderId, side, priceTicks };
    this.#announceTrades(market, taker, side);
    this.#beginDelta();
    this.#addFilledLevels(book, side);
    this.#addLevel(book, side, oldPriceTicks);
    if (rest > 0 && priceTicks !== oldPriceTicks) this.#addLevel(book, side, priceTicks);
    this.#announceDelta(market);
    this.#outcome.priceTicks = priceTicks;
    this.#outcome.quantityLots = openLots;
    const isLast = book.fills.count === 0;
    this.#tell(isLast ? message : { requestId: 0, orderId }, Outcome.Replaced, market);
    this.#settleFills(market, taker, rest === 0, true);
  }

  /** Moves the depth update id on without a change, so that a quiet market still has a sequence. */
  heartbeat(marketId: number): void {
    const { market } = this.#owned(marketId);
    this.#beginDelta();
    this.#announceDelta(market, true);
  }

  #owned(marketId: number): { market: ShardMarket; book: OrderBook } {
    const market = this.#markets.get(marketId);
    assert(market !== undefined && market.book !== null, 'market is not of this shard');
    return { market, book: market.book };
  }

  #refusalOf(order: MatchOrder, market: ShardMarket, book: OrderBook, side: Side): RejectCode {
    const forbidden = stateForbidsOrder(market, order.postOnly);
    if (forbidden !== RejectCode.None) return forbidden;
    if (order.postOnly && book.wouldTake(side, order.priceTicks)) {
      return RejectCode.PostOnlyWouldTake;
    }
    if (
      order.timeInForce === TimeInForce.FOK &&
      !book.canFill(side, order.priceTicks, order.quantityLots)
    ) {
      return RejectCode.FillOrKillUnfillable;
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
    if (openNow === 0) return RejectCode.UnknownOrder;
    if (openLots < 1) return RejectCode.QuantityOutOfRange;
    const postOnly = message.postOnly || market.state === OrderBookState.PostOnly;
    const forbidden = stateForbidsOrder(market, postOnly);
    if (forbidden !== RejectCode.None) return forbidden;
    if (postOnly && book.wouldTake(book.sideOf(message.orderId), message.priceTicks)) {
      return RejectCode.PostOnlyWouldTake;
    }
    return RejectCode.None;
  }

  #announceTrades(market: ShardMarket, taker: { orderId: number }, takerSide: Side): void {
    const { fills } = market.book!;
    const trade = this.#trade;
    for (let index = 0; index < fills.count; index++) {
      trade.marketId = market.spec.marketId;
      trade.tradeId = market.lastTradeId + 1 + index;
      trade.priceTicks = fills.priceTicks[index]!;
      trade.quantityLots = fills.quantityLots[index]!;
      trade.takerSide = takerSide;
      trade.makerOrderId = fills.makerOrderIds[index]!;
      trade.takerOrderId = taker.orderId;
      trade.timeUs = this.nowUs;
      this.#outputs.record(Trade, trade);
    }
    market.lastTradeId += fills.count;
  }

  /** Tells both homes of every fill: the taker's first, so that he hears of his order in order. */
  #settleFills(
    market: ShardMarket,
    taker: { requestId: number; orderId: number },
    takerCloses: boolean,
    isLastMessage: boolean,
  ): void {
    const { fills } = market.book!;
    const message = this.#settleFill;
    const firstTradeId = market.lastTradeId - fills.count + 1;
    for (let index = 0; index < fills.count; index++) {
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

  #tell(
    request: { requestId: number; orderId: number },
    outcome: Outcome,
    market: ShardMarket,
    rejectCode: RejectCode = RejectCode.None,
  ): void {
    const message = this.#outcome;
    message.requestId = request.requestId;
    message.orderId = request.orderId;
    message.outcome = outcome;
    message.rejectCode = rejectCode;
    message.updateId = market.updateId;
    message.timeUs = this.nowUs;
    const home = homeShardOfOrder(request.orderId);
    if (home === this.#shard) this.#settlement.orderOutcome(message);
    else this.#outputs.send(home, OrderOutcome, message);
    message.expiryReason = ExpiryReason.None;
    message.priceTicks = 0;
    message.quantityLots = 0;
  }

  #announceLevel(market: ShardMarket, book: OrderBook, side: Side, priceTicks: number): void {
    this.#beginDelta();
    this.#addLevel(book, side, priceTicks);
    this.#announceDelta(market);
  }

  #beginDelta(): void {
    this.#levelWords = 0;
  }

  #addLevel(book: OrderBook, side: Side, priceTicks: number): void {
    const words = this.#levels;
    words[this.#levelWords++] = side;
    words[this.#levelWords++] = priceTicks;
    words[this.#levelWords++] = book.levelLots(side, priceTicks);
  }

  /** The levels the last match touched, each once: fills of one level stand together. */
  #addFilledLevels(book: OrderBook, takerSide: Side): void {
    const { fills } = book;
    const makerSide = (1 - takerSide) as Side;
    let last = 0;
    for (let index = 0; index < fills.count; index++) {
      const priceTicks = fills.priceTicks[index]!;
      if (priceTicks === last) continue;
      last = priceTicks;
      this.#addLevel(book, makerSide, priceTicks);
    }
  }

  /** Emits the gathered levels as one change; nothing when there are none, unless `always`. */
  #announceDelta(market: ShardMarket, always = false): void {
    const count = this.#levelWords;
    if (count === 0 && !always) return;
    const delta = this.#bookDelta;
    delta.marketId = market.spec.marketId;
    delta.updateId = ++market.updateId;
    delta.timeUs = this.nowUs;
    let start = 0;
    do {
      const end = Math.min(count, start + BOOK_DELTA_LEVELS_MAX * 3);
      delta.isLast = end === count;
      delta.levels = this.#listOf(start, end);
      this.#outputs.record(BookDelta, delta);
      start = end;
    } while (start < count);
  }

  /** The gathered words as a list; short ones are reused, since nearly every change is one level. */
  #listOf(start: number, end: number): number[] {
    const length = end - start;
    if (length > REUSED_LIST_WORDS_MAX) return this.#levels.slice(start, end);
    this.#lists[length] ??= new Array<number>(length).fill(0);
    const list = this.#lists[length]!;
    for (let index = 0; index < length; index++) list[index] = this.#levels[start + index]!;
    return list;
  }
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
