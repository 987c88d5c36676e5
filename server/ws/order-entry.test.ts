import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Permission } from '../../engine/protocol/enums.ts';
import type { Trader } from '../orders/venue.fixture.ts';
import { JOURNALED_US, SocketVenue, type TestSocket } from './socket.fixture.ts';

let venue: SocketVenue;
let maker: Trader;
let taker: Trader;

before(async () => {
  venue = await SocketVenue.open();
  maker = await venue.venue.addTrader();
  taker = await venue.venue.addTrader();
});
after(() => venue.close());

type OrderReply = Record<string, unknown> & { id: string; fills: Record<string, unknown>[] };

const limit = (side: 'Bid' | 'Ask', price: string, quantity: string, more: object = {}) => ({
  params: { symbol: 'SOL_USDC', side, orderType: 'Limit', price, quantity, ...more },
});

async function loggedIn(trader: Trader, isBinary = false): Promise<TestSocket> {
  const socket = await venue.connect();
  await socket.logIn(trader, isBinary);
  return socket;
}

for (const isBinary of [false, true]) {
  const encoding = isBinary ? 'msgpack' : 'JSON';
  test(`an order is placed, reduced, replaced, queried and cancelled in ${encoding}`, async () => {
    const socket = await loggedIn(maker, isBinary);
    const beforeUs = Date.now() * 1000;
    const placed = await socket.request('order.place', limit('Bid', '50', '4'), isBinary);
    assert.equal(placed.status, 200);
    assert.equal(placed.ack, 'accepted');
    const order = placed.result as unknown as OrderReply;
    assert.equal(order.status, 'New');
    assert.deepEqual(order.fills, []);
    assert.equal(typeof order.depthUpdateId, 'number');
    const times = placed.times as Record<string, number>;
    assert.ok(times.received! >= beforeUs - 2000 && times.matched! >= times.received!);
    assert.ok(times.published! >= times.matched! && times.published! <= (Date.now() + 1) * 1000);
    assert.equal(times.journaled, JOURNALED_US);

    const params = { symbol: 'SOL_USDC', orderId: order.id };
    const reduced = await socket.request(
      'order.reduce',
      { params: { ...params, quantity: '1.5' } },
      isBinary,
    );
    assert.equal((reduced.result as unknown as OrderReply).quantity, '2.5');
    const replaced = await socket.request(
      'order.replace',
      { params: { ...params, price: '51' } },
      isBinary,
    );
    assert.equal((replaced.result as unknown as OrderReply).price, '51');
    const queried = await socket.request('order.query', { params }, isBinary);
    assert.equal((queried.result as unknown as OrderReply).price, '51');
    const all = await socket.request('order.query', {}, isBinary);
    assert.equal((all.result as unknown as OrderReply[]).length, 1);
    const cancelled = await socket.request('order.cancel', { params }, isBinary);
    assert.equal((cancelled.result as unknown as OrderReply).status, 'Cancelled');
    const gone = await socket.request('order.cancel', { params }, isBinary);
    assert.deepEqual(
      [gone.status, gone.error],
      [404, { code: 'RESOURCE_NOT_FOUND', message: 'Not Found' }],
    );
    await socket.close();
  });

  test(`a batch keeps its order and its refusals to themselves in ${encoding}`, async () => {
    const socket = await loggedIn(maker, isBinary);
    const orders = [
      limit('Ask', '200', '1').params,
      limit('Ask', '200.001', '1').params,
      limit('Ask', '201', '2', { clientId: 5 }).params,
      limit('Ask', '201', '2', { clientId: 5 }).params,
      null,
    ];
    const reply = await socket.request('order.batch', { params: orders }, isBinary);
    assert.equal(reply.status, 200);
    const items = reply.result as unknown as Record<string, unknown>[];
    assert.deepEqual(
      items.map((item) => [item.operation, item.code ?? item.price]),
      [
        ['Ok', '200'],
        ['Err', 'INVALID_CLIENT_REQUEST'],
        ['Ok', '201'],
        ['Err', 'DUPLICATE_CLIENT_ID'],
        ['Err', 'INVALID_CLIENT_REQUEST'],
      ],
    );
    const cancelled = await socket.request(
      'order.cancelAll',
      { params: { symbol: 'SOL_USDC' } },
      isBinary,
    );
    assert.deepEqual(
      (cancelled.result as unknown as OrderReply[]).map(({ status }) => status),
      ['Cancelled', 'Cancelled'],
    );
    const none = await socket.request('order.cancelAll', {}, isBinary);
    assert.deepEqual(none.result, []);
    for (const params of [[], {}, undefined, Array.from({ length: 51 }, () => orders[0])]) {
      const refused = await socket.request('order.batch', { params }, isBinary);
      assert.equal(refused.status, 400);
    }
    await socket.close();
  });
}

