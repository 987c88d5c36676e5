import { formatDecimal } from '../../engine/protocol/decimal.ts';
import { historyBehind } from '../api-error.ts';
import type { UntilStored } from '../market-data/kline-series.ts';
import type { MarketData } from '../market-data/market-data.ts';
import { type PublicTrade, TRADE_HISTORY_MAX } from '../market-data/trade-history.ts';
import type { Market, Registry } from '../registry/registry.ts';
import { TRADE_HISTORY_QUERY, TRADES_QUERY } from '../schemas/market-data.ts';
import { marketParameter } from './market-parameter.ts';
import { queryReader } from './query-reader.ts';
import { json, type Route } from './route.ts';

const LIMIT_DEFAULT = 100;

const readTradesQuery = queryReader(TRADES_QUERY);
const readHistoryQuery = queryReader(TRADE_HISTORY_QUERY);

/** The trades that memory no longer holds. */
export interface OlderTradeSource {
  /** Up to `limit` trades of the market with an id below `tradeId`, newest first. */
  tradesBefore(marketId: number, tradeId: number, limit: number): Promise<readonly PublicTrade[]>;
}

/** `GET /trades` from memory, `GET /trades/history` from memory and, further back, `olderTrades`. */
export function publicTradeRoutes(parts: {
  registry: Registry;
  marketData: MarketData;
  olderTrades: OlderTradeSource;
  untilStored: UntilStored;
}): Route[] {
  const { registry, marketData } = parts;
  return [
    {
      method: 'get',
      path: '/api/v1/trades',
      handle: (request) => {
        const parameters = readTradesQuery(request.query);
        const market = marketParameter(registry, parameters);
        const trades = marketData.trades(market.marketId, parameters.limit ?? LIMIT_DEFAULT);
        return json(trades.map((trade) => describe(trade, market)));
      },
    },
    {
      method: 'get',
      path: '/api/v1/trades/history',
      handle: async (request) => {
        const parameters = readHistoryQuery(request.query);
        const market = marketParameter(registry, parameters);
        const { limit = LIMIT_DEFAULT, offset = 0 } = parameters;
        const trades = await history(parts, market.marketId, limit, offset);
        return json(trades.map((trade) => describe(trade, market)));
      },
    },
  ];
}

/** @throws ApiError HISTORY_UNAVAILABLE when a trade of the page does not come into the database in time */
async function history(
  { marketData, olderTrades, untilStored }: Parameters<typeof publicTradeRoutes>[0],
  marketId: number,
  limit: number,
  offset: number,
): Promise<PublicTrade[]> {
  const known = marketData.trades(marketId, TRADE_HISTORY_MAX);
  const recent = known.slice(offset, offset + limit);
  const missing = limit - recent.length;
  const oldest = marketData.oldestTrade(marketId);
  // Ids are dense, so an offset is a distance of ids: a page is the same however far the database has come.
  const belowTradeId = oldest.tradeId - Math.max(0, offset - known.length);
  if (missing === 0 || belowTradeId <= 1) return recent;
  const ask = () => olderTrades.tradesBefore(marketId, belowTradeId, missing);
  const older = await ask();
  if (older[0]?.tradeId === belowTradeId - 1) return [...recent, ...older];
  if (!(await untilStored(marketId, oldest.storedSequence))) throw historyBehind();
  return [...recent, ...(await ask())];
}

function describe(trade: PublicTrade, market: Market): object {
  const { priceTicks, quantityLots } = trade;
  const quoteUnits = priceTicks * quantityLots * market.spec.quoteUnitsPerTickLot;
  return {
    id: trade.tradeId,
    isBuyerMaker: trade.buyerIsMaker,
    price: formatDecimal(priceTicks, market.priceScale),
    quantity: formatDecimal(quantityLots, market.quantityScale),
    quoteQuantity: formatDecimal(quoteUnits, market.quote.scale),
    timestamp: Math.floor(trade.timeUs / 1000),
  };
}
