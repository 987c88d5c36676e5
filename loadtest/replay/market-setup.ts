import type { AdminClient } from '../client/admin-client.ts';
import type { RestClient } from '../client/rest-client.ts';
import { generateKeyPair, type KeyPair } from '../client/signing.ts';
import { CommandKind, type CommandList } from './commands.ts';
import { PRICE_DECIMALS } from './day-parser.ts';

const QUOTE_ASSET = 'USD';
/** Four places hold a fee of whole basis points on a price of whole cents exactly. */
const QUOTE_DECIMALS = 4;

/** Limits that suit any day, so that a second replay lists the same market. */
const MAX_QUANTITY = 1_000_000;
/** An order of this worth, and as much again in fees, is below 2^53 units of 10^-4 dollars. */
const MAX_NOTIONAL_DOLLARS = 400_000_000_000;

interface ReplayMarket {
  readonly symbol: string;
  /** One key per account of the command list. */
  readonly keyPairs: readonly KeyPair[];
}

interface MarketOptions {
  readonly stock: string;
  readonly feeBps: { readonly maker: number; readonly taker: number };
}

/** The venue cannot take this replay, for instance because the market is in use. */
export class MarketSetupError extends Error {
  override name = 'MarketSetupError';
}

/** Lists assets and market, creates the accounts with a new key each, and funds them for the day. */
export async function setUpMarket(
  admin: AdminClient,
  list: CommandList,
  options: MarketOptions,
): Promise<ReplayMarket> {
  const { stock } = options;
  const symbol = `${stock}_${QUOTE_ASSET}`;
  const needs = needsOf(list);
  const maxQuantity = Math.max(MAX_QUANTITY, needs.largestSize);
  await admin.createAsset(QUOTE_ASSET, QUOTE_DECIMALS);
  await admin.createAsset(stock, 0);
  await admin.listMarket({
    symbol,
    baseSymbol: stock,
    quoteSymbol: QUOTE_ASSET,
    tickSize: needs.isWholeCents ? '0.01' : '0.0001',
    stepSize: '1',
    minQuantity: '1',
    maxQuantity: String(maxQuantity),
    maxPrice: String(Math.floor(MAX_NOTIONAL_DOLLARS / maxQuantity)),
    makerFeeBps: options.feeBps.maker,
    takerFeeBps: options.feeBps.taker,
  });
  const keyPairs: KeyPair[] = [];
  for (let account = 0; account < list.accounts; account++) {
    keyPairs.push(await fundAccount(admin, `replay-${symbol}-${account}`, stock, needs));
  }
  return { symbol, keyPairs };
}

/** The update id of the market's book, which must be empty. */
export async function emptyBookUpdateId(rest: RestClient, symbol: string): Promise<number> {
  const snapshot = await rest.depth(symbol);
  if (snapshot.bids.length + snapshot.asks.length > 0) {
    throw new MarketSetupError(
      `the book of ${symbol} is not empty: use a fresh venue, or --stock for another market name`,
    );
  }
  return Number(snapshot.lastUpdateId);
}

interface Needs {
  readonly isWholeCents: boolean;
  readonly largestSize: number;
  /** More than all orders of the day together can lock. */
  readonly shares: number;
  readonly dollars: number;
}

function needsOf(list: CommandList): Needs {
  let isWholeCents = true;
  let largestSize = 1;
  let shares = 0;
  let notional = 0;
  for (const { kind, price, size } of list.commands) {
    if (kind === CommandKind.Cancel || kind === CommandKind.Reduce) continue;
    isWholeCents &&= price % 100 === 0;
    largestSize = Math.max(largestSize, size);
    shares += size;
    notional += (price / 10 ** PRICE_DECIMALS) * size;
  }
  // Twice the notional also covers fees up to 10,000 basis points.
  return {
    isWholeCents,
    largestSize,
    shares: shares + 1,
    dollars: Math.ceil(notional) * 2 + 1,
  };
}

async function fundAccount(
  admin: AdminClient,
  name: string,
  stock: string,
  needs: Needs,
): Promise<KeyPair> {
  const accountId = await admin.createAccount(name);
  const keyPair = generateKeyPair();
  await admin.createKey(accountId, keyPair.apiKey);
  // A new id per run: a second run on the same venue needs funds of its own.
  const depositId = `${name}-${keyPair.apiKey.slice(0, 12)}`;
  await admin.deposit(accountId, `${depositId}-quote`, QUOTE_ASSET, String(needs.dollars));
  await admin.deposit(accountId, `${depositId}-base`, stock, String(needs.shares));
  return keyPair;
}
