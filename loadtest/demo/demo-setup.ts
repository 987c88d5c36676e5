import type { AdminClient } from '../client/admin-client.ts';
import { VenueRefusal } from '../client/http-json.ts';
import { RestClient } from '../client/rest-client.ts';
import type { KeyPair } from '../client/signing.ts';
import { DEMO_ASSETS, type DemoMarket } from './demo-markets.ts';

/** Deposits that outlast any demo: whole units of every asset. */
const DEPOSITS: Readonly<Record<string, string>> = {
  USDC: '500000000',
  SOL: '2000000',
  BTC: '5000',
  ETH: '100000',
};
/** Below this part of the deposit an account gets another one. */
const LOW = 0.5;

type Balances = Readonly<Record<string, { readonly available: string; readonly locked: string }>>;

/** The assets and markets of a demo. What is listed already stays as it is, whatever its terms. */
export async function listMarkets(
  admin: AdminClient,
  markets: readonly DemoMarket[],
): Promise<void> {
  for (const { symbol, decimals } of assetsOf(markets)) {
    await unlessListed(admin.createAsset(symbol, decimals));
  }
  for (const { listing } of markets) await unlessListed(admin.listMarket(listing));
}

/**
 * The account of a trader, new or of an earlier demo, with this key in force and funds that will do: it
 * keeps what it has and is given more only where that has become little.
 */
export async function openAccount(
  admin: AdminClient,
  url: string,
  name: string,
  key: KeyPair,
  markets: readonly DemoMarket[],
): Promise<void> {
  const accountId = await admin.createAccount(name);
  await admin.createKey(accountId, key.apiKey);
  const balances = await new RestClient(url, key).signedGet<Balances>(
    '/api/v1/capital',
    'balanceQuery',
  );
  for (const { symbol } of assetsOf(markets)) {
    const { available = '0', locked = '0' } = balances[symbol] ?? {};
    const deposit = DEPOSITS[symbol]!;
    if (Number(available) + Number(locked) >= LOW * Number(deposit)) continue;
    await admin.deposit(accountId, `${name}-${symbol}-${Date.now()}`, symbol, deposit);
  }
}

function assetsOf(markets: readonly DemoMarket[]): typeof DEMO_ASSETS {
  const needed = new Set(
    markets.flatMap(({ listing }) => [listing.baseSymbol, listing.quoteSymbol]),
  );
  return DEMO_ASSETS.filter((asset) => needed.has(asset.symbol));
}

async function unlessListed(listing: Promise<unknown>): Promise<void> {
  try {
    await listing;
  } catch (error) {
    if (!(error instanceof VenueRefusal) || error.code !== 'ALREADY_EXISTS') throw error;
  }
}
