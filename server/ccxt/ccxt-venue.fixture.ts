import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import ccxt from 'ccxt';
import pg from 'pg';
import { connectionConfig } from '../../persistence/database.ts';
import { holdAnswer } from '../schemas/held-answers.fixture.ts';
import { type Json, VenueClient } from '../venue-client.fixture.ts';
import { VenueUnderTest } from '../venue-process.fixture.ts';

/** ccxt's client of both kinds of transport; the REST methods are those of `ccxt.backpack`. */
export type CcxtClient = InstanceType<typeof ccxt.pro.backpack>;

/** A key pair as the venue gave it. */
export interface Credentials {
  readonly apiKey: string;
  readonly secret: string;
}

/** An account with its clients: one for REST alone, one for streams as well. */
export interface CcxtTrader {
  readonly accountId: number;
  readonly credentials: Credentials;
  readonly rest: InstanceType<typeof ccxt.backpack>;
  readonly pro: CcxtClient;
}

/** Of both SOL_USDC and ETH_USDC. */
export const MAKER_FEE_BPS = 2;
export const TAKER_FEE_BPS = 5;

const ASSETS: readonly (readonly [symbol: string, decimals: number])[] = [
  ['USDC', 6],
  ['SOL', 9],
  ['BTC', 8],
  ['ETH', 9],
];

/** SOL_USDC and ETH_USDC for trading, ETH's tick being no power of ten; BTC_USDC, in which nobody trades. */
const MARKETS: readonly Json[] = [
  { symbol: 'SOL_USDC', tickSize: '0.01', stepSize: '0.01' },
  { symbol: 'ETH_USDC', tickSize: '0.05', stepSize: '0.001' },
  { symbol: 'BTC_USDC', tickSize: '0.1', stepSize: '0.00001' },
];

export const DEPOSITS: Readonly<Record<string, string>> = {
  USDC: '1000000',
  SOL: '10000',
  ETH: '1000',
};

/** A venue in a process of its own, with its embedded Postgres, and ccxt clients that know it by URL only. */
export class CcxtVenue {
  readonly #process: VenueUnderTest;
  readonly #operator: VenueClient;
  readonly #clients: CcxtClient[] = [];
  readonly url: string;

  private constructor(process: VenueUnderTest, ready: Json) {
    this.#process = process;
    this.#operator = new VenueClient(process, ready);
    this.url = String(ready.url);
  }

  static async start(settings: Readonly<Record<string, string>>): Promise<CcxtVenue> {
    const process = new VenueUnderTest({ RINGSIDE_SHARDS: '2', ...settings });
    const venue = new CcxtVenue(process, await process.ready());
    for (const [symbol, decimals] of ASSETS) {
      await venue.admin('POST', '/admin/assets', { symbol, decimals });
    }
    for (const market of MARKETS) await venue.list(market);
    return venue;
  }

  /** @throws AssertionError unless the status is 200 */
  admin(method: string, path: string, body?: Json): Promise<Json> {
    return this.#operator.admin(method, path, body);
  }

  /** Lists a market of assets that are there; the symbol says which. */
  async list(market: Json): Promise<void> {
    const [baseSymbol, quoteSymbol] = String(market.symbol).split('_');
    const fees = { makerFeeBps: MAKER_FEE_BPS, takerFeeBps: TAKER_FEE_BPS };
    await this.admin('POST', '/admin/markets', { baseSymbol, quoteSymbol, ...fees, ...market });
  }

  /** An account with a key and `deposits`, by asset. */
  async trader(name: string, deposits = DEPOSITS): Promise<CcxtTrader> {
    const { accountId } = await this.admin('POST', '/admin/accounts', { name });
    for (const [asset, quantity] of Object.entries(deposits)) {
      const body = { id: `funding ${asset}`, asset, quantity };
      await this.admin('POST', `/admin/accounts/${accountId}/deposits`, body);
    }
    const credentials = await this.key(Number(accountId));
    const rest = held(new ccxt.backpack({ ...this.#options, ...credentials }));
    return { accountId: Number(accountId), credentials, rest, pro: await this.client(credentials) };
  }

  /** One more key of an account. */
  async key(accountId: number, permissions = ['read', 'trade']): Promise<Credentials> {
    const made = await this.admin('POST', `/admin/accounts/${accountId}/keys`, { permissions });
    return { apiKey: String(made.apiKey), secret: String(made.secret) };
  }

  /** A client of REST and streams; a public one without credentials. */
  async client(credentials?: Credentials): Promise<CcxtClient> {
    const client = held(new ccxt.pro.backpack({ ...this.#options, ...credentials }));
    await client.loadHttpProxyAgent();
    this.#clients.push(client);
    return client;
  }

  /** Runs one statement on the venue's tables. */
  async query(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const connection = connectionConfig(this.#process.read('database-url'), 'ringside test');
    const client = new pg.Client(connection);
    await client.connect();
    try {
      return (await client.query(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) await client.close();
    await this.#process.cleanUp();
  }

  /** No pause between requests: what the client's own rate limit does has a test of its own. */
  get #options(): Record<string, unknown> {
    const streams = this.url.replace('http', 'ws');
    const api = { public: this.url, private: this.url, ws: { public: streams, private: streams } };
    return { urls: { api }, enableRateLimit: false };
  }
}

/** Holds every answer of REST that the client gets against its description. */
function held<Client extends InstanceType<typeof ccxt.backpack>>(client: Client): Client {
  client.onRestResponse = (status, _text, url, method, headers: Record<string, string>, body) => {
    const names = new Map(Object.entries(headers).map(([name, v]) => [name.toLowerCase(), v]));
    holdAnswer({ method, url, status, header: (name) => names.get(name) ?? null, body });
    return body.trim();
  };
  return client;
}

/**
 * Starts a venue before the file's tests and ends it after them.
 *
 * @param setUp what else the tests begin with: hooks of one file do not wait for each other
 */
export function useCcxtVenue(
  setUp: (venue: CcxtVenue) => Promise<void> = async () => {},
  settings: Readonly<Record<string, string>> = {},
): () => CcxtVenue {
  let venue: CcxtVenue | undefined;
  before(async () => {
    venue = await CcxtVenue.start(settings);
    await setUp(venue);
  });
  after(() => venue?.stop());
  return () => {
    assert.ok(venue !== undefined, 'the venue is there within tests only');
    return venue;
  };
}
