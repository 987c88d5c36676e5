import type { MarketListing } from '../client/admin-client.ts';

/** A market of the demo. Prices are whole ticks, quantities whole lots of the listing's steps. */
export interface DemoMarket {
  readonly listing: MarketListing;
  readonly priceDecimals: number;
  readonly quantityDecimals: number;
  readonly startPriceTicks: number;
  /** Distance of the best quote from the mid price, and between quotes. */
  readonly halfSpreadTicks: number;
  readonly gapTicks: number;
  /** Largest move of the mid price in one step. */
  readonly walkTicks: number;
  readonly quoteLots: number;
  readonly seed: number;
}

export const DEMO_ASSETS: readonly { readonly symbol: string; readonly decimals: number }[] = [
  { symbol: 'USDC', decimals: 6 },
  { symbol: 'SOL', decimals: 8 },
  { symbol: 'BTC', decimals: 8 },
  { symbol: 'ETH', decimals: 8 },
];

/** Orders of a cent's worth help nobody, and a limit a quarter beyond the last trade is a slip. */
const RULES = { makerFeeBps: 8, takerFeeBps: 10, minNotional: '1', priceBandBps: 2_500 } as const;

/** Every listing keeps maxPrice × maxQuantity at or below 10^9 USDC, well inside exact numbers. */
export const DEMO_MARKETS: readonly DemoMarket[] = [
  {
    listing: {
      symbol: 'SOL_USDC',
      baseSymbol: 'SOL',
      quoteSymbol: 'USDC',
      tickSize: '0.01',
      stepSize: '0.01',
      minQuantity: '0.01',
      maxQuantity: '100000',
      minPrice: '0.01',
      maxPrice: '10000',
      ...RULES,
    },
    priceDecimals: 2,
    quantityDecimals: 2,
    startPriceTicks: 15_000,
    halfSpreadTicks: 2,
    gapTicks: 2,
    walkTicks: 3,
    quoteLots: 1_500,
    seed: 1,
  },
  {
    listing: {
      symbol: 'BTC_USDC',
      baseSymbol: 'BTC',
      quoteSymbol: 'USDC',
      tickSize: '0.1',
      stepSize: '0.00001',
      minQuantity: '0.00001',
      maxQuantity: '1000',
      minPrice: '0.1',
      maxPrice: '1000000',
      ...RULES,
    },
    priceDecimals: 1,
    quantityDecimals: 5,
    startPriceTicks: 650_000,
    halfSpreadTicks: 20,
    gapTicks: 30,
    walkTicks: 60,
    quoteLots: 12_000,
    seed: 2,
  },
  {
    listing: {
      symbol: 'ETH_USDC',
      baseSymbol: 'ETH',
      quoteSymbol: 'USDC',
      tickSize: '0.01',
      stepSize: '0.0001',
      minQuantity: '0.0001',
      maxQuantity: '10000',
      minPrice: '0.01',
      maxPrice: '100000',
      ...RULES,
    },
    priceDecimals: 2,
    quantityDecimals: 4,
    startPriceTicks: 350_000,
    halfSpreadTicks: 15,
    gapTicks: 20,
    walkTicks: 40,
    quoteLots: 25_000,
    seed: 3,
  },
];
