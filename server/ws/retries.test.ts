import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Trader } from '../orders/venue.fixture.ts';
import { type Received, SocketVenue, type TestSocket } from './socket.fixture.ts';

let venue: SocketVenue;

before(async () => {
  venue = await SocketVenue.open(2);
});
after(() => venue.close());

type Fields = Record<string, unknown>;
const resultOf = (reply: Received): Fields => reply.result as unknown as Fields;
const codeOf = (reply: Received) => (reply.error as { code: string } | undefined)?.code;

const SYMBOLS = ['SOL_USDC', 'ETH_USDC'] as const;

const order = (symbol: string, clientId: number, more: object = {}) => ({
  params: {
    ...{ symbol, side: 'Bid', orderType: 'Limit', price: '10', quantity: '1', clientId },
    ...more,
  },
});

async function connect(trader: Trader): Promise<TestSocket> {
  const socket = await venue.connect();
  await socket.logIn(trader);
  return socket;
}

async function openCount(socket: TestSocket): Promise<number> {
  const reply = await socket.request('order.query', {});
  return (reply.result as unknown as unknown[]).length;
}

for (const symbol of SYMBOLS) {
  test(`a client id names one open order, on any socket, until it has ended: ${symbol}`, async () => {
    const trader = await venue.venue.addTrader();
    const socket = await connect(trader);
    const first = await socket.request('order.place', order(symbol, 7));
    assert.equal(first.status, 200);
    for (const more of [{}, { price: '11' }, { side: 'Ask', price: '900' }]) {
      assert.equal(
        codeOf(await socket.request('order.place', order(symbol, 7, more))),
        'DUPLICATE_CLIENT_ID',
      );
    }
    // Of an account, not of a market.
    const elsewhere = await socket.request(
      'order.place',
      order(SYMBOLS[1 - SYMBOLS.indexOf(symbol)]!, 7),
    );
    assert.equal(codeOf(elsewhere), 'DUPLICATE_CLIENT_ID');
    await socket.close();

    const again = await connect(trader);
    assert.equal(
      codeOf(await again.request('order.place', order(symbol, 7))),
      'DUPLICATE_CLIENT_ID',
    );
    const found = await again.request('order.query', { params: { symbol, clientId: 7 } });
    assert.equal(resultOf(found).id, resultOf(first).id);
    assert.equal(await openCount(again), 1);

    const other = await connect(await venue.venue.addTrader());
    assert.equal(
      (await other.request('order.place', order(symbol, 7, { side: 'Ask' }))).status,
      200,
    );
    // The taker may hear of the fill before the shard of the maker's account does.
    for (;;) {
      const found = await again.request('order.query', { params: { symbol, clientId: 7 } });
      if (codeOf(found) === 'RESOURCE_NOT_FOUND') break;
      assert.equal(resultOf(found).id, resultOf(first).id);
    }
    const reused = await again.request('order.place', order(symbol, 7));
    assert.equal(reused.status, 200);
    assert.notEqual(resultOf(reused).id, resultOf(first).id);
    await Promise.all([again.close(), other.close()]);
  });
}

test('who lost the reply finds the truth by its client id, and never has the order twice', async () => {
  const trader = await venue.venue.addTrader();
  const CLIENTS = 40;
  for (let clientId = 1; clientId <= CLIENTS; clientId++) {
    const symbol = SYMBOLS[clientId % 2]!;
    const socket = await connect(trader);
    socket.send({ id: 'lost', method: 'order.place', ...order(symbol, clientId) });
    // Sometimes with the request still on its way, sometimes behind it.
    if (clientId % 3 > 0) await new Promise((resolve) => setTimeout(resolve, clientId % 3));
    socket.raw.terminate();
    const again = await connect(trader);
    const found = await again.request('order.query', { params: { symbol, clientId } });
    const sent = await again.request('order.place', order(symbol, clientId));
    if (found.status === 200) assert.equal(codeOf(sent), 'DUPLICATE_CLIENT_ID');
    const now = await again.request('order.query', { params: { symbol, clientId } });
    assert.equal(now.status, 200);
    if (found.status === 200) assert.equal(resultOf(now).id, resultOf(found).id);
    assert.equal(await openCount(again), clientId);
    await again.close();
  }
});

test('a login is taken within its window and no more than a second early', async () => {
  const trader = await venue.venue.addTrader();
  const socket = await venue.connect();
  const logIn = async (aheadMs: number, window = '5000') => {
    const signature = trader.signer.frameSignature(Date.now() + aheadMs, window);
    return codeOf(await socket.request('session.login', { signature }));
  };
  assert.equal(await logIn(3000), 'INVALID_CLIENT_REQUEST');
  assert.equal(await logIn(-5500), 'INVALID_CLIENT_REQUEST');
  assert.equal(await logIn(-5500, '60000'), undefined);
  assert.equal(await logIn(0, '60001'), 'INVALID_CLIENT_REQUEST');
  // A login that was refused leaves the one before.
  assert.equal((await socket.request('session.status', {})).status, 200);
  assert.equal((await socket.request('order.place', order('SOL_USDC', 1))).status, 200);
  await socket.close();
});
