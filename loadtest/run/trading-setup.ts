import type { AdminClient } from '../client/admin-client.ts';
import { textOf } from '../client/decimal-text.ts';
import { generateKeyPair, type KeyPair } from '../client/signing.ts';
import type { TradedMarket } from '../generator/traded-market.ts';
import { foreignAccounts, foreignMarkets } from './foreign-place.ts';
import type { TestedVenue } from './venue.ts';

/** Ticks and lots of every market of a load test: 0.01 and 0.001 around a price of 1000. */
export const PRICE_DECIMALS = 2;
export const QUANTITY_DECIMALS = 3;
const MID_TICKS = 100_000;
const MAX_PRICE_TICKS = 200_000;
const MAX_QUANTITY_LOTS = 1_000_000_000;
/** A tick times a lot is one unit of the quote asset. */
const QUOTE_DECIMALS = PRICE_DECIMALS + QUANTITY_DECIMALS;
const FEE_BPS = { maker: 1, taker: 2 } as const;
/** All deposits of an asset together stay below half of what the accounts of one shard may hold. */
const SUPPLY_UNITS = 2 ** 52;
/** Assumed of a venue that does not tell. */
const SHARDS_MOST = 64;
/** Requests to the admin port at a time. */
const PARALLEL = 16;

export interface TradingAccount {
  /** Absent where only the venue knows. */
  readonly accountId?: number;
  readonly keyPair: KeyPair;
}

export interface Deposit {
  readonly asset: string;
  readonly quantity: string;
}

/** The markets that a scenario trades in. */
export interface MarketSet {
  readonly markets: readonly TradedMarket[];
  /** Of them; of markets that were listed for it, the quote asset is the first. */
  readonly assets: readonly string[];
}

/** Markets of the scenario's own, or of a venue that lists none for us those that it has. Throws `VenueUnusable`. */
export function findMarkets(venue: TestedVenue, tag: string, count: number): Promise<MarketSet> {
  const { foreign, admin, url } = venue;
  return foreign === undefined
    ? listMarkets(admin!, tag, count)
    : foreignMarkets(url, foreign, count);
}

/** Accounts of the scenario's own, or those that we have keys of. Throws `VenueUnusable`. */
export function findAccounts(
  venue: TestedVenue,
  tag: string,
  markets: MarketSet,
  count: number,
): Promise<TradingAccounts> {
  const { foreign, url } = venue;
  return foreign === undefined
    ? openAccounts(venue, tag, markets, count)
    : foreignAccounts(url, foreign, markets, count);
}

/**
 * Lists markets of their own base assets and one quote asset.
 *
 * @param tag capital letters and digits, new for every scenario: names start with it
 */
export async function listMarkets(
  admin: AdminClient,
  tag: string,
  count: number,
): Promise<MarketSet> {
  const quote = `${tag}Q`;
  await admin.createAsset(quote, QUOTE_DECIMALS);
  const bases = Array.from({ length: count }, (_, index) => `${tag}B${index}`);
  const markets: TradedMarket[] = [];
  for (const base of bases) {
    await admin.createAsset(base, QUANTITY_DECIMALS);
    markets.push(await listMarket(admin, base, quote));
  }
  return { markets, assets: [quote, ...bases] };
}

/** The accounts that trade, and what was paid in to them. */
export interface TradingAccounts {
  readonly accounts: readonly TradingAccount[];
  readonly deposits: readonly Deposit[];
}

/** Creates accounts and funds each with as much of every asset as the supply allows. */
export async function openAccounts(
  { admin, description }: Pick<TestedVenue, 'admin' | 'description'>,
  tag: string,
  { assets }: MarketSet,
  count: number,
): Promise<TradingAccounts> {
  const units = Math.floor(SUPPLY_UNITS / (description.shards ?? SHARDS_MOST) / count);
  const funds = assets.map((asset, index) => ({
    asset,
    quantity: textOf(units, index === 0 ? QUOTE_DECIMALS : QUANTITY_DECIMALS),
  }));
  const names = Array.from({ length: count }, (_, index) => `${tag}-${index}`);
  const accounts = await inParallel(names, (name) => openAccount(admin!, name, funds));
  return { accounts, deposits: accounts.flatMap(() => funds) };
}

async function listMarket(admin: AdminClient, base: string, quote: string): Promise<TradedMarket> {
  const symbol = `${base}_${quote}`;
  await admin.listMarket({
    symbol,
    baseSymbol: base,
    quoteSymbol: quote,
    tickSize: textOf(1, PRICE_DECIMALS),
    stepSize: textOf(1, QUANTITY_DECIMALS),
    maxPrice: textOf(MAX_PRICE_TICKS, PRICE_DECIMALS),
    maxQuantity: textOf(MAX_QUANTITY_LOTS, QUANTITY_DECIMALS),
    makerFeeBps: FEE_BPS.maker,
    takerFeeBps: FEE_BPS.taker,
  });
  return {
    symbol,
    priceDecimals: PRICE_DECIMALS,
    quantityDecimals: QUANTITY_DECIMALS,
    tickUnits: 1,
    lotUnits: 1,
    midTicks: MID_TICKS,
    reachTicks: MID_TICKS - 1,
  };
}

async function openAccount(
  admin: AdminClient,
  name: string,
  funds: readonly Deposit[],
): Promise<TradingAccount> {
  const accountId = await admin.createAccount(name);
  const keyPair = generateKeyPair();
  await admin.createKey(accountId, keyPair.apiKey);
  for (const { asset, quantity } of funds) {
    await admin.deposit(accountId, `${name}-${asset}`, asset, quantity);
  }
  return { accountId, keyPair };
}

/** `Promise.all` of some at a time, in order. */
async function inParallel<Item, Answer>(
  items: readonly Item[],
  use: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let start = 0; start < items.length; start += PARALLEL) {
    answers.push(...(await Promise.all(items.slice(start, start + PARALLEL).map(use))));
  }
  return answers;
}