test('a taker gets its fills with the reply, and both hear their own updates', async () => {
  const makerSocket = await loggedIn(maker);
  const takerSocket = await loggedIn(taker);
  for (const socket of [makerSocket, takerSocket]) {
    socket.send({ method: 'SUBSCRIBE', params: ['account.orderUpdate'], id: 'sub' });
    await socket.frame((frame) => frame.id === 'sub');
  }
  await makerSocket.request('order.place', limit('Ask', '100', '1'));
  await makerSocket.request('order.place', limit('Ask', '101', '1'));
  const reply = await takerSocket.request('order.place', limit('Bid', '101', '1.5'));
  const order = reply.result as unknown as OrderReply;
  assert.equal(order.status, 'Filled');
  assert.deepEqual(
    order.fills.map(({ price, quantity, fee }) => [price, quantity, fee]),
    [
      ['100', '1', '0.05'],
      ['101', '0.5', '0.02525'],
    ],
  );
  const names = async (socket: TestSocket, count: number): Promise<unknown[]> => {
    const events: unknown[] = [];
    for (let index = 0; index < count; index++) {
      const frame = await socket.frame((received) => received.stream === 'account.orderUpdate');
      const data = frame.data as Record<string, unknown>;
      events.push([data.e, data.X]);
    }
    return events;
  };
  assert.deepEqual(await names(takerSocket, 3), [
    ['orderAccepted', 'New'],
    ['orderFill', 'PartiallyFilled'],
    ['orderFill', 'Filled'],
  ]);
  assert.deepEqual(await names(makerSocket, 4), [
    ['orderAccepted', 'New'],
    ['orderAccepted', 'New'],
    ['orderFill', 'Filled'],
    ['orderFill', 'PartiallyFilled'],
  ]);
  await makerSocket.request('order.cancelAll', {});
  await Promise.all([makerSocket.close(), takerSocket.close()]);
});

/** Cancels all orders and takes the order updates up to those cancels. */
async function updatesUntilCancelled(socket: TestSocket): Promise<Record<string, unknown>[]> {
  await socket.request('order.place', limit('Ask', '900', '1'));
  await socket.request('order.cancelAll', {});
  const updates: Record<string, unknown>[] = [];
  for (;;) {
    const { data } = await socket.frame((frame) => 'data' in frame);
    updates.push(data as Record<string, unknown>);
    const { e, p } = data as Record<string, unknown>;
    if (e === 'orderCancelled' && p === '900') return updates;
  }
}

test('orders of one account that meet expire as the later one says, and both are told why', async () => {
  const socket = await loggedIn(maker);
  socket.send({ method: 'SUBSCRIBE', params: ['account.orderUpdate'], id: 'sub' });
  await socket.frame((frame) => frame.id === 'sub');
  for (const [selfTradePrevention, status, expired] of [
    ['RejectTaker', 'Expired', ['taker']],
    ['RejectMaker', 'New', ['maker']],
    ['RejectBoth', 'Expired', ['maker', 'taker']],
    ['Allow', 'Filled', []],
  ] as const) {
    const resting = await socket.request('order.place', limit('Ask', '100', '1'));
    const own = limit('Bid', '100', '1', { selfTradePrevention });
    const taking = await socket.request('order.place', own);
    const [maker, taker] = [resting, taking].map(({ result }) => result as unknown as OrderReply);
    assert.equal(taker!.status, status, selfTradePrevention);
    const ids = expired.map((role) => (role === 'maker' ? maker!.id : taker!.id));
    const updates = await updatesUntilCancelled(socket);
    assert.deepEqual(
      updates.filter(({ e }) => e === 'orderExpired').map(({ i, R, X }) => [i, R, X]),
      ids.map((id) => [id, 'SelfTradePrevention', 'Expired']),
    );
  }
  await socket.close();
});

