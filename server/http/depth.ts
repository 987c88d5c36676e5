import { formatDecimal } from '../../engine/protocol/decimal.ts';
import { OrderBookState } from '../../engine/protocol/enums.ts';
import { ApiError } from '../api-error.ts';
import type { MarketData } from '../market-data/market-data.ts';
import type { PriceLevels } from '../market-data/price-levels.ts';
import type { Market, Registry } from '../registry/registry.ts';
import { DEPTH_QUERY } from '../schemas/market-data.ts';
import { marketParameter } from './market-parameter.ts';
import { queryReader } from './query-reader.ts';
import { json, type Route } from './route.ts';

const readQuery = queryReader(DEPTH_QUERY);

/** `GET /depth`: from the same replica and at the same update id as the depth stream. */
export function depthRoutes(parts: {
  registry: Registry;
  marketData: MarketData;
  nowUs: () => number;
}): Route[] {
  const { registry, marketData, nowUs } = parts;
  return [
    {
      method: 'get',
      path: '/api/v1/depth',
      handle: (request) => {
        const parameters = readQuery(request.query);
        const limit = Number(parameters.limit ?? '1000');
        const market = marketParameter(registry, parameters);
        if (market.state === OrderBookState.Closed) {
          throw new ApiError(404, 'RESOURCE_NOT_FOUND', 'Not Found');
        }
        const book = marketData.book(market.marketId);
        return json({
          asks: describe(book.asks, limit, market),
          bids: describe(book.bids, limit, market).reverse(),
          lastUpdateId: String(book.updateId),
          timestamp: nowUs(),
        });
      },
    },
  ];
}

/** The best `limit` levels of one side, best first. */
function describe(levels: PriceLevels, limit: number, market: Market): [string, string][] {
  const best = levels.best(limit);
  const described: [string, string][] = [];
  for (let index = 0; index < best.length; index += 2) {
    described.push([
      formatDecimal(best[index]!, market.priceScale),
      formatDecimal(best[index + 1]!, market.quantityScale),
    ]);
  }
  return described;
}
