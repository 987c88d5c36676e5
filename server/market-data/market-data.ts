import { assert } from '../../engine/assert.ts';
import type { BookLevels } from '../../engine/protocol/descriptions.ts';
import type { BookDelta, Trade } from '../../engine/protocol/events.ts';
import type { Body } from '../../engine/protocol/message.ts';
import type { FanOut } from '../fanout/fan-out.ts';
import type { Market, Registry } from '../registry/registry.ts';
import { BookReplica } from './book-replica.ts';
import { type BestLevels, MarketFrames } from './frames.ts';
import { QuietMarket } from './quiet-market.ts';
import {
  DAY_WINDOW,
  RollingTicker,
  type TickerBucket,
  type TickerStatistics,
  WEEK_WINDOW,
} from './rolling-ticker.ts';
import { type KeptTrade, type PublicTrade, TradeHistory } from './trade-history.ts';

export type TickerInterval = '1d' | '1w';

interface MarketState {
  readonly market: Market;
  readonly frames: MarketFrames;
  readonly replica: BookReplica;
  trades: TradeHistory;
  readonly day: RollingTicker;
  readonly week: RollingTicker;
  readonly quiet: QuietMarket;
  readonly best: { -readonly [Field in keyof BestLevels]: number };
  /** The newest engine time seen, so that `T` never goes back. */
  timeUs: number;
  /**
   * Trades heard while what was before them is being learnt; null once it is. Until then nothing is shown
   * of the market's book and ticker, which are not whole.
   */
  laterTrades: Trade[] | null;
  /** The last trade that was learnt, not heard; 0 when all were heard. */
  learntTradeId: number;
}

/** Where a market's public streams stand. */
export interface MarketStanding {
  /** The depth update id of its book. */
  readonly updateId: number;
  readonly lastTradeId: number;
  /** 0 before the first trade. */
  readonly lastPriceTicks: number;
}

/** What is known of a market's trades from elsewhere. */
export interface TradingPast {
  /** The last trade in it: what is heard of it, or of one before it, is known already. */
  readonly lastTradeId: number;
  /** Of the market's last trade, 0 before the first. */
  readonly lastPriceTicks: number;
  /** The newest ones up to the last, oldest first and dense; none when the trades heard do not follow it. */
  readonly trades: readonly KeptTrade[];
  readonly day: readonly TickerBucket[];
  readonly week: readonly TickerBucket[];
}

const NEVER_TRADED: MarketStanding = { updateId: 0, lastTradeId: 0, lastPriceTicks: 0 };

/**
 * The public face of every market, built from the shards' events: book replicas, last trades, rolling
 * tickers, and the frames of the public streams. The events of one command come as its trades, then
 * its book delta, and leave in the order trade, depth, bookTicker. Event bodies may be reused by the
 * caller once a method returns. A frame nobody wants is not encoded.
 */
export class MarketData {
  readonly #registry: Registry;
  readonly #fanOut: FanOut;
  readonly #nowUs: () => number;
  readonly #states = new Map<number, MarketState>();
  #emittedUs = 0;

  constructor(parts: { registry: Registry; fanOut: FanOut; nowUs: () => number }) {
    this.#registry = parts.registry;
    this.#fanOut = parts.fanOut;
    this.#nowUs = parts.nowUs;
  }

  /** To be called once, before the first event of the market. */
  onMarketListed(market: Market): void {
    this.#open(market, NEVER_TRADED, null);
  }

  /**
   * In place of `onMarketListed`, of a market that was there before the gateway. Its events from here on
   * are taken; `onBookLevels` and then `onPastLearnt` bring what was before.
   */
  onMarketDescribed(market: Market, standing: MarketStanding): void {
    this.#open(market, standing, []);
  }

  /** Levels of a described market's book, in their place among its events; see `BookReplica.describe`. */
  onBookLevels({ marketId, updateId, levels }: Readonly<Body<typeof BookLevels>>): void {
    const state = this.#state(marketId);
    assert(state.laterTrades !== null, 'a book is described that is whole already');
    state.replica.describe(updateId, levels);
  }

  /** A described market's book is whole, and so is its past, as far as it is known (null: not at all). */
  onPastLearnt(marketId: number, past: TradingPast | null): void {
    const state = this.#state(marketId);
    const { laterTrades } = state;
    assert(laterTrades !== null, 'the past of a market is known already');
    if (past !== null) {
      const [first] = past.trades;
      if (first !== undefined) state.trades = new TradeHistory(first.tradeId - 1);
      for (const trade of past.trades) state.trades.add(trade);
      state.day.restore(past.day, past.lastPriceTicks);
      state.week.restore(past.week, past.lastPriceTicks);
      state.learntTradeId = past.lastTradeId;
    }
    state.laterTrades = null;
    for (const trade of laterTrades) this.#count(state, trade);
    updateBest(state);
  }

  onTrade(trade: Readonly<Trade>): void {
    const state = this.#state(trade.marketId);
    if (state.laterTrades === null) this.#count(state, trade);
    else state.laterTrades.push({ ...trade });
    this.#advance(state, trade.timeUs);
    const stream = state.frames.tradeStream;
    if (this.#fanOut.wants(stream)) {
      this.#fanOut.publish(stream, state.frames.trade(trade, this.#emitUs(), state.timeUs));
    }
  }

