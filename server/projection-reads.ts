import { assert } from '../engine/assert.ts';
import { parseDecimal, type Scale } from '../engine/protocol/decimal.ts';
import { isRefusal } from '../persistence/database-errors.ts';
import type { ProjectionQueries, RecordedTrade } from '../persistence/queries.ts';
import { ApiError } from './api-error.ts';
import type { OlderTradeSource } from './http/public-trades.ts';
import { KLINES_MAX, type KlineSource } from './market-data/kline-series.ts';
import type { PublicTrade } from './market-data/trade-history.ts';
import type { Registry } from './registry/registry.ts';

/** Candles from the database. */
export function klineSource(queries: ProjectionQueries): KlineSource {
  return {
    async klines(marketId, interval, startSeconds, endSeconds) {
      const rows = await reachable(
        queries.klines(marketId, interval, startSeconds * 1e6, endSeconds * 1e6, KLINES_MAX),
      );
      return rows.map((row) => ({
        startSeconds: row.start,
        open: row.open,
        high: row.high,
        low: row.low,
        close: row.close,
        volume: row.volume,
        quoteVolume: row.quoteVolume,
        trades: Number(row.trades),
      }));
    },
    lastCloseBefore: (marketId, interval, startSeconds) =>
      reachable(queries.lastCloseBefore(marketId, interval, startSeconds * 1e6)),
  };
}

/** Trades that memory no longer holds, from the database. */
export function olderTradeSource(queries: ProjectionQueries, registry: Registry): OlderTradeSource {
  return {
    async tradesBefore(marketId, tradeId, limit) {
      const rows = await reachable(queries.recentTrades(marketId, limit, 0, tradeId));
      const { priceScale, quantityScale } = registry.market(marketId);
      return rows.map((row) => publicTrade(row, priceScale, quantityScale));
    },
  };
}

function publicTrade(row: RecordedTrade, priceScale: Scale, quantityScale: Scale): PublicTrade {
  return {
    tradeId: row.tradeId,
    priceTicks: stored(row.price, priceScale),
    quantityLots: stored(row.quantity, quantityScale),
    timeUs: row.timeUs,
    buyerIsMaker: row.takerSide === 'Ask',
  };
}

/** A price or quantity of the database, in steps. */
export function stored(text: string, scale: Scale): number {
  const steps = parseDecimal(text, scale);
  assert(typeof steps === 'number', `a stored ${text} that is off its step`);
  return steps;
}

/** The database may be away: that is the client's news, not an error of ours. */
async function reachable<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    if (isRefusal(error)) throw error;
    throw new ApiError(503, 'HISTORY_UNAVAILABLE', 'The database is out of reach, try again');
  }
}
