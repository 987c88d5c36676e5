import { Side } from '../../engine/protocol/enums.ts';
import type { KlineInterval } from '../../persistence/kline-intervals.ts';
import type {
  Kline,
  MarketPast,
  ProjectionQueries,
  RecordedTrade,
} from '../../persistence/queries.ts';
import { parseSum } from '../market-data/format-sum.ts';
import {
  DAY_WINDOW,
  type TickerBucket,
  type TickerWindow,
  WEEK_WINDOW,
} from '../market-data/rolling-ticker.ts';
import type { MarketStanding, TradingPast } from '../market-data/trade-figures.ts';
import { type KeptTrade, TRADE_HISTORY_MAX } from '../market-data/trade-history.ts';
import { stored } from '../projection-reads.ts';
import type { Market } from '../registry/registry.ts';

/**
 * Reads what a market's public figures at `nowUs` are made of.
 *
 * @throws Error of the driver when the database is away.
 */
export function readMarketPast(
  queries: ProjectionQueries,
  marketId: number,
  nowUs: number,
): Promise<MarketPast> {
  const minutesFromUs = startUs(DAY_WINDOW, nowUs);
  const hoursFromUs = startUs(WEEK_WINDOW, nowUs);
  return queries.marketPast(marketId, TRADE_HISTORY_MAX, minutesFromUs, hoursFromUs);
}

/**
 * The past of a market as the database knows it, beside where the gateway met the market.
 *
 * @param isWhole whether the database had the market's events up to there. When it had not, what is missing stays so
 *   in the tickers, and the newest trades and candles begin with those that are heard.
 */
export function tradingPastOf(
  past: MarketPast,
  market: Market,
  standing: MarketStanding,
  isWhole: boolean,
): TradingPast {
  const [newest] = past.trades;
  const storedTradeId = newest?.tradeId ?? 0;
  // Of the trades that were there some may have been kept no longer.
  const isBeyond = newest !== undefined && storedTradeId >= standing.lastTradeId;
  return {
    lastTradeId: isWhole ? Math.max(storedTradeId, standing.lastTradeId) : storedTradeId,
    lastPriceTicks: isBeyond ? stored(newest.price, market.priceScale) : standing.lastPriceTicks,
    trades: isBeyond ? past.trades.toReversed().map((trade) => keptTrade(trade, market)) : [],
    day: past.minutes.map((candle) => tickerBucket(candle, market)),
    week: past.hours.map((candle) => tickerBucket(candle, market)),
    candles: isWhole ? lastCandles(past, market) : null,
  };
}

function lastCandles({ latest }: MarketPast, market: Market): Map<KlineInterval, TickerBucket> {
  const candles = [...latest].map(
    ([interval, candle]) => [interval, tickerBucket(candle, market)] as const,
  );
  return new Map(candles);
}

/** Of the oldest bucket in the window that ends now. Its buckets are the candles of the same length. */
function startUs({ bucketUs, bucketCount }: TickerWindow, nowUs: number): number {
  return (Math.floor(nowUs / bucketUs) - bucketCount + 1) * bucketUs;
}

function keptTrade(trade: RecordedTrade, { priceScale, quantityScale }: Market): KeptTrade {
  return {
    tradeId: trade.tradeId,
    priceTicks: stored(trade.price, priceScale),
    quantityLots: stored(trade.quantity, quantityScale),
    takerSide: Side[trade.takerSide],
    timeUs: trade.timeUs,
  };
}

function tickerBucket(candle: Kline, { priceScale, quantityScale, quote }: Market): TickerBucket {
  return {
    startUs: candle.start * 1e6,
    firstPriceTicks: stored(candle.open, priceScale),
    lastPriceTicks: stored(candle.close, priceScale),
    highPriceTicks: stored(candle.high, priceScale),
    lowPriceTicks: stored(candle.low, priceScale),
    volumeLots: parseSum(candle.volume, quantityScale),
    quoteVolumeUnits: parseSum(candle.quoteVolume, quote.scale),
    tradeCount: Number(candle.trades),
  };
}
