import { formatDecimal } from '../../engine/protocol/decimal.ts';
import { nameOf, OrderBookState } from '../../engine/protocol/enums.ts';
import { naiveIsoUs } from '../market-data/time-formats.ts';
import type { Market, Registry } from '../registry/registry.ts';
import { marketParameter } from './market-parameter.ts';
import { QueryParameters } from './query.ts';
import { json, type Route } from './route.ts';

const MARKET_TYPES = ['SPOT', 'PERP', 'IPERP', 'DATED', 'PREDICTION', 'RFQ'] as const;

export function marketRoutes(parts: { registry: Registry }): Route[] {
  const { registry } = parts;
  return [
    {
      method: 'get',
      path: '/api/v1/markets',
      handle: (request) => {
        const parameters = new QueryParameters(request.query);
        const types = parameters.manyOf('marketType', 'MarketType', MARKET_TYPES);
        if (types.length > 0 && !types.includes('SPOT')) return json([]);
        return json(Array.from(registry.markets, describe));
      },
    },
    {
      method: 'get',
      path: '/api/v1/market',
      handle: (request) =>
        json(describe(marketParameter(registry, new QueryParameters(request.query)))),
    },
  ];
}

function describe(market: Market): object {
  return {
    baseSymbol: market.base.symbol,
    createdAt: naiveIsoUs(market.createdAtUs),
    filters: { price: priceFilter(market), quantity: quantityFilter(market) },
    fundingInterval: null,
    fundingRateLowerBound: null,
    fundingRateUpperBound: null,
    imfFunction: null,
    marketType: 'SPOT',
    mmfFunction: null,
    openInterestLimit: '0',
    orderBookState: nameOf(OrderBookState, market.state),
    positionLimitWeight: null,
    quoteSymbol: market.quote.symbol,
    symbol: market.symbol,
    visible: true,
  };
}

/** Only market orders have a band, 25 % around the last price; the other bounds are not enforced. */
function priceFilter({ spec, priceScale }: Market): object {
  return {
    borrowEntryFeeMaxMultiplier: null,
    borrowEntryFeeMinMultiplier: null,
    maxImpactMultiplier: '1.25',
    maxMultiplier: null,
    maxPrice: formatDecimal(spec.maxPriceTicks, priceScale),
    maxPriceUpdateMultiplier: null,
    meanMarkPriceBand: null,
    meanPremiumBand: null,
    minImpactMultiplier: '0.75',
    minMultiplier: null,
    minPrice: formatDecimal(spec.minPriceTicks, priceScale),
    minPriceUpdateMultiplier: null,
    tickSize: formatDecimal(1, priceScale),
  };
}

function quantityFilter({ spec, quantityScale }: Market): object {
  return {
    maxQuantity: formatDecimal(spec.maxQuantityLots, quantityScale),
    minQuantity: formatDecimal(spec.minQuantityLots, quantityScale),
    stepSize: formatDecimal(1, quantityScale),
  };
}
