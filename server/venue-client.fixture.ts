import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import type { VenueUnderTest } from './venue-process.fixture.ts';

const ED25519_PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

export type Json = Record<string, unknown>;

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
    const { accountId } = await this.admin('POST', '/admin/accounts', { name: 'trader' });
    const keys = await this.admin('POST', `/admin/accounts/${accountId}/keys`, {});
    this.#apiKey = String(keys.apiKey);
    this.#secret = String(keys.secret);
    for (const asset of ['AAA', 'USD']) {
      const deposit = { id: asset, asset, quantity: '1000' };
      await this.admin('POST', `/admin/accounts/${accountId}/deposits`, deposit);
    }
  }

  /** Places an order over REST, signed. */
  async place(order: Readonly<Record<string, string>>): Promise<{ status: number; body: Json }> {
    const parameters = Object.keys(order)
      .sort()
      .map((name) => `&${name}=${order[name]}`);
    const timestamp = String(Date.now());
    const text = `instruction=orderExecute${parameters.join('')}&timestamp=${timestamp}&window=5000`;
    const seed = Buffer.from(this.#secret, 'base64');
    const key = createPrivateKey({
      key: Buffer.concat([ED25519_PKCS8_PREFIX, seed]),
      format: 'der',
      type: 'pkcs8',
    });
    const reply = await fetch(`${this.#ready.url}/api/v1/order`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-API-Key': this.#apiKey,
        'X-Signature': sign(null, Buffer.from(text), key).toString('base64'),
        'X-Timestamp': timestamp,
        'X-Window': '5000',
      },
      body: JSON.stringify(order),
    });
    return { status: reply.status, body: (await reply.json()) as Json };
  }
}
