import { ListMarket, marketFields } from '../../engine/protocol/commands.ts';
import { DECIMAL_LENGTH_MAX, formatDecimal } from '../../engine/protocol/decimal.ts';
import { nameOf, OrderBookState } from '../../engine/protocol/enums.ts';
import { MarketListed } from '../../engine/protocol/events.ts';
import { homeShardOfMarket } from '../../engine/protocol/sharding.ts';
import { BASIS_POINTS } from '../../engine/protocol/units.ts';
import { ApiError } from '../api-error.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { json, type Route } from '../http/route.ts';
import type { Asset, Market, Registry } from '../registry/registry.ts';
import { BodyFields } from './body-fields.ts';
import { Creations } from './creations.ts';
import { type ListingRequest, listingSpec } from './listing.ts';
import { MarketStates } from './market-states.ts';
import { ALL_SHARDS, askShards, partOf } from './shard-request.ts';

type Spec = ReturnType<typeof listingSpec>;

const SYMBOL_LENGTH_MAX = 33;

/** `POST /admin/markets` and `POST /admin/markets/{symbol}/state`; both answer the market. */
export function marketRoutes(
  engine: EngineClient,
  registry: Registry,
  onListed: (market: Market) => void,
): Route[] {
  const creations = new Creations<Market>('market', (symbol) => {
    const market = registry.marketBySymbol(symbol);
    return market && { content: contentOf(market.spec), result: market };
  });
  const states = new MarketStates(engine);

  /** Users see the market from here on: no shard can meet an order of a market it does not know. */
  async function list(spec: Spec): Promise<Market> {
    const command = { requestId: 0, marketId: registry.nextMarketId, ...spec };
    const parts = await askShards(engine, ListMarket, command, ALL_SHARDS);
    const { requestId: _, timeUs, ...listed } = partOf(parts, MarketListed);
    const market = registry.addMarket(listed, timeUs);
    onListed(market);
    return market;
  }

  const answer = (market: Market) => json(describe(market, engine.shardCount));

  return [
    {
      method: 'post',
      path: '/admin/markets',
      async handle(request) {
        const fields = new BodyFields(request.body);
        const base = assetNamed(registry, fields.text('baseSymbol', 16));
        const quote = assetNamed(registry, fields.text('quoteSymbol', 16));
        const spec = listingSpec(listingRequest(fields), base, quote);
        return answer(await creations.once(spec.symbol, contentOf(spec), () => list(spec)));
      },
    },
    {
      method: 'post',
      path: '/admin/markets/:symbol/state',
      async handle(request, parameters) {
        const market = registry.marketBySymbol(parameters.symbol!);
        if (market === undefined) throw new ApiError(404, 'RESOURCE_NOT_FOUND', 'Not Found');
        const fields = new BodyFields(request.body);
        const state = fields.choice('orderBookState', OrderBookState) as OrderBookState;
        await states.change(market, state);
        return answer(market);
      },
    },
  ];
}

/** Everything of a listing but its id. */
function contentOf(spec: Spec): string {
  const fields = Object.keys(marketFields) as (keyof typeof marketFields)[];
  return JSON.stringify(fields.map((field) => (field === 'marketId' ? null : spec[field])));
}

function assetNamed(registry: Registry, symbol: string): Asset {
  const asset = registry.assetBySymbol(symbol);
  if (asset !== undefined) return asset;
  throw new ApiError(400, 'INVALID_ASSET', `no asset ${symbol}`);
}

function listingRequest(fields: BodyFields): ListingRequest {
  const decimal = (name: string): string | null => fields.optionalText(name, DECIMAL_LENGTH_MAX);
  return {
    symbol: fields.text('symbol', SYMBOL_LENGTH_MAX),
    tickSize: fields.text('tickSize', DECIMAL_LENGTH_MAX),
    stepSize: fields.text('stepSize', DECIMAL_LENGTH_MAX),
    minPrice: decimal('minPrice'),
    maxPrice: decimal('maxPrice'),
    minQuantity: decimal('minQuantity'),
    maxQuantity: decimal('maxQuantity'),
    makerFeeBps: fields.optionalInteger('makerFeeBps', 0, BASIS_POINTS) ?? 0,
    takerFeeBps: fields.optionalInteger('takerFeeBps', 0, BASIS_POINTS) ?? 0,
    minNotional: decimal('minNotional'),
    priceBandBps: fields.optionalInteger('priceBandBps', 0, BASIS_POINTS) ?? 0,
  };
}

function describe(market: Market, shardCount: number): object {
  const { spec, priceScale, quantityScale } = market;
  return {
    marketId: market.marketId,
    symbol: market.symbol,
    baseSymbol: market.base.symbol,
    quoteSymbol: market.quote.symbol,
    tickSize: formatDecimal(1, priceScale),
    stepSize: formatDecimal(1, quantityScale),
    minPrice: formatDecimal(spec.minPriceTicks, priceScale),
    maxPrice: formatDecimal(spec.maxPriceTicks, priceScale),
    minQuantity: formatDecimal(spec.minQuantityLots, quantityScale),
    maxQuantity: formatDecimal(spec.maxQuantityLots, quantityScale),
    makerFeeBps: spec.makerFeeBps,
    takerFeeBps: spec.takerFeeBps,
    minNotional: formatDecimal(spec.minNotionalUnits, market.quote.scale),
    priceBandBps: spec.priceBandBps,
    orderBookState: nameOf(OrderBookState, market.state),
    shard: homeShardOfMarket(market.marketId, shardCount),
  };
}
