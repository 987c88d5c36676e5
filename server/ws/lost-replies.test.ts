import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../../engine/collections/random.ts';
import { TcpProxy } from '../../persistence/testing/tcp-proxy.ts';
import { useTestServer } from '../../persistence/testing/test-server.ts';
import { type Item, SignedClient } from '../http/signed-client.fixture.ts';
import { openTrading, SYMBOLS } from '../recovery/trading-venue.fixture.ts';
import { type Received, TestSocket } from './socket.fixture.ts';

const server = useTestServer();
const SEED = 0x105;
const ORDERS = 40;
/** The sooner an order expires, the sooner its client may know that the venue never had it. */
const EXPIRES_AFTER_MS = 250;

/** How a connection ends with an order on its way. */
const CUTS = ['before the order', 'behind the order', 'before the reply', 'at any time'] as const;

const codeOf = (reply: Received) => (reply.error as { code: string } | undefined)?.code;
const receivedUsOf = (reply: Received) => (reply.times as { received: number }).received;

interface Order {
  readonly symbol: string;
  readonly clientId: number;
}

/** An order that was sent on a connection which is no more. */
interface LostOrder extends Order {
  readonly expiresAtMs: number;
}

/** A bid of 1 that crosses. */
function bid({ symbol, clientId }: Order): object {
  const terms = { side: 'Bid', orderType: 'Limit', price: '100', quantity: '1' };
  return { params: { ...terms, symbol, clientId } };
}

/** A client of the venue as `docs/order-entry.md` has it: "A lost reply". */
class CarefulClient {
  readonly rest: SignedClient;
  readonly #url: string;

  constructor(rest: SignedClient, url: string) {
    this.rest = rest;
    this.#url = url.replace('http', 'ws');
  }

  async connect(url = this.#url): Promise<TestSocket> {
    const socket = await TestSocket.open(url);
    await socket.logIn(this.rest.trader);
    return socket;
  }

  /** Asks until it is sure. */
  async isHad({ symbol, clientId, expiresAtMs }: LostOrder): Promise<boolean> {
    const socket = await this.connect();
    try {
      for (;;) {
        const reply = await socket.request('order.query', { params: { symbol, clientId } });
        if (reply.status === 200) return true;
        assert.equal(codeOf(reply), 'RESOURCE_NOT_FOUND');
        if (await this.isInHistory(clientId)) return true;
        if (receivedUsOf(reply) > expiresAtMs * 1000) return false;
        await delay(10);
      }
    } finally {
      await socket.close();
    }
  }

  async isInHistory(clientId: number): Promise<boolean> {
    return (await this.rest.orders(`clientId=${clientId}`)).length > 0;
  }
}

/** A venue of two shards, and two traders: the asks of one are enough for all bids of the other. */
async function open(context: TestContext) {
  const { venue, traders } = await openTrading(context, server);
  const [taker, maker] = traders.map((trader) => new SignedClient(venue, trader));
  for (const symbol of SYMBOLS) {
    await maker!.place({ symbol, side: 'Ask', price: '100', quantity: String(2 * ORDERS) });
  }
  const proxy = await TcpProxy.start(Number(new URL(venue.url).port));
  context.after(() => proxy.close());
  return { client: new CarefulClient(taker!, venue.url), maker: maker!, proxy, url: venue.url };
}

/** Sends an order over a connection that ends with it; the answer is whether its reply came nevertheless. */
async function placeAndLose(
  client: CarefulClient,
  proxy: TcpProxy,
  random: Random,
  order: LostOrder,
): Promise<boolean> {
  proxy.rules = {};
  const socket = await client.connect(proxy.through('ws://127.0.0.1'));
  const cut = CUTS[random.below(CUTS.length)]!;
  if (cut === 'before the order') proxy.rules = { toServer: () => false };
  if (cut === 'behind the order') proxy.rules = { toServer: () => 'last' };
  if (cut === 'before the reply') proxy.rules = { toClient: () => false };
  const { expiresAtMs } = order;
  const reply = socket.request('order.place', { expiresAtMs, ...bid(order) });
  if (cut === 'at any time') setTimeout(() => socket.raw.terminate(), random.below(4));
  const told = await Promise.race([reply, socket.closed.then(() => null)]);
  socket.raw.terminate();
  return told?.status === 200;
}

test('who lost the reply to an order that filled finds it in its history, and never has it twice', async (context) => {
  const { client, maker, proxy } = await open(context);
  const random = new Random(SEED);
  const counts = { told: 0, found: 0, absent: 0 };
  for (let clientId = 0; clientId < ORDERS; clientId++) {
    const order = { symbol: SYMBOLS[clientId % SYMBOLS.length]!, clientId };
    for (;;) {
      const lost = { ...order, expiresAtMs: Date.now() + EXPIRES_AFTER_MS };
      if (await placeAndLose(client, proxy, random, lost)) {
        counts.told++;
        break;
      }
      if (await client.isHad(lost)) {
        counts.found++;
        break;
      }
      counts.absent++;
    }
  }
  assert.ok(counts.found > 0 && counts.absent > 0, JSON.stringify(counts));

  const fills = await client.rest.fills('limit=1000&sortDirection=Asc');
  const executed = fills.map((fill) => [Number(fill.clientId), fill.symbol, fill.quantity]);
  const once = Array.from({ length: ORDERS }, (_, id) => [id, SYMBOLS[id % SYMBOLS.length], '1']);
  assert.deepEqual(executed, once, `seed ${SEED}`);
  const nameOf = ({ symbol, tradeId }: Item) => `${symbol} ${tradeId}`;
  const theirs = await maker.fills('limit=1000');
  assert.deepEqual(theirs.map(nameOf).sort(), fills.map(nameOf).sort());
  for (let clientId = 0; clientId < ORDERS; clientId++) {
    const orders = await client.rest.orders(`clientId=${clientId}`);
    assert.deepEqual(
      orders.map(({ status }) => status),
      ['Filled'],
      `order ${clientId}`,
    );
  }
});

test('an order whose bytes come after its client was told that it is absent is not taken', async (context) => {
  const { client } = await open(context);
  for (const [clientId, symbol] of SYMBOLS.entries()) {
    const order = { symbol, clientId };
    const late = await client.connect();
    const lost = { ...order, expiresAtMs: Date.now() };
    assert.equal(await client.isHad(lost), false);
    const other = await client.connect();
    const sent = await other.request('order.place', bid(order));
    assert.equal((sent.result as unknown as Item).status, 'Filled');

    const { expiresAtMs } = lost;
    const refused = await late.request('order.place', { expiresAtMs, ...bid(order) });
    assert.deepEqual([refused.status, codeOf(refused)], [400, 'INVALID_CLIENT_REQUEST']);
    const batch = { expiresAtMs, params: [(bid(order) as { params: unknown }).params] };
    assert.equal(codeOf(await late.request('order.batch', batch)), 'INVALID_CLIENT_REQUEST');
    assert.equal((await client.rest.fills(`clientId=${clientId}`)).length, 1);
    await Promise.all([late.close(), other.close()]);
  }
});
