import { unitsOf } from '../client/decimal-text.ts';
import { decimalsOf, type ListedMarket } from '../client/listed-market.ts';
import { type DepthSnapshot, RestClient } from '../client/rest-client.ts';
import type { TradedMarket } from '../generator/traded-market.ts';
import type { MarketSet, TradingAccounts } from './trading-setup.ts';
import type { ForeignPlace } from './venue.ts';
import { VenueUnusable } from './venue-unusable.ts';

/** No order is priced beyond, however far a market lets it. */
const REACH_TICKS_MAX = 1_000_000;

/**
 * The first `count` of the markets that were named, or else of all that are open, as they are: prices around the
 * middle of their books. Throws `VenueUnusable`.
 */
export async function foreignMarkets(
  url: string,
  { symbols, keys }: ForeignPlace,
  count: number,
): Promise<MarketSet> {
  const rest = new RestClient(url);
  const listed = await rest.get<readonly ListedMarket[]>('/api/v1/markets');
  const named = symbols?.map((symbol) => {
    const market = listed.find((each) => each.symbol === symbol);
    if (market === undefined) throw new VenueUnusable(`the venue lists no market ${symbol}`);
    return market;
  });
  const open = named ?? listed.filter(({ orderBookState = 'Open' }) => orderBookState === 'Open');
  if (open.length < count) {
    throw new VenueUnusable(`${count} markets are asked for, the venue has ${open.length}`);
  }
  const chosen = open.slice(0, count);
  const markets: TradedMarket[] = [];
  for (const market of chosen) {
    // Who only listens needs no price.
    const reference =
      keys.length === 0
        ? NO_PRICE
        : await referencePrice(rest, market.symbol, decimalsOf(market.filters.price.tickSize));
    markets.push(tradedMarket(market, reference));
  }
  const assets = chosen.flatMap(({ baseSymbol, quoteSymbol }) => [baseSymbol, quoteSymbol]);
  return { markets, assets: [...new Set(assets)] };
}

/**
 * The first `count` of the accounts that we have keys of. None may have open orders in the markets: client ids would
 * be taken, and nobody could tell whose order is whose afterwards. Throws `VenueUnusable`.
 */
export async function foreignAccounts(
  url: string,
  { keys }: ForeignPlace,
  { markets }: MarketSet,
  count: number,
): Promise<TradingAccounts> {
  if (keys.length < count) {
    throw new VenueUnusable(
      `${count} accounts are asked for and --keys has ${keys.length}: fewer --connections (of rest: --accounts)`,
    );
  }
  const accounts = keys.slice(0, count).map((keyPair) => ({ keyPair }));
  for (const { keyPair } of accounts) {
    for (const { symbol } of markets) {
      const open = await openOrders(url, keyPair, symbol);
      if (open === 0) continue;
      throw new VenueUnusable(
        `the account of key ${keyPair.apiKey} has ${open} open orders in ${symbol}: cancel them first`,
      );
    }
  }
  return { accounts, deposits: [] };
}

/** Cancels what a run has left open in markets that are not its own. Answers what could not be cancelled, in words. */
export async function cancelLeftovers(
  url: string,
  { accounts }: TradingAccounts,
  { markets }: MarketSet,
): Promise<string[]> {
  const failures: string[] = [];
  for (const { keyPair } of accounts) {
    const rest = new RestClient(url, keyPair);
    for (const { symbol } of markets) {
      try {
        await rest.signedBody('DELETE', '/api/v1/orders', 'orderCancelAll', { symbol });
      } catch (error) {
        failures.push(
          `orders of key ${keyPair.apiKey} in ${symbol} may still be open: ${(error as Error).message}`,
        );
      }
    }
  }
  return failures;
}

type KeyPairOf = ForeignPlace['keys'][number];

async function openOrders(url: string, keyPair: KeyPairOf, symbol: string): Promise<number> {
  const rest = new RestClient(url, keyPair);
  const orders = await rest
    .signedGet<readonly unknown[]>('/api/v1/orders', 'orderQueryAll', { symbol })
    .catch((error: Error) => {
      throw new VenueUnusable(`the key ${keyPair.apiKey} is of no use here: ${error.message}`);
    });
  return orders.length;
}

function tradedMarket(market: ListedMarket, { mid, isTraded }: ReferencePrice): TradedMarket {
  const { symbol, filters } = market;
  const priceDecimals = decimalsOf(filters.price.tickSize);
  const quantityDecimals = decimalsOf(filters.quantity.stepSize);
  const tickUnits = unitsOf(filters.price.tickSize, priceDecimals);
  const midTicks = Math.round(mid / tickUnits);
  const limits = priceLimits(filters.price, isTraded ? mid : undefined, priceDecimals);
  const reachTicks = Math.min(
    midTicks - Math.ceil(limits.lowest / tickUnits),
    Math.floor(limits.highest / tickUnits) - midTicks,
    midTicks - 1,
    REACH_TICKS_MAX,
  );
  const { stepSize, minQuantity } = filters.quantity;
  const step = unitsOf(stepSize, quantityDecimals);
  const least = minQuantity == null ? step : unitsOf(minQuantity, quantityDecimals);
  const lotUnits = Math.ceil(Math.max(step, least) / step) * step;
  return { symbol, priceDecimals, quantityDecimals, tickUnits, lotUnits, midTicks, reachTicks };
}

/** In units of 10^-decimals. */
interface ReferencePrice {
  readonly mid: number;
  /** There is a last price, around which the market may have limits. */
  readonly isTraded: boolean;
}

const NO_PRICE: ReferencePrice = { mid: 0, isTraded: false };

/** The middle of the book, or where that has an empty side the last trade; in units of 10^-decimals. */
async function referencePrice(
  rest: RestClient,
  symbol: string,
  decimals: number,
): Promise<ReferencePrice> {
  const last = await lastPrice(rest, symbol, decimals);
  const { bids, asks }: DepthSnapshot = await rest.depth(symbol);
  const [bid, ask] = [bids.at(-1), asks[0]];
  if (bid !== undefined && ask !== undefined) {
    const mid = (unitsOf(bid[0], decimals) + unitsOf(ask[0], decimals)) / 2;
    return { mid, isTraded: last > 0 };
  }
  if (last > 0) return { mid: last, isTraded: true };
  throw new VenueUnusable(
    `${symbol} has neither a book of two sides nor a trade: nobody can tell what a price is there`,
  );
}

async function lastPrice(rest: RestClient, symbol: string, decimals: number): Promise<number> {
  const trades = await rest.get<readonly { readonly price: string }[]>('/api/v1/trades', {
    symbol,
    limit: 1,
  });
  return trades[0] === undefined ? 0 : unitsOf(trades[0].price, decimals);
}

/** A market's own limits, and those around the last price, which hold where there is one. */
function priceLimits(
  filter: ListedMarket['filters']['price'],
  last: number | undefined,
  decimals: number,
): { readonly lowest: number; readonly highest: number } {
  const limit = (text: string | null | undefined, none: number): number =>
    text == null ? none : unitsOf(text, decimals);
  const around = (text: string | null | undefined, none: number): number =>
    text == null || last === undefined ? none : last * Number(text);
  return {
    lowest: Math.max(limit(filter.minPrice, 0), around(filter.minMultiplier, 0)),
    highest: Math.min(
      limit(filter.maxPrice, Number.POSITIVE_INFINITY),
      around(filter.maxMultiplier, Number.POSITIVE_INFINITY),
    ),
  };
}
