import { assert } from '../../engine/assert.ts';
import type { BookLevels } from '../../engine/protocol/descriptions.ts';
import { OrderBookState } from '../../engine/protocol/enums.ts';
import type { BookDelta, Trade } from '../../engine/protocol/events.ts';
import type { Body } from '../../engine/protocol/message.ts';
import type { KlineInterval } from '../../persistence/kline-intervals.ts';
import type { FanOut } from '../fanout/fan-out.ts';
import type { Market, Registry } from '../registry/registry.ts';
import { BookReplica } from './book-replica.ts';
import { DEPTH_WINDOWS_MS, DepthWindow } from './depth-window.ts';
import { type BestLevels, MarketFrames } from './frames.ts';
import { type KnownKlines, knownKlines } from './kline-rows.ts';
import { KlineStreams } from './kline-streams.ts';
import { QuietMarket } from './quiet-market.ts';
import type { TickerStatistics } from './rolling-ticker.ts';
import { type MarketStanding, TradeFigures, type TradingPast } from './trade-figures.ts';
import type { PublicTrade } from './trade-history.ts';

export type TickerInterval = '1d' | '1w';

/** How often `publishAggregates` is to be called. */
export const AGGREGATES_INTERVAL_MS = DEPTH_WINDOWS_MS[0];

interface MarketState {
  readonly market: Market;
  readonly frames: MarketFrames;
  readonly replica: BookReplica;
  /** Where the market stood when its events, or the past of its trades, began to be learnt. */
  standing: MarketStanding;
  figures: TradeFigures;
  readonly quiet: QuietMarket;
  readonly windows: readonly DepthWindow[];
  readonly klines: KlineStreams;
  readonly best: { -readonly [Field in keyof BestLevels]: number };
  /** The newest engine time seen, so that `T` never goes back. */
  timeUs: number;
  /** Until then nothing is shown of the market's book and figures. */
  isWhole: boolean;
  /** Trades heard while what was before them is being learnt; null while nothing is. */
  laterTrades: Trade[] | null;
}

