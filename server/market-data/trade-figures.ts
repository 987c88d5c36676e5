import type { Trade } from '../../engine/protocol/events.ts';
import type { KlineInterval } from '../../persistence/kline-intervals.ts';
import type { Market } from '../registry/registry.ts';
import { MarketCandles } from './market-candles.ts';
import { DAY_WINDOW, RollingTicker, type TickerBucket, WEEK_WINDOW } from './rolling-ticker.ts';
import { type KeptTrade, TradeHistory } from './trade-history.ts';

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
  /** The last candle with trades of each interval; null when the trades heard do not follow it. */
  readonly candles: ReadonlyMap<KlineInterval, TickerBucket> | null;
}

/** All that is made of one market's trades: the newest of them, the rolling tickers, the newest candles. */
export class TradeFigures {
  readonly trades: TradeHistory;
  readonly day: RollingTicker;
  readonly week: RollingTicker;
  readonly candles: MarketCandles;
  readonly #market: Market;
  /** The last trade that was learnt, not heard; 0 when all were heard. */
  readonly #learntTradeId: number;
  /** The same of the candles. */
  readonly #learntCandlesTradeId: number;

  /**
   * @param standing of the market when its trades began to be heard
   * @param past what was before; null when that is unknown, or nothing
   * @param nowUs not before the last trade in `standing`
   * @param sequence of the last event of the market's shard that was heard
   */
  constructor(
    market: Market,
    standing: MarketStanding,
    past: TradingPast | null,
    nowUs: number,
    sequence: number,
  ) {
    const { lastTradeId, lastPriceTicks } = standing;
    this.#market = market;
    this.#learntTradeId = past?.lastTradeId ?? 0;
    const oldest = past?.trades[0];
    this.trades =
      oldest === undefined
        ? new TradeHistory(lastTradeId, lastTradeId === 0 ? 0 : sequence)
        : new TradeHistory(oldest.tradeId - 1);
    this.day = new RollingTicker(DAY_WINDOW, lastPriceTicks);
    this.week = new RollingTicker(WEEK_WINDOW, lastPriceTicks);
    const last = past?.candles ?? null;
    this.#learntCandlesTradeId = last === null ? 0 : this.#learntTradeId;
    const hadTraded = (last === null ? lastTradeId : this.#learntTradeId) > 0;
    const before = {
      last,
      lastPriceTicks: past?.lastPriceTicks ?? lastPriceTicks,
      nowUs,
      sequence,
    };
    this.candles = new MarketCandles(hadTraded ? before : null);
    if (past === null) return;
    for (const trade of past.trades) this.trades.add(trade);
    this.day.restore(past.day, past.lastPriceTicks);
    this.week.restore(past.week, past.lastPriceTicks);
  }

  /** Takes a trade that was heard, unless the past told of it. `sequence` as for `MarketCandles.add`. */
  add(trade: Readonly<Trade>, sequence: number): void {
    const { tradeId, priceTicks, quantityLots, timeUs } = trade;
    // Below 2^53: a market is listed only if its largest price times its largest quantity is.
    const quoteUnits = priceTicks * quantityLots * this.#market.spec.quoteUnitsPerTickLot;
    if (tradeId > this.#learntTradeId) {
      this.trades.add(trade, sequence);
      this.day.add(priceTicks, quantityLots, quoteUnits, timeUs);
      this.week.add(priceTicks, quantityLots, quoteUnits, timeUs);
    }
    if (tradeId > this.#learntCandlesTradeId) {
      this.candles.add(timeUs, tradeId, priceTicks, quantityLots, quoteUnits, sequence);
    }
  }
}
