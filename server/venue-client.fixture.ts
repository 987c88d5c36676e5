import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { heldFetch } from './schemas/held-answers.fixture.ts';
import type { VenueUnderTest } from './venue-process.fixture.ts';

const ED25519_PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

export type Json = Record<string, unknown>;
type Parameters = Readonly<Record<string, string | number>>;

/** The operator's and one trader's way into a venue. */
export class VenueClient {
  readonly #venue: VenueUnderTest;
  readonly #ready: Json;
  #apiKey = '';
  #secret = '';

  constructor(venue: VenueUnderTest, ready: Json) {
    this.#venue = venue;
    this.#ready = ready;
  }

  async admin(method: string, path: string, body?: Json): Promise<Json> {
    const reply = await fetch(`${this.#ready.adminUrl}${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.#venue.read('admin-token')}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await reply.json()) as Json;
    assert.equal(reply.status, 200, JSON.stringify(answer));
    return answer;
  }

  /** A market, and a trader with funds on both sides of it. */
  async setUp(): Promise<void> {
    await this.admin('POST', '/admin/assets', { symbol: 'AAA', decimals: 4 });
    await this.admin('POST', '/admin/assets', { symbol: 'USD', decimals: 2 });
    await this.admin('POST', '/admin/markets', {
      symbol: 'AAA_USD',
      baseSymbol: 'AAA',
      quoteSymbol: 'USD',
      tickSize: '0.01',
      stepSize: '1',
    });
    await this.beTrader('trader', ['AAA', 'USD']);
  }

  /** Makes an account with 1000 of each asset, whose orders are the client's from then on; answers its path. */
  async beTrader(name: string, assets: readonly string[]): Promise<string> {
    const { accountId } = await this.admin('POST', '/admin/accounts', { name });
    const path = `/admin/accounts/${accountId}`;
    const keys = await this.admin('POST', `${path}/keys`, {});
    this.#apiKey = String(keys.apiKey);
    this.#secret = String(keys.secret);
    for (const asset of assets) {
      await this.admin('POST', `${path}/deposits`, { id: asset, asset, quantity: '1000' });
    }
    return path;
  }

  /** The same trader's way into a later life of the venue. */
  at(ready: Json): VenueClient {
    const later = new VenueClient(this.#venue, ready);
    later.#apiKey = this.#apiKey;
    later.#secret = this.#secret;
    return later;
  }

  /** Places an order over REST, signed. */
  place(order: Parameters): Promise<{ status: number; body: Json }> {
    return this.signed('POST', '/api/v1/order', 'orderExecute', order);
  }

  /** Any signed request; one that is no GET has its parameters in the body. */
  async signed(
    method: string,
    path: string,
    instruction: string,
    parameters: Parameters = {},
  ): Promise<{ status: number; body: Json }> {
    const signed = Object.keys(parameters)
      .sort()
      .map((name) => `&${name}=${parameters[name]}`);
    const timestamp = String(Date.now());
    const text = `instruction=${instruction}${signed.join('')}&timestamp=${timestamp}&window=5000`;
    const seed = Buffer.from(this.#secret, 'base64');
    const key = createPrivateKey({
      key: Buffer.concat([ED25519_PKCS8_PREFIX, seed]),
      format: 'der',
      type: 'pkcs8',
    });
    const isGet = method === 'GET';
    const query = isGet ? `?${new URLSearchParams(parameters as Record<string, string>)}` : '';
    const reply = await heldFetch(`${this.#ready.url}${path}${query}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        'X-API-Key': this.#apiKey,
        'X-Signature': sign(null, Buffer.from(text), key).toString('base64'),
        'X-Timestamp': timestamp,
        'X-Window': '5000',
      },
      ...(isGet ? {} : { body: JSON.stringify(parameters) }),
    });
    return { status: reply.status, body: (await reply.json()) as Json };
  }
}