test('nothing works before the login, and a login must be signed', async () => {
  const socket = await venue.connect('/');
  for (const method of ['order.place', 'order.batch', 'order.cancelAll', 'order.query']) {
    const reply = await socket.request(method, { params: {} });
    assert.equal(reply.status, 401, method);
    assert.equal((reply.error as { code: string }).code, 'UNAUTHORIZED');
  }
  const [apiKey, signature, timestamp, window] = maker.signer.frameSignature();
  const codes: unknown[] = [];
  for (const attempt of [
    undefined,
    [apiKey, signature, timestamp],
    [apiKey, signature, Number(timestamp), window],
    [apiKey, taker.signer.frameSignature()[1], timestamp, window],
    maker.signer.frameSignature(Date.now() - 6000),
    maker.signer.frameSignature(Date.now() + 5000),
  ]) {
    const reply = await socket.request('session.login', { signature: attempt });
    codes.push((reply.error as { code: string }).code);
  }
  const bad = 'INVALID_CLIENT_REQUEST';
  assert.deepEqual(codes, [bad, bad, bad, 'INVALID_SIGNATURE', bad, bad]);
  await socket.close();
});

test('a key without the trade permission reads only', async () => {
  const reader = await venue.venue.addTrader(Permission.Read);
  const socket = await loggedIn(reader);
  const refused = await socket.request('order.place', limit('Bid', '50', '1'));
  assert.deepEqual([refused.status, (refused.error as { code: string }).code], [403, 'FORBIDDEN']);
  assert.deepEqual((await socket.request('order.query', {})).result, []);
  await socket.close();
});

test('another account sees and touches nothing', async () => {
  const owner = await loggedIn(maker);
  const stranger = await loggedIn(taker);
  const placed = await owner.request('order.place', limit('Bid', '50', '1'));
  const params = { symbol: 'SOL_USDC', orderId: (placed.result as unknown as OrderReply).id };
  for (const method of ['order.cancel', 'order.query']) {
    assert.equal((await stranger.request(method, { params })).status, 404);
  }
  assert.equal((await owner.request('order.cancel', { params })).status, 200);
  await Promise.all([owner.close(), stranger.close()]);
});

test('requests that follow a login at once find it done, and are executed in order', async () => {
  const socket = await venue.connect();
  socket.send({
    id: 'login',
    method: 'session.login',
    signature: maker.signer.frameSignature(),
  });
  for (let index = 0; index < 200; index++) {
    socket.send({ id: index, method: 'order.place', ...limit('Bid', '40', '1') });
  }
  socket.send({ id: 'end', method: 'order.cancelAll', params: { symbol: 'SOL_USDC' } });
  const end = await socket.frame((frame) => frame.id === 'end');
  assert.equal((end.result as unknown as OrderReply[]).length, 200);
  const placed = socket.frames.filter((frame) => typeof frame.id === 'number');
  assert.deepEqual(
    placed.map((frame) => frame.id),
    Array.from({ length: 200 }, (_, index) => index),
  );
  const orderIds = placed.map((frame) => Number((frame.result as unknown as OrderReply).id));
  assert.deepEqual(
    orderIds,
    orderIds.toSorted((left, right) => left - right),
  );
  await socket.close();
});

