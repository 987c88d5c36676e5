import { formatDecimal } from '../../engine/protocol/decimal.ts';
import { OrderBookState } from '../../engine/protocol/enums.ts';
import { ApiError } from '../api-error.ts';
import type { BookReplica } from '../market-data/book-replica.ts';
import type { MarketData } from '../market-data/market-data.ts';
import type { PriceLevels } from '../market-data/price-levels.ts';
import type { Market, Registry } from '../registry/registry.ts';
import { DEPTH_QUERY } from '../schemas/market-data.ts';
import { marketParameter } from './market-parameter.ts';
import { queryReader } from './query-reader.ts';
import type { Route } from './route.ts';
import { jsonText } from './signed-request.ts';

const readQuery = queryReader(DEPTH_QUERY);

/** The texts of a book as it is, by limit. */
interface DepthTexts {
  readonly version: number;
  readonly byLimit: Map<number, string>;
}

/**
 * `GET /depth`: from the same replica and at the same update id as the depth stream. The text of a book is kept until
 * it changes: to write forty levels is a third of what a request costs.
 */
export function depthRoutes(parts: {
  registry: Registry;
  marketData: MarketData;
  nowUs: () => number;
}): Route[] {
  const { registry, marketData, nowUs } = parts;
  const texts = new WeakMap<BookReplica, DepthTexts>();
  const levelsText = (market: Market, limit: number): string => {
    const book = marketData.book(market.marketId);
    let kept = texts.get(book);
    if (kept?.version !== book.version) {
      kept = { version: book.version, byLimit: new Map() };
      texts.set(book, kept);
    }
    let text = kept.byLimit.get(limit);
    if (text === undefined) {
      text = describe(book, limit, market);
      kept.byLimit.set(limit, text);
    }
    return text;
  };
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
        return jsonText(`{${levelsText(market, limit)},"timestamp":${nowUs()}}`);
      },
    },
  ];
}

/** Members of a JSON object: the best `limit` levels of each side, ascending, and the update id. */
function describe(book: BookReplica, limit: number, market: Market): string {
  const asks = JSON.stringify(bestOf(book.asks, limit, market));
  const bids = JSON.stringify(bestOf(book.bids, limit, market).reverse());
  return `"asks":${asks},"bids":${bids},"lastUpdateId":"${book.updateId}"`;
}

/** The best `limit` levels of one side, best first. */
function bestOf(levels: PriceLevels, limit: number, market: Market): [string, string][] {
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
