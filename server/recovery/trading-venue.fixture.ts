import type { TestContext } from 'node:test';
import type { TestServer } from '../../persistence/testing/test-server.ts';
import { Signer } from '../orders/venue.fixture.ts';
import { done, RestartingVenue } from './restarting-venue.fixture.ts';

export const SYMBOLS = ['SOL_USDC', 'BTC_USDC'];
export const LISTINGS = SYMBOLS.map((symbol) => ({
  symbol,
  baseSymbol: symbol.split('_')[0]!,
  quoteSymbol: 'USDC',
  tickSize: '0.05',
  stepSize: '0.01',
  makerFeeBps: 3,
}));

/** Everything public that is not about this very moment. */
const PUBLIC = [
  '/api/v1/assets',
  '/api/v1/markets',
  '/api/v1/tickers',
  '/api/v1/tickers?interval=1w',
  ...SYMBOLS.flatMap((symbol) => [
    `/api/v1/depth?symbol=${symbol}`,
    `/api/v1/trades?symbol=${symbol}&limit=1000`,
    `/api/v1/trades/history?symbol=${symbol}&limit=700&offset=0`,
    `/api/v1/trades/history?symbol=${symbol}&limit=700&offset=650`,
    `/api/v1/trades/history?symbol=${symbol}&limit=100&offset=1050`,
  ]),
];

export async function publicAnswers(venue: RestartingVenue): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const path of PUBLIC) {
    const body = await done(venue.get(path));
    if (path.includes('depth')) delete body.timestamp;
    answers[path] = body;
  }
  return answers;
}

export interface Trader {
  readonly accountId: number;
  readonly signer: Signer;
}

export async function addTrader(venue: RestartingVenue, name: string): Promise<Trader> {
  const { accountId } = await done(venue.admin('POST', '/admin/accounts', { name }));
  const signer = new Signer();
  const path = `/admin/accounts/${accountId}`;
  await done(venue.admin('POST', `${path}/keys`, { publicKey: signer.apiKey }));
  for (const asset of ['SOL', 'BTC', 'USDC']) {
    await done(venue.admin('POST', `${path}/deposits`, { id: asset, asset, quantity: '10000000' }));
  }
  return { accountId: Number(accountId), signer };
}

/** A venue with its markets and two traders; of two shards unless given. */
export async function openTrading(
  context: TestContext,
  server: TestServer,
  options?: Parameters<typeof RestartingVenue.open>[2],
  shardCount = 2,
) {
  const venue = await RestartingVenue.open(server, shardCount, options);
  context.after(() => venue.close());
  for (const symbol of ['SOL', 'BTC', 'USDC']) {
    await done(venue.admin('POST', '/admin/assets', { symbol, decimals: 8 }));
  }
  for (const listing of LISTINGS) await done(venue.admin('POST', '/admin/markets', listing));
  const traders = [await addTrader(venue, 'one'), await addTrader(venue, 'two')];
  return { venue, traders };
}
