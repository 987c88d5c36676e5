import type { MarketListing } from '../client/admin-client.ts';

/** An asset of the run. Amounts of it are whole numbers of 10^-`decimals`. */
export interface ChaosAsset {
  readonly symbol: string;
  readonly decimals: number;
  /** What every account is given at first, in whole assets. */
  readonly endowment: number;
}

/**
 * A market of the run. Prices are whole numbers of 10^-`priceDecimals`, quantities of 10^-`quantityDecimals`; both
 * come in steps of `tick` and `step` such numbers.
 */
export interface ChaosMarket {
  readonly symbol: string;
  readonly base: ChaosAsset;
  readonly quote: ChaosAsset;
  readonly priceDecimals: number;
  readonly tick: number;
  readonly quantityDecimals: number;
  readonly step: number;
  /** Orders are placed around it. */
  readonly middlePrice: number;
  readonly makerFeeBps: number;
  readonly takerFeeBps: number;
  readonly listing: MarketListing;
}

const USD: ChaosAsset = { symbol: 'USD', decimals: 6, endowment: 50_000 };
const ALPHA: ChaosAsset = { symbol: 'ALPHA', decimals: 6, endowment: 1_000 };
const BETA: ChaosAsset = { symbol: 'BETA', decimals: 8, endowment: 2_000 };
const GAMMA: ChaosAsset = { symbol: 'GAMMA', decimals: 4, endowment: 2_000 };

export const CHAOS_ASSETS: readonly ChaosAsset[] = [USD, ALPHA, BETA, GAMMA];

/** Different steps, fees and rules, assets shared between markets, and one market that is halted at times. */
export const CHAOS_MARKETS: readonly ChaosMarket[] = [
  market({
    pair: [ALPHA, USD],
    price: { decimals: 2, tick: 1, middle: 10_000 },
    quantity: { decimals: 3, step: 1 },
    fees: { maker: 1, taker: 5 },
  }),
  market({
    pair: [BETA, USD],
    price: { decimals: 2, tick: 5, middle: 5_000 },
    quantity: { decimals: 2, step: 1 },
    fees: { maker: 0, taker: 10 },
    rules: { minNotional: '1', priceBandBps: 2_000 },
  }),
  market({
    pair: [ALPHA, BETA],
    price: { decimals: 3, tick: 1, middle: 2_000 },
    quantity: { decimals: 2, step: 2 },
    fees: { maker: 3, taker: 3 },
  }),
  market({
    pair: [GAMMA, USD],
    price: { decimals: 3, tick: 1, middle: 20_000 },
    quantity: { decimals: 3, step: 1 },
    fees: { maker: 0, taker: 0 },
  }),
];

/** Its state is changed by the operator now and then. */
export const HALTED_MARKET = CHAOS_MARKETS[3]!;

interface MarketShape {
  readonly pair: readonly [base: ChaosAsset, quote: ChaosAsset];
  readonly price: { readonly decimals: number; readonly tick: number; readonly middle: number };
  readonly quantity: { readonly decimals: number; readonly step: number };
  readonly fees: { readonly maker: number; readonly taker: number };
  readonly rules?: Pick<MarketListing, 'minNotional' | 'priceBandBps'>;
}

function market({ pair: [base, quote], price, quantity, fees, rules }: MarketShape): ChaosMarket {
  const symbol = `${base.symbol}_${quote.symbol}`;
  return {
    symbol,
    base,
    quote,
    priceDecimals: price.decimals,
    tick: price.tick,
    quantityDecimals: quantity.decimals,
    step: quantity.step,
    middlePrice: price.middle,
    makerFeeBps: fees.maker,
    takerFeeBps: fees.taker,
    listing: {
      symbol,
      baseSymbol: base.symbol,
      quoteSymbol: quote.symbol,
      tickSize: (price.tick / 10 ** price.decimals).toFixed(price.decimals),
      stepSize: (quantity.step / 10 ** quantity.decimals).toFixed(quantity.decimals),
      makerFeeBps: fees.maker,
      takerFeeBps: fees.taker,
      ...rules,
    },
  };
}

const BY_SYMBOL = new Map(CHAOS_MARKETS.map((one) => [one.symbol, one]));

/** The market of this symbol; throws when the run has none. */
export function marketOf(symbol: string): ChaosMarket {
  const found = BY_SYMBOL.get(symbol);
  if (found === undefined) throw new RangeError(`no market ${symbol} in this run`);
  return found;
}

/** Price × quantity in units of the quote asset: a whole number, as every listed market promises. */
export function quoteUnitsOf(market: ChaosMarket, price: number, quantity: number): number {
  const { quote, priceDecimals, quantityDecimals } = market;
  return price * quantity * 10 ** (quote.decimals - priceDecimals - quantityDecimals);
}

/** A quantity in units of the base asset. */
export function baseUnitsOf(market: ChaosMarket, quantity: number): number {
  return quantity * 10 ** (market.base.decimals - market.quantityDecimals);
}
