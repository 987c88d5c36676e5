import { formatDecimal, type Scale } from '../../engine/protocol/decimal.ts';
import { nameOf, OrderBookState } from '../../engine/protocol/enums.ts';
import { BASIS_POINTS } from '../../engine/protocol/units.ts';
import { naiveIsoUs } from '../market-data/time-formats.ts';
import { protectionBandBps } from '../orders/reference-prices.ts';
import type { Market, Registry } from '../registry/registry.ts';
import { MARKET_QUERY, MARKETS_QUERY } from '../schemas/listings.ts';
import { marketParameter } from './market-parameter.ts';
import { includesSpot } from './market-type.ts';
import { queryReader } from './query-reader.ts';
import { json, type Route } from './route.ts';

const readMarketQuery = queryReader(MARKET_QUERY);
const readMarketsQuery = queryReader(MARKETS_QUERY);

/** Why a market takes no orders that the kill switch has stopped. */
export const KILL_SWITCH = 'KILL_SWITCH';

interface MarketParts {
  readonly registry: Registry;
  /** Code of the failure of a market's shard while that is down, `KILL_SWITCH` while that has stopped it, else null. */
  readonly haltReasonOf: (marketId: number) => string | null;
}

export function marketRoutes({ registry, haltReasonOf }: MarketParts): Route[] {
  const answer = (market: Market): object => describe(market, haltReasonOf(market.marketId));
  return [
    {
      method: 'get',
      path: '/api/v1/markets',
      handle: (request) => {
        const isAsked = includesSpot(readMarketsQuery(request.query));
        return json(isAsked ? registry.markets.map(answer) : []);
      },
    },
    {
      method: 'get',
      path: '/api/v1/market',
      handle: (request) => json(answer(marketParameter(registry, readMarketQuery(request.query)))),
    },
  ];
}

/** `haltReason`, which the exchange whose API we speak does not have: why the market is down beyond its state. */
function describe(market: Market, haltReason: string | null): object {
  return {
    baseSymbol: market.base.symbol,
    createdAt: naiveIsoUs(market.createdAtUs),
    filters: { price: priceFilter(market), quantity: quantityFilter(market) },
    fundingInterval: null,
    fundingRateLowerBound: null,
    fundingRateUpperBound: null,
    haltReason,
    imfFunction: null,
    marketType: 'SPOT',
    mmfFunction: null,
    openInterestLimit: '0',
    orderBookState: nameOf(OrderBookState, stateOf(market, haltReason)),
    positionLimitWeight: null,
    quoteSymbol: market.quote.symbol,
    symbol: market.symbol,
    visible: true,
  };
}

/** What a market that is down, or stopped, still does. */
function stateOf({ state }: Market, haltReason: string | null): OrderBookState {
  if (haltReason === null) return state;
  const { CancelOnly, Closed } = OrderBookState;
  return haltReason === KILL_SWITCH && state !== Closed ? CancelOnly : Closed;
}

const MULTIPLIER: Scale = { decimals: 4, stepUnits: 1 };

/**
 * The multipliers are of the last trade's price, or a stop order's trigger: for the limits of limit
 * orders, null where the market has no band, and for the prices at which market orders may trade. A
 * limit is held to the one that it reaches towards: a bid's to the upper, an ask's to the lower.
 */
function priceFilter(market: Market): object {
  const { spec, priceScale } = market;
  const impactBps = protectionBandBps(market);
  const times = (bps: number) => formatDecimal(BASIS_POINTS + bps, MULTIPLIER);
  const hasBand = spec.priceBandBps > 0;
  return {
    borrowEntryFeeMaxMultiplier: null,
    borrowEntryFeeMinMultiplier: null,
    maxImpactMultiplier: times(impactBps),
    maxMultiplier: hasBand ? times(spec.priceBandBps) : null,
    maxPrice: formatDecimal(spec.maxPriceTicks, priceScale),
    maxPriceUpdateMultiplier: null,
    meanMarkPriceBand: null,
    meanPremiumBand: null,
    minImpactMultiplier: times(-impactBps),
    minMultiplier: hasBand ? times(-spec.priceBandBps) : null,
    minPrice: formatDecimal(spec.minPriceTicks, priceScale),
    minPriceUpdateMultiplier: null,
    tickSize: formatDecimal(1, priceScale),
  };
}

/** `minNotional`, which the exchange whose API we speak does not have: the least value of an order. */
function quantityFilter({ spec, quantityScale, quote }: Market): object {
  const { minNotionalUnits } = spec;
  return {
    maxQuantity: formatDecimal(spec.maxQuantityLots, quantityScale),
    minNotional: minNotionalUnits > 0 ? formatDecimal(minNotionalUnits, quote.scale) : null,
    minQuantity: formatDecimal(spec.minQuantityLots, quantityScale),
    stepSize: formatDecimal(1, quantityScale),
  };
}