/** Trades that may be kept for a past that is learnt once more, while the market is shown. */
const LATER_TRADES_MAX = 100_000;

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
  readonly #sequenceOf: (marketId: number) => number;
  readonly #states = new Map<number, MarketState>();
  #emittedUs = 0;
  /** Calls of `publishAggregates`. */
  #ticks = 0;

  /** `sequenceOf` tells the sequence of the last event that was heard of the market's shard; 0 by default. */
  constructor(parts: {
    registry: Registry;
    fanOut: FanOut;
    nowUs: () => number;
    sequenceOf?: (marketId: number) => number;
  }) {
    this.#registry = parts.registry;
    this.#fanOut = parts.fanOut;
    this.#nowUs = parts.nowUs;
    this.#sequenceOf = parts.sequenceOf ?? (() => 0);
  }

  /** To be called once, before the first event of the market. */
  onMarketListed(market: Market): void {
    this.#open(market, NEVER_TRADED, true);
  }

  /**
   * In place of `onMarketListed`, of a market that was there before the gateway. Its events from here on
   * are taken; `onBookLevels` and then `onPastLearnt` bring what was before.
   */
  onMarketDescribed(market: Market, standing: MarketStanding): void {
    this.#open(market, standing, false);
  }

  /** Levels of a described market's book, in their place among its events; see `BookReplica.describe`. */
  onBookLevels({ marketId, updateId, levels }: Readonly<Body<typeof BookLevels>>): void {
    const state = this.#state(marketId);
    assert(!state.isWhole, 'a book is described that is whole already');
    state.replica.describe(updateId, levels);
  }

  /** A described market's book is whole, and so is its past, as far as it is known (null: not at all). */
  onPastLearnt(marketId: number, past: TradingPast | null): void {
    const state = this.#state(marketId);
    const { market, standing, laterTrades } = state;
    assert(laterTrades !== null, 'the past of a market is known already');
    const sequence = this.#sequenceOf(marketId);
    const nowUs = Math.max(this.#nowUs(), state.timeUs);
    state.figures = new TradeFigures(market, standing, past, nowUs, sequence);
    for (const trade of laterTrades) state.figures.add(trade, sequence);
    state.laterTrades = null;
    if (state.isWhole) return;
    state.isWhole = true;
    updateBest(state);
  }

  /**
   * Lets `onPastLearnt` be called once more, with a past that has all trades up to where the market stands
   * now, as it is answered. Meanwhile what is known goes on being shown.
   */
  learnPastAgain(marketId: number): MarketStanding {
    const state = this.#state(marketId);
    assert(state.isWhole, 'the past of a market is being learnt');
    const { day, trades } = state.figures;
    const { updateId } = state.replica;
    const { lastTradeId } = trades;
    state.standing = { updateId, lastTradeId, lastPriceTicks: day.lastPriceTicks };
    state.laterTrades = [];
    return state.standing;
  }

  /** False when more trades came since `learnPastAgain` than are kept for it: it has to begin anew. */
  isLearningPast(marketId: number): boolean {
    return this.#state(marketId).laterTrades !== null;
  }

  onTrade(trade: Readonly<Trade>): void {
    const { marketId } = trade;
    const state = this.#state(marketId);
    if (state.isWhole) state.figures.add(trade, this.#sequenceOf(marketId));
    if (state.laterTrades !== null) keepForPast(state, trade);
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
    if (!state.isWhole) return;
    const { frames, timeUs } = state;
    const { updateId } = state.replica;
    for (const window of state.windows) if (window.isHeard) window.add(levels, updateId);
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
    for (const { frames, figures, isWhole } of this.#states.values()) {
      if (!isWhole || !this.#fanOut.wants(frames.tickerStream)) continue;
      const emitUs = this.#emitUs();
      this.#fanOut.publish(frames.tickerStream, frames.ticker(figures.day.at(emitUs), emitUs));
    }
  }

  /** To be called every `AGGREGATES_INTERVAL_MS`: ends windows of aggregated depth, and tells of candles. */
  publishAggregates(): void {
    this.#ticks++;
    const nowUs = this.#nowUs();
    for (const state of this.#states.values()) {
      if (!state.isWhole) continue;
      for (const window of state.windows) this.#endWindow(state, window);
      state.klines.tellDue(state.figures.candles, nowUs, state.timeUs);
    }
  }

  /**
   * A socket has subscribed to a public stream of the market. To one of its depth it counts as young until it
   * got its events.
   */
  onSubscribed(marketId: number, stream: string): void {
    if (!stream.startsWith('depth.')) return;
    const { quiet, replica, windows } = this.#state(marketId);
    quiet.onDepthSubscribed(replica.updateId);
    windows.find((window) => window.stream === stream)?.hear(true);
  }

  /**
   * The markets that need a `DepthHeartbeat` command now. Counts as sending them: a market answered
   * here is not answered again before its pause is over.
   */
  heartbeatsDue(nowUs: number): number[] {
    const due: number[] = [];
    for (const [marketId, state] of this.#states) {
      const { quiet, replica, market } = state;
      if (!quiet.isHeartbeatDue(replica.updateId, nowUs)) continue;
      if (market.state === OrderBookState.Closed || !this.#isDepthHeard(state)) {
        quiet.onDepthUnheard();
        continue;
      }
      quiet.onHeartbeatSent(nowUs);
      due.push(marketId);
    }
    return due;
  }

  /** The live replica: to be read at once, not kept over an await. */
  book(marketId: number): BookReplica {
    return this.#state(marketId).replica;
  }

  /** Newest first, after skipping the newest `offset`; at most the last 1000 are known. */
  trades(marketId: number, limit: number, offset = 0): PublicTrade[] {
    return this.#state(marketId).figures.trades.newest(limit, offset);
  }

  /**
   * Every trade of the market from `tradeId` on is known; older ones are in the database, once that has the events of
   * the market's shard up to `storedSequence`.
   */
  oldestTrade(marketId: number): { tradeId: number; storedSequence: number } {
    const { oldestTradeId, storedSequence } = this.#state(marketId).figures.trades;
    return { tradeId: oldestTradeId, storedSequence };
  }

  ticker(marketId: number, interval: TickerInterval = '1d'): TickerStatistics {
    const { day, week } = this.#state(marketId).figures;
    return (interval === '1d' ? day : week).at(this.#nowUs());
  }

  /** The market's candles in memory that start in [startSeconds, endSeconds), and from when on they are whole. */
  klines(
    marketId: number,
    interval: KlineInterval,
    startSeconds: number,
    endSeconds: number,
  ): KnownKlines {
    const { market, figures } = this.#state(marketId);
    return knownKlines(figures.candles.series(interval), market, startSeconds, endSeconds);
  }

  /** Price of the market's last trade; null before the first. */
  lastPriceTicks(marketId: number): number | null {
    const price = this.#state(marketId).figures.day.lastPriceTicks;
    return price === 0 ? null : price;
  }

  #open(market: Market, standing: MarketStanding, isWhole: boolean): void {
    const { marketId, symbol } = market;
    assert(!this.#states.has(marketId), `market ${symbol} listed twice`);
    assert(this.#registry.market(marketId) === market, 'market is not in the registry');
    const frames = new MarketFrames(market);
    const sequence = this.#sequenceOf(marketId);
    this.#states.set(marketId, {
      market,
      frames,
      replica: new BookReplica(standing.updateId),
      standing,
      figures: new TradeFigures(market, standing, null, this.#nowUs(), sequence),
      quiet: new QuietMarket(),
      windows: DEPTH_WINDOWS_MS.map((windowMs) => new DepthWindow(windowMs, symbol)),
      klines: this.#klineStreams(frames),
      best: { bidPriceTicks: 0, bidQuantityLots: 0, askPriceTicks: 0, askQuantityLots: 0 },
      timeUs: 0,
      isWhole,
      laterTrades: isWhole ? null : [],
    });
  }

  #klineStreams(frames: MarketFrames): KlineStreams {
    return new KlineStreams((series, startUs, endUs, isClosed) => {
      const stream = frames.klineStream(series.interval);
      if (!this.#fanOut.wants(stream)) return;
      const candle = series.at(startUs)!;
      const frame = frames.kline(candle, endUs, isClosed, stream, this.#emitUs());
      this.#fanOut.publish(stream, frame);
    });
  }

  #endWindow({ frames, timeUs }: MarketState, window: DepthWindow): void {
    if (this.#ticks % (window.windowMs / AGGREGATES_INTERVAL_MS) !== 0) return;
    const { stream } = window;
    window.hear(this.#fanOut.wants(stream));
    const depth = window.take();
    if (depth === null) return;
    this.#fanOut.publish(stream, frames.aggregatedDepth(depth, stream, this.#emitUs(), timeUs));
  }

  #isDepthHeard({ frames, windows }: MarketState): boolean {
    if (this.#fanOut.wants(frames.depthStream)) return true;
    return windows.some(({ stream }) => this.#fanOut.wants(stream));
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

function keepForPast(state: MarketState, trade: Readonly<Trade>): void {
  const trades = state.laterTrades!;
  if (state.isWhole && trades.length === LATER_TRADES_MAX) state.laterTrades = null;
  else trades.push({ ...trade });
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
