import assert from 'node:assert/strict';
import { Signer } from '../orders/venue.fixture.ts';
import { VenueClient } from '../venue-client.fixture.ts';
import type { VenueUnderTest } from '../venue-process.fixture.ts';
import { type Received, TestSocket } from '../ws/socket.fixture.ts';

export type Fields = Record<string, unknown>;

export const SYMBOLS = ['AAA_USD', 'BBB_USD'] as const;

export const codeOf = (reply: Received) => (reply.error as { code: string } | undefined)?.code;
export const resultOf = (reply: Received): Fields => reply.result as unknown as Fields;

/** An account of a venue in a process of its own, and its key. */
export interface ProcessTrader {
  readonly accountId: number;
  readonly signer: Signer;
}

/** The operator of a venue in a process of its own, in one of its lives. */
export class Operator {
  readonly client: VenueClient;
  readonly #wsUrl: string;
  readonly #adminUrl: string;
  readonly #url: string;
  readonly #home: VenueUnderTest;

  private constructor(home: VenueUnderTest, ready: Fields) {
    this.client = new VenueClient(home, ready);
    this.#home = home;
    this.#url = String(ready.url);
    this.#adminUrl = String(ready.adminUrl);
    this.#wsUrl = `${this.#url.replace('http', 'ws')}/ws`;
  }

  /** @param home whose data dir the venue lives in */
  static async of(venue: VenueUnderTest, home = venue): Promise<Operator> {
    return new Operator(home, await venue.ready());
  }

  /** Lists both markets: where there are two shards each has one. */
  async listMarkets(): Promise<void> {
    for (const symbol of ['AAA', 'BBB', 'USD']) await this.admin('assets', { symbol, decimals: 6 });
    for (const symbol of SYMBOLS) {
      const [baseSymbol, quoteSymbol] = symbol.split('_');
      const steps = { tickSize: '0.01', stepSize: '0.01' };
      await this.admin('markets', { symbol, baseSymbol, quoteSymbol, ...steps });
    }
  }

  async addTrader(name: string): Promise<ProcessTrader> {
    const signer = new Signer();
    const { accountId } = await this.admin('accounts', { name });
    const path = `accounts/${accountId}`;
    await this.admin(`${path}/keys`, { publicKey: signer.apiKey });
    for (const asset of ['AAA', 'BBB', 'USD']) {
      await this.admin(`${path}/deposits`, { id: asset, asset, quantity: '1000000' });
    }
    return { accountId: Number(accountId), signer };
  }

  admin(path: string, body: Fields): Promise<Fields> {
    return this.client.admin('POST', `/admin/${path}`, body);
  }

  /** As it is, whatever the status. */
  async adminAnswer(
    method: string,
    path: string,
    body?: Fields,
  ): Promise<{ status: number; body: Fields }> {
    const reply = await fetch(`${this.#adminUrl}${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.#home.read('admin-token')}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: reply.status, body: (await reply.json()) as Fields };
  }

  async metrics(): Promise<string> {
    const token = this.#home.read('admin-token');
    const headers = { Authorization: `Bearer ${token}` };
    return (await fetch(`${this.#adminUrl}/metrics`, { headers })).text();
  }

  async get(path: string): Promise<Fields> {
    return (await fetch(this.#url + path)).json() as Promise<Fields>;
  }

  /** A socket that is logged in. */
  async logIn({ signer, accountId }: ProcessTrader, params?: Fields): Promise<TestSocket> {
    const socket = await TestSocket.open(this.#wsUrl);
    const signature = signer.frameSignature();
    const reply = await socket.request('session.login', { signature, params });
    assert.equal(resultOf(reply)?.accountId, accountId, JSON.stringify(reply));
    return socket;
  }

  /** A socket that hears the trader's order updates, and nothing else. */
  async listen({ signer }: ProcessTrader): Promise<TestSocket> {
    const socket = await TestSocket.open(this.#wsUrl);
    const params = ['account.orderUpdate'];
    socket.send({ id: 0, method: 'SUBSCRIBE', params, signature: signer.frameSignature() });
    await socket.frame(({ id }) => id === 0);
    return socket;
  }

  /** Ids of the trader's open orders, sorted. */
  async openOrders(trader: ProcessTrader): Promise<string[]> {
    const socket = await TestSocket.open(this.#wsUrl);
    const signature = trader.signer.frameSignature();
    await socket.request('session.login', { signature });
    const reply = await socket.request('order.query', {});
    await socket.close();
    return (reply.result as unknown as Fields[]).map(({ id }) => String(id)).sort();
  }
}

/** An order far from the middle, which rests. */
export function restingOrder(symbol: string, index: number, more: Fields = {}): Fields {
  const price = (1 + (index % 50) / 100).toFixed(2);
  return { symbol, side: 'Bid', orderType: 'Limit', price, quantity: '1', ...more };
}

/** Places orders that rest; answers their ids, sorted. */
export async function placeResting(
  socket: TestSocket,
  count: number,
  symbols: readonly string[] = SYMBOLS,
): Promise<string[]> {
  const replies = await Promise.all(
    Array.from({ length: count }, (_, index) => {
      const params = restingOrder(symbols[index % symbols.length]!, index);
      return socket.request('order.place', { params });
    }),
  );
  for (const reply of replies) assert.equal(reply.status, 200, JSON.stringify(reply));
  return replies.map((reply) => String(resultOf(reply).id)).sort();
}

/** Closes without a word, as a machine that has lost its power: the venue gets a reset. */
export async function reset(socket: TestSocket): Promise<void> {
  const { _socket: tcp } = socket.raw as unknown as { _socket: { resetAndDestroy(): void } };
  tcp.resetAndDestroy();
  await socket.closed;
}

/** Waits until as many orders of the stream were cancelled; answers their ids, sorted. */
export async function cancelledOf(stream: TestSocket, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const { data } = await stream.frame((frame) => (frame.data as Fields)?.e === 'orderCancelled');
    ids.push(String((data as Fields).i));
  }
  return ids.sort();
}
