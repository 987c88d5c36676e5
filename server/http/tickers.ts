import { formatDecimal } from '../../engine/protocol/decimal.ts';
import { formatSum } from '../market-data/format-sum.ts';
import type { MarketData, TickerInterval } from '../market-data/market-data.ts';
import type { Market, Registry } from '../registry/registry.ts';
import { TICKER_QUERY, TICKERS_QUERY } from '../schemas/market-data.ts';
import { marketParameter } from './market-parameter.ts';
import { queryReader } from './query-reader.ts';
import { json, type Route } from './route.ts';

const readTickerQuery = queryReader(TICKER_QUERY);
const readTickersQuery = queryReader(TICKERS_QUERY);

/** Decimals of `priceChangePercent`, which is a fraction of 1. */
const CHANGE_DECIMALS = 6;

export function tickerRoutes(parts: { registry: Registry; marketData: MarketData }): Route[] {
  const { registry, marketData } = parts;
  return [
    {
      method: 'get',
      path: '/api/v1/ticker',
      handle: (request) => {
        const parameters = readTickerQuery(request.query);
        const { interval = '1d' } = parameters;
        return json(describe(marketParameter(registry, parameters), marketData, interval));
      },
    },
    {
      method: 'get',
      path: '/api/v1/tickers',
      handle: (request) => {
        const { interval = '1d' } = readTickersQuery(request.query);
        const tickers = registry.markets.map((market) => describe(market, marketData, interval));
        return json(tickers);
      },
    },
  ];
}

/** A market that never traded has all prices "0", which clients read as "none". */
function describe(market: Market, marketData: MarketData, interval: TickerInterval): object {
  const statistics = marketData.ticker(market.marketId, interval);
  const { firstPriceTicks, lastPriceTicks } = statistics;
  const price = (ticks: number) => formatDecimal(ticks, market.priceScale);
  const changeTicks = lastPriceTicks - firstPriceTicks;
  const change = firstPriceTicks === 0 ? 0 : changeTicks / firstPriceTicks;
  return {
    firstPrice: price(firstPriceTicks),
    high: price(statistics.highPriceTicks),
    lastPrice: price(lastPriceTicks),
    low: price(statistics.lowPriceTicks),
    priceChange: price(changeTicks),
    priceChangePercent: fraction(change),
    quoteVolume: formatSum(statistics.quoteVolumeUnits, market.quote.scale),
    symbol: market.symbol,
    trades: String(statistics.tradeCount),
    volume: formatSum(statistics.volumeLots, market.quantityScale),
  };
}

function fraction(value: number): string {
  const rounded = Math.round(value * 10 ** CHANGE_DECIMALS);
  return formatDecimal(rounded, { decimals: CHANGE_DECIMALS, stepUnits: 1 });
}