  onBookDelta(delta: Readonly<BookDelta>): void {
    const state = this.#state(delta.marketId);
    const levels = state.replica.apply(delta);
    if (levels === null) return;
    this.#advance(state, delta.timeUs);
    if (state.laterTrades !== null) return;
    const { frames, timeUs } = state;
    const { updateId } = state.replica;
    const emitUs = this.#emitUs();
    state.quiet.onBookEvent(levels.length === 0, emitUs);
    if (this.#fanOut.wants(frames.depthStream)) {
      const frame = frames.depth(levels, updateId, emitUs, timeUs);
      this.#fanOut.publish(frames.depthStream, frame);
    }
    if (updateBest(state) && this.#fanOut.wants(frames.bookTickerStream)) {
      const frame = frames.bookTicker(state.best, updateId, emitUs, timeUs);
      this.#fanOut.publish(frames.bookTickerStream, frame);
    }
  }

  /** To be called once a second: a ticker frame for every market whose ticker somebody hears. */
  publishTickers(): void {
    for (const { frames, day, laterTrades } of this.#states.values()) {
      if (laterTrades !== null || !this.#fanOut.wants(frames.tickerStream)) continue;
      const emitUs = this.#emitUs();
      this.#fanOut.publish(frames.tickerStream, frames.ticker(day.at(emitUs), emitUs));
    }
  }

  /** A socket has subscribed to the depth of the market; it counts as young until it got its events. */
  onDepthSubscribed(marketId: number): void {
    const state = this.#state(marketId);
    state.quiet.onDepthSubscribed(state.replica.updateId);
  }

  /**
   * The markets that need a `DepthHeartbeat` command now. Counts as sending them: a market answered
   * here is not answered again before its pause is over.
   */
  heartbeatsDue(nowUs: number): number[] {
    const due: number[] = [];
    for (const [marketId, { quiet, replica }] of this.#states) {
      if (quiet.takeHeartbeat(replica.updateId, nowUs)) due.push(marketId);
    }
    return due;
  }

  /** The live replica: to be read at once, not kept over an await. */
  book(marketId: number): BookReplica {
    return this.#state(marketId).replica;
  }

  /** Newest first, after skipping the newest `offset`; at most the last 1000 are known. */
  trades(marketId: number, limit: number, offset = 0): PublicTrade[] {
    return this.#state(marketId).trades.newest(limit, offset);
  }

  /** Every trade of the market from this id on is known; older ones are in the database. */
  oldestTradeId(marketId: number): number {
    return this.#state(marketId).trades.oldestTradeId;
  }

  ticker(marketId: number, interval: TickerInterval = '1d'): TickerStatistics {
    const state = this.#state(marketId);
    return (interval === '1d' ? state.day : state.week).at(this.#nowUs());
  }

  /** Price of the market's last trade; null before the first. */
  lastPriceTicks(marketId: number): number | null {
    const price = this.#state(marketId).day.lastPriceTicks;
    return price === 0 ? null : price;
  }

  #open(market: Market, standing: MarketStanding, laterTrades: Trade[] | null): void {
    assert(!this.#states.has(market.marketId), `market ${market.symbol} listed twice`);
    assert(this.#registry.market(market.marketId) === market, 'market is not in the registry');
    const { updateId, lastTradeId, lastPriceTicks } = standing;
    this.#states.set(market.marketId, {
      market,
      frames: new MarketFrames(market),
      replica: new BookReplica(updateId),
      trades: new TradeHistory(lastTradeId),
      day: new RollingTicker(DAY_WINDOW, lastPriceTicks),
      week: new RollingTicker(WEEK_WINDOW, lastPriceTicks),
      quiet: new QuietMarket(),
      best: { bidPriceTicks: 0, bidQuantityLots: 0, askPriceTicks: 0, askQuantityLots: 0 },
      timeUs: 0,
      laterTrades,
      learntTradeId: 0,
    });
  }

  /** Takes a trade into the market's history and tickers; the database may have told of it before. */
  #count(state: MarketState, trade: Readonly<Trade>): void {
    if (trade.tradeId <= state.learntTradeId) return;
    const { priceTicks, quantityLots, timeUs } = trade;
    // Below 2^53: a market is listed only if its largest price times its largest quantity is.
    const quoteUnits = priceTicks * quantityLots * state.market.spec.quoteUnitsPerTickLot;
    state.trades.add(trade);
    state.day.add(priceTicks, quantityLots, quoteUnits, timeUs);
    state.week.add(priceTicks, quantityLots, quoteUnits, timeUs);
  }

  #state(marketId: number): MarketState {
    const state = this.#states.get(marketId);
    assert(state !== undefined, `event or query of market ${marketId} before its listing`);
    return state;
  }

  #advance(state: MarketState, timeUs: number): void {
    if (timeUs > state.timeUs) state.timeUs = timeUs;
  }

  /** The clock, but never going back. */
  #emitUs(): number {
    const nowUs = this.#nowUs();
    if (nowUs > this.#emittedUs) this.#emittedUs = nowUs;
    return this.#emittedUs;
  }
}

/** Brings `state.best` up to the replica; true when something changed. */
function updateBest(state: MarketState): boolean {
  const { best, replica } = state;
  const { bids, asks } = replica;
  const bidPriceTicks = bids.bestPriceTicks;
  const bidQuantityLots = bids.bestQuantityLots;
  const askPriceTicks = asks.bestPriceTicks;
  const askQuantityLots = asks.bestQuantityLots;
  const changed =
    best.bidPriceTicks !== bidPriceTicks ||
    best.bidQuantityLots !== bidQuantityLots ||
    best.askPriceTicks !== askPriceTicks ||
    best.askQuantityLots !== askQuantityLots;
  best.bidPriceTicks = bidPriceTicks;
  best.bidQuantityLots = bidQuantityLots;
  best.askPriceTicks = askPriceTicks;
  best.askQuantityLots = askQuantityLots;
  return changed;
}