test('a request id is a number or a text, and comes back as it was', async () => {
  const socket = await loggedIn(maker);
  for (const id of [0, -7, 1.5, 'a "quoted" ключ', '']) {
    socket.send({ id, method: 'order.query' });
    const reply = await socket.frame((frame) => frame.id === id);
    assert.equal(reply.status, 200);
    socket.sendBinary({ id, method: 'order.query' });
    assert.equal((await socket.frame((frame) => frame.id === id)).status, 200);
  }
  for (const id of [null, undefined, {}, [1], true, 1e21, 'x'.repeat(200)]) {
    socket.send({ id, method: 'order.place', ...limit('Bid', '50', '1') });
    const reply = await socket.frame((frame) => frame.id === null);
    assert.equal((reply.error as { code: string }).code, 'INVALID_CLIENT_REQUEST');
  }
  assert.deepEqual((await socket.request('order.query', {})).result, []);
  await socket.close();
});

test('a request that comes after it expired is refused, whatever it asks', async () => {
  const socket = await loggedIn(maker);
  const order = limit('Bid', '50', '1', { clientId: 70 });
  const ask = async (method: string, fields: object, isBinary: boolean) => {
    const { status, error } = await socket.request(method, fields, isBinary);
    return [status, (error as { message: string } | undefined)?.message];
  };
  const expired = [400, 'Request has expired'];
  const malformed = [400, '`expiresAtMs` is not a whole number from 0 to 9007199254740'];
  for (const isBinary of [false, true]) {
    for (const expiresAtMs of [0, Date.now() - 5]) {
      assert.deepEqual(await ask('order.place', { ...order, expiresAtMs }, isBinary), expired);
      assert.deepEqual(await ask('order.query', { expiresAtMs }, isBinary), expired);
      assert.deepEqual(await ask('session.logout', { expiresAtMs }, isBinary), expired);
    }
    for (const expiresAtMs of [-1, 1.5, '1', true, {}, 9_007_199_254_741, 1e300]) {
      const what = JSON.stringify(expiresAtMs);
      assert.deepEqual(
        await ask('order.place', { ...order, expiresAtMs }, isBinary),
        malformed,
        what,
      );
    }
    assert.deepEqual((await socket.request('order.query', {})).result, []);
    for (const expiresAtMs of [Date.now() + 60_000, 9_007_199_254_740, null, undefined]) {
      const fields = { ...order, expiresAtMs };
      assert.deepEqual(await ask('order.place', fields, isBinary), [200, undefined]);
      await socket.request('order.cancelAll', { expiresAtMs });
    }
  }
  await socket.close();
});

test('a socket that closes with requests under way disturbs nobody', async () => {
  const socket = await loggedIn(maker);
  for (let index = 0; index < 500; index++) {
    socket.send({ id: index, method: 'order.place', ...limit('Bid', '30', '1') });
  }
  socket.raw.terminate();
  const other = await loggedIn(maker);
  await other.request('order.cancelAll', {});
  assert.equal((await other.request('order.query', {})).status, 200);
  await other.close();
});

test('a revoked key loses its sockets', async () => {
  const trader = await venue.venue.addTrader();
  const socket = await loggedIn(trader);
  await venue.venue.revokeKey(trader);
  assert.deepEqual(await socket.closed, { code: 1008, reason: 'API key revoked' });
});

test('with two shards everything works the same, cancel all included', async () => {
  const two = await SocketVenue.open(2);
  const trader = await two.venue.addTrader();
  const socket = await two.connect();
  await socket.logIn(trader);
  for (const symbol of ['SOL_USDC', 'ETH_USDC', 'SOL_USDC']) {
    const reply = await socket.request('order.place', limit('Bid', '50', '1', { symbol }));
    assert.equal(reply.status, 200);
  }
  const cancelled = await socket.request('order.cancelAll', {});
  assert.equal((cancelled.result as unknown as OrderReply[]).length, 3);
  await socket.close();
  await two.close();
});

test('after the latch every request is refused, and the close is announced', async () => {
  const closing = await SocketVenue.open();
  const trader = await closing.venue.addTrader();
  const socket = await closing.connect();
  await socket.logIn(trader);
  closing.venue.gateway.refuseOrders();
  const reply = await socket.request('order.place', limit('Bid', '50', '1'));
  assert.deepEqual([reply.status, (reply.error as { code: string }).code], [503, 'SHUTTING_DOWN']);
  await closing.close();
  assert.deepEqual(await socket.closed, { code: 1001, reason: 'server_shutdown' });
});
