import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Permission } from '../../engine/protocol/enums.ts';
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

const order = (price: string, more: object = {}) => ({
  params: { symbol: 'SOL_USDC', side: 'Bid', orderType: 'Limit', price, quantity: '1', ...more },
});

async function logIn(socket: TestSocket, trader: Trader, params?: object, isBinary = false) {
  const signature = trader.signer.frameSignature();
  return socket.request('session.login', { signature, params }, isBinary);
}

/** Symbols and sides of the account's open orders, as another session of it sees them. */
async function openOrders(trader: Trader): Promise<string[]> {
  const socket = await venue.connect();
  await socket.logIn(trader);
  const reply = await socket.request('order.query', {});
  await socket.close();
  return (reply.result as unknown as Fields[]).map(({ symbol, side }) => `${symbol} ${side}`);
}

async function untilNoneIsOpen(reader: TestSocket): Promise<void> {
  for (;;) {
    const reply = await reader.request('order.query', {});
    if ((reply.result as unknown as unknown[]).length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

for (const isBinary of [false, true]) {
  test(`a session tells its state, logs out, and logs in as another, in ${isBinary ? 'msgpack' : 'JSON'}`, async () => {
    const [one, other] = [await venue.venue.addTrader(), await venue.venue.addTrader()];
    const socket = await venue.connect();
    const status = () => socket.request('session.status', {}, isBinary);
    assert.deepEqual(resultOf(await status()), {
      ...{ isLoggedIn: false, inFlight: 0, privateStreams: 0 },
    });
    assert.equal(codeOf(await socket.request('session.logout', {}, isBinary)), 'UNAUTHORIZED');
    const login = await logIn(socket, one, undefined, isBinary);
    assert.deepEqual(resultOf(login), { accountId: one.accountId, cancelOnDisconnect: null });
    const times = login.times as Record<string, number>;
    assert.ok(times.published! >= times.received!);
    assert.deepEqual(resultOf(await status()), {
      ...{ isLoggedIn: true, accountId: one.accountId, apiKey: one.signer.apiKey },
      ...{ permissions: ['read', 'trade'], inFlight: 0, privateStreams: 0 },
      ...{ cancelOnDisconnect: null, cancelAllAfter: [], isStopped: false },
    });
    // What is under way when another key logs in stays the first one's.
    socket.send({ id: 'first', method: 'order.place', ...order('10', { clientId: 1 }) });
    await logIn(socket, other, undefined, isBinary);
    const placed = await socket.frame(({ id }) => id === 'first');
    assert.equal(placed.status, 200);
    assert.equal(resultOf(await status()).accountId, other.accountId);
    assert.deepEqual(await openOrders(one), ['SOL_USDC Bid']);
    assert.deepEqual(await openOrders(other), []);
    const out = await socket.request('session.logout', {}, isBinary);
    assert.deepEqual(resultOf(out), { accountId: other.accountId });
    const refused = await socket.request('order.place', order('10'), isBinary);
    assert.equal(codeOf(refused), 'UNAUTHORIZED');
    assert.ok((refused.times as Fields).published);
    await socket.close();
  });

  test(`balances, and orders on one side alone, in ${isBinary ? 'msgpack' : 'JSON'}`, async () => {
    const trader = await venue.venue.addTrader();
    const socket = await venue.connect();
    await logIn(socket, trader, undefined, isBinary);
    for (const [side, price] of [
      ['Bid', '10'],
      ['Ask', '900'],
      ['Bid', '11'],
    ]) {
      await socket.request('order.place', order(price!, { side }), isBinary);
    }
    const balances = await socket.request('balances.query', {}, isBinary);
    assert.deepEqual([balances.status, balances.ack], [200, 'accepted']);
    assert.deepEqual(resultOf(balances).SOL, { available: '999', locked: '1', staked: '0' });
    const cancelled = await socket.request(
      'order.cancelAll',
      { params: { side: 'Bid' } },
      isBinary,
    );
    const prices = (cancelled.result as unknown as Fields[]).map(({ price }) => price);
    assert.deepEqual(prices, ['10', '11']);
    assert.deepEqual(await openOrders(trader), ['SOL_USDC Ask']);
    const bad = await socket.request('order.cancelAll', { params: { side: 'Buy' } }, isBinary);
    assert.equal(codeOf(bad), 'INVALID_CLIENT_REQUEST');
    await socket.close();
  });
}

test('open orders of all markets are listed by pages, in the order they came', async () => {
  const trader = await venue.venue.addTrader();
  const socket = await venue.connect();
  await logIn(socket, trader);
  const placed: string[] = [];
  for (let index = 0; index < 7; index++) {
    const symbol = index % 2 === 0 ? 'SOL_USDC' : 'ETH_USDC';
    const reply = await socket.request('order.place', order('10', { symbol }));
    placed.push(String(resultOf(reply).id));
  }
  const listed: string[] = [];
  for (;;) {
    const after = listed.at(-1);
    const reply = await socket.request('order.query', { params: { limit: 3, after } });
    const ids = (reply.result as unknown as Fields[]).map(({ id }) => String(id));
    listed.push(...ids);
    if (ids.length < 3) break;
  }
  assert.deepEqual(listed, placed);
  for (const params of [{ limit: 0 }, { limit: 10_001 }, { limit: '5' }, { after: 5 }]) {
    const reply = await socket.request('order.query', { params });
    assert.equal(codeOf(reply), 'INVALID_CLIENT_REQUEST', JSON.stringify(params));
  }
  await socket.close();
});

test('orders go when the last socket that guards their account is gone, and not before', async () => {
  const trader = await venue.venue.addTrader();
  const [first, second, unguarded] = await Promise.all([1, 2, 3].map(() => venue.connect()));
  const guard = { cancelOnDisconnect: true, graceMs: 0 };
  const login = await logIn(first!, trader, guard);
  assert.deepEqual(resultOf(login).cancelOnDisconnect, { graceMs: 0 });
  await logIn(second!, trader);
  const armed = await second!.request('session.cancelOnDisconnect', { params: guard });
  assert.deepEqual([armed.status, armed.ack], [200, 'accepted']);
  assert.deepEqual(resultOf(armed), { cancelOnDisconnect: { graceMs: 0 } });
  await logIn(unguarded!, trader);
  for (const [index, socket] of [first, second, unguarded].entries()) {
    const symbol = index === 1 ? 'ETH_USDC' : 'SOL_USDC';
    assert.equal((await socket!.request('order.place', order('10', { symbol }))).status, 200);
  }
  first!.raw.terminate();
  await first!.closed;
  assert.equal((await openOrders(trader)).length, 3);
  unguarded!.send({ method: 'SUBSCRIBE', params: ['account.orderUpdate'], id: 'sub' });
  await unguarded!.frame(({ id }) => id === 'sub');
  second!.raw.terminate();
  const events: unknown[] = [];
  while (events.length < 3) {
    const { data } = await unguarded!.frame(({ stream }) => stream === 'account.orderUpdate');
    events.push((data as Fields).e);
  }
  assert.deepEqual(events, ['orderCancelled', 'orderCancelled', 'orderCancelled']);
  assert.deepEqual(await openOrders(trader), []);
  await unguarded!.close();
});

test('a login within the grace keeps the orders and stands for them; a read-only one does not', async () => {
  const trader = await venue.venue.addTrader();
  const first = await venue.connect();
  await logIn(first, trader, { cancelOnDisconnect: true, graceMs: 600_000 });
  await first.request('order.place', order('10'));
  first.raw.terminate();
  await first.closed;
  const second = await venue.connect();
  const { accountId } = trader;
  // The venue may hear of the end a little later than the client has it.
  for (;;) {
    const login = resultOf(await logIn(second, trader));
    if (login.cancelOnDisconnect !== null) {
      assert.deepEqual(login, { accountId, cancelOnDisconnect: { graceMs: 600_000 } });
      break;
    }
  }
  assert.deepEqual(await openOrders(trader), ['SOL_USDC Bid']);
  const off = { params: { cancelOnDisconnect: false } };
  const released = await second.request('session.cancelOnDisconnect', off);
  assert.deepEqual(resultOf(released), { cancelOnDisconnect: null });
  await second.close();
  const third = await venue.connect();
  assert.equal(resultOf(await logIn(third, trader)).cancelOnDisconnect, null);
  await third.close();
});

test('a logout ends what the session guards, as its close does', async () => {
  const trader = await venue.venue.addTrader();
  const socket = await venue.connect();
  await logIn(socket, trader, { cancelOnDisconnect: true, graceMs: 0 });
  await socket.request('order.place', order('10'));
  await socket.request('session.logout', {});
  const reader = await venue.connect();
  await reader.logIn(trader);
  await untilNoneIsOpen(reader);
  await Promise.all([socket.close(), reader.close()]);
});

test('a dead-man timer cancels in its market when it is not renewed', async () => {
  const trader = await venue.venue.addTrader();
  const socket = await venue.connect();
  await logIn(socket, trader);
  await socket.request('order.place', order('10'));
  await socket.request('order.place', order('10', { symbol: 'ETH_USDC' }));
  const set = (params: object) => socket.request('session.cancelAllAfter', { params });
  const long = await set({ timeoutMs: 600_000, symbol: 'SOL_USDC' });
  const { deadline, ...timer } = resultOf(long);
  assert.deepEqual([long.ack, timer], ['accepted', { symbol: 'SOL_USDC', timeoutMs: 600_000 }]);
  assert.ok(Number(deadline) > Date.now() * 1000);
  const status = resultOf(await socket.request('session.status', {}));
  assert.deepEqual(status.cancelAllAfter, [resultOf(long)]);
  const off = resultOf(await set({ timeoutMs: 0, symbol: 'SOL_USDC' }));
  assert.deepEqual(off, { symbol: 'SOL_USDC', timeoutMs: 0, deadline: null });
  await set({ timeoutMs: 1, symbol: 'SOL_USDC' });
  while ((await openOrders(trader)).length > 1);
  assert.deepEqual(await openOrders(trader), ['ETH_USDC Bid']);
  await set({ timeoutMs: 1 });
  await untilNoneIsOpen(socket);
  for (;;) {
    const { cancelAllAfter } = resultOf(await socket.request('session.status', {}));
    if ((cancelAllAfter as unknown[]).length === 0) break;
  }
  await socket.close();
});

test('what is wrong with a request about the session is said', async () => {
  const trader = await venue.venue.addTrader();
  const reader = await venue.venue.addTrader(Permission.Read);
  const socket = await venue.connect();
  const refused = async (method: string, params: unknown) =>
    codeOf(await socket.request(method, { params }));
  assert.equal(await refused('session.cancelAllAfter', { timeoutMs: 1 }), 'UNAUTHORIZED');
  assert.equal(codeOf(await socket.request('session.login', {})), 'INVALID_CLIENT_REQUEST');
  const guard = { cancelOnDisconnect: true };
  assert.equal(codeOf(await logIn(socket, reader, guard)), 'FORBIDDEN');
  await logIn(socket, reader);
  assert.equal(await refused('session.cancelOnDisconnect', guard), 'FORBIDDEN');
  assert.equal(await refused('session.cancelAllAfter', { timeoutMs: 1 }), 'FORBIDDEN');
  await logIn(socket, trader);
  for (const params of [
    ...[undefined, 5, {}, { cancelOnDisconnect: 1 }, { ...guard, graceMs: -1 }],
    ...[
      { ...guard, graceMs: 600_001 },
      { ...guard, graceMs: 1.5 },
    ],
  ]) {
    const code = await refused('session.cancelOnDisconnect', params);
    assert.equal(code, 'INVALID_CLIENT_REQUEST', JSON.stringify(params));
  }
  for (const params of [undefined, {}, { timeoutMs: -1 }, { timeoutMs: '5' }, { timeoutMs: 1e9 }]) {
    const code = await refused('session.cancelAllAfter', params);
    assert.equal(code, 'INVALID_CLIENT_REQUEST', JSON.stringify(params));
  }
  const unknown = await refused('session.cancelAllAfter', { timeoutMs: 1, symbol: 'X_Y' });
  assert.equal(unknown, 'INVALID_MARKET');
  assert.equal(await refused('session.frobnicate', {}), 'INVALID_CLIENT_REQUEST');
  await socket.close();
});
