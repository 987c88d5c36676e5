import type { OrderBook } from '../book/order-book.ts';
import type { Side } from '../protocol/enums.ts';
import { BOOK_DELTA_LEVELS_MAX, BookDelta, MatchPrevented, Trade } from '../protocol/events.ts';
import type { ShardMarket } from './markets.ts';
import type { ShardOutputs } from './outputs.ts';
import type { PreventedMatches, Taker } from './prevented-matches.ts';

/** Change lists up to this many words are reused. */
const REUSED_LIST_WORDS_MAX = 30;

/** Tells everybody what happened in a market: its trades and prevented matches, then its book's change. */
export class MarketAnnouncer {
  readonly #outputs: ShardOutputs;
  readonly #trade = Trade.create();
  readonly #bookDelta = BookDelta.create();
  /** Levels of the change being gathered, as words of `BookDelta.levels`. */
  readonly #levels: number[] = [];
  #levelWords = 0;
  readonly #lists: number[][] = [];

  constructor(outputs: ShardOutputs) {
    this.#outputs = outputs;
  }

  /**
   * Tells of the book's last match, trades and prevented matches in the order they happened, and lets
   * the prices of its trades fire what waits for them.
   */
  tellMatch(market: ShardMarket, taker: Taker, prevented: PreventedMatches, timeUs: number): void {
    const trade = this.#trade;
    trade.marketId = market.spec.marketId;
    trade.takerSide = taker.side;
    trade.takerOrderId = taker.orderId;
    trade.timeUs = timeUs;
    const { count, fillsBefore } = prevented;
    let from = 0;
    for (let at = 0; at < count; at++) {
      this.#tellTrades(market, from, fillsBefore[at]!);
      this.#tellPrevented(taker, prevented, at);
      from = fillsBefore[at]!;
    }
    this.#tellTrades(market, from, market.book!.fills.count);
  }

  #tellTrades(market: ShardMarket, from: number, to: number): void {
    const { fills } = market.book!;
    const trade = this.#trade;
    for (let index = from; index < to; index++) {
      trade.tradeId = ++market.lastTradeId;
      trade.priceTicks = fills.priceTicks[index]!;
      trade.quantityLots = fills.quantityLots[index]!;
      trade.makerOrderId = fills.makerOrderIds[index]!;
      this.#outputs.record(Trade, trade);
    }
    if (from === to) return;
    market.lastPriceTicks = fills.priceTicks[to - 1]!;
    market.triggers!.reach(fills.priceTicks[from]!, market.lastPriceTicks);
  }

  #tellPrevented(taker: Taker, prevented: PreventedMatches, at: number): void {
    const { marketId, takerSide, takerOrderId, timeUs } = this.#trade;
    this.#outputs.record(MatchPrevented, {
      ...{ marketId, accountId: taker.accountId },
      ...{ makerOrderId: prevented.makerOrderIds[at]!, takerOrderId, takerSide },
      mode: taker.selfTradePrevention,
      priceTicks: prevented.priceTicks[at]!,
      quantityLots: prevented.quantityLots[at]!,
      timeUs,
    });
  }

  /** Adds a level and its new total to the change to be told, in place of the last one if that is it. */
  addLevel(side: Side, priceTicks: number, lots: number): void {
    const words = this.#levels;
    const end = this.#levelWords;
    if (end > 0 && words[end - 2] === priceTicks && words[end - 3] === side) {
      words[end - 1] = lots;
      return;
    }
    words[end] = side;
    words[end + 1] = priceTicks;
    words[end + 2] = lots;
    this.#levelWords = end + 3;
  }

  /** The levels the last match touched, each once: what happened at one level stands together. */
  addMatchedLevels(book: OrderBook, takerSide: Side, prevented: PreventedMatches): void {
    const makerSide = (1 - takerSide) as Side;
    const { count, fillsBefore, priceTicks } = prevented;
    let from = 0;
    for (let at = 0; at < count; at++) {
      this.#addFilledLevels(book, makerSide, from, fillsBefore[at]!);
      from = fillsBefore[at]!;
      if (prevented.makersExpire) this.#addAsItIs(book, makerSide, priceTicks[at]!);
    }
    this.#addFilledLevels(book, makerSide, from, book.fills.count);
  }

  #addFilledLevels(book: OrderBook, makerSide: Side, from: number, to: number): void {
    const { fills } = book;
    for (let index = from; index < to; index++) {
      this.#addAsItIs(book, makerSide, fills.priceTicks[index]!);
    }
  }

  #addAsItIs(book: OrderBook, side: Side, priceTicks: number): void {
    this.addLevel(side, priceTicks, book.levelLots(side, priceTicks));
  }

  /** Tells the gathered levels as one change; nothing when there are none, unless `always`. */
  tellDelta(market: ShardMarket, timeUs: number, always = false): void {
    const count = this.#levelWords;
    if (count === 0 && !always) return;
    const delta = this.#bookDelta;
    delta.marketId = market.spec.marketId;
    delta.updateId = ++market.updateId;
    delta.timeUs = timeUs;
    let start = 0;
    do {
      const end = Math.min(count, start + BOOK_DELTA_LEVELS_MAX * 3);
      delta.isLast = end === count;
      delta.levels = this.#listOf(start, end);
      this.#outputs.record(BookDelta, delta);
      start = end;
    } while (start < count);
    this.#levelWords = 0;
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
