import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BesiegedVenue, STRANGER, UPGRADE } from './hostile-client.fixture.ts';
import type { Signer } from './orders/venue.fixture.ts';

/** Rates so low that no bucket fills while a test runs. */
const SLOW = '1:';

const ORDER = { orderType: 'Limit', price: '1', quantity: '2', side: 'Bid', symbol: 'AAA_USD' };

let venue: BesiegedVenue;

before(async () => {
  venue = await BesiegedVenue.open({
    RINGSIDE_ADDRESS_REQUEST_RATE: `${SLOW}20`,
    RINGSIDE_ADDRESS_SUBSCRIPTION_RATE: `${SLOW}40`,
    RINGSIDE_ADDRESS_CONNECTION_RATE: `${SLOW}60`,
    RINGSIDE_KEY_ORDER_RATE: `${SLOW}50`,
    RINGSIDE_MAX_ADDRESS_SOCKETS: '3',
    RINGSIDE_MAX_SOCKET_STREAMS: '2',
    RINGSIDE_ALLOWED_ORIGINS: 'https://bots.example',
  });
});
after(() => venue.close());

/** Each test comes from an address of its own, with full buckets. */
let addresses = 10;
const newAddress = (): string => `127.0.0.${addresses++}`;

test('an address that asks too much hears 429 and when to try again, others do not', async () => {
  const localAddress = newAddress();
  const first = await venue.http('/api/v1/time', { localAddress });
  assert.equal(first.status, 200);
  assert.equal(first.headers['ratelimit-limit'], '20');
  assert.equal(first.headers['ratelimit-policy'], '20;w=20');
  assert.equal(first.headers['ratelimit-remaining'], '19');
  let answer = first;
  for (let count = 0; count < 40 && answer.status === 200; count++) {
    answer = await venue.http('/nowhere/or/somewhere', { localAddress });
    if (answer.status === 404) answer = await venue.http('/api/v1/ping', { localAddress });
  }
  assert.deepEqual([answer.status, answer.code], [429, 'TOO_MANY_REQUESTS']);
  assert.ok(Number(answer.headers['retry-after']) >= 1);
  assert.equal(answer.headers['ratelimit-remaining'], '0');
  // A body on its way to somebody who is refused harms nobody.
  const body = 'x'.repeat(100_000);
  const posted = await venue.http('/api/v1/order', { method: 'POST', body, localAddress });
  assert.equal(posted.status, 429);
  assert.equal((await venue.http('/api/v1/ping', { localAddress: STRANGER })).status, 200);
  const own = await venue.http('/api/v1/ping');
  assert.deepEqual([own.status, own.headers['ratelimit-limit']], [200, undefined]);
  assert.ok(
    (await venue.metric('ringside_rate_limited_total{scope="address",kind="requests"}')) > 0,
  );
});

async function placeAll(signer: Signer, orders: number): Promise<number> {
  let placed = 0;
  for (let order = 0; order < orders; order++) {
    const answer = await venue.signed(signer, 'POST', '/api/v1/order', 'orderExecute', ORDER);
    if (answer.status === 429) {
      assert.equal(answer.code, 'TOO_MANY_REQUESTS');
      assert.equal(answer.headers['ratelimit-limit'], '50');
      return placed;
    }
    assert.equal(answer.status, 200, answer.text);
    placed++;
  }
  return placed;
}

test('a key that places too many orders hears 429 over REST and websocket, and can still reduce and cancel', async () => {
  const signer = await venue.addTrader('keen');
  assert.ok((await placeAll(signer, 300)) < 300);
  const socket = await venue.socket();
  await socket.logIn({ accountId: 0, signer });
  const batch = Array.from({ length: 50 }, () => ORDER);
  const refused = await socket.request('order.batch', { params: batch });
  assert.equal(refused.status, 429);
  const error = { code: 'TOO_MANY_REQUESTS', message: 'Too many orders with this API key' };
  assert.deepEqual(refused.error, error);
  const binary = await socket.request('order.batch', { params: batch }, true);
  assert.deepEqual([binary.status, binary.error], [429, error]);
  const open = (await socket.request('order.query', {})).result as unknown as { id: string }[];
  for (const order of open.slice(0, 5)) {
    const reduction = { orderId: order.id, reduceQuantity: '1', symbol: ORDER.symbol };
    const path = '/api/v1/order';
    const reduced = await venue.signed(signer, 'PATCH', path, 'orderModify', reduction);
    assert.equal(reduced.status, 200, reduced.text);
  }
  const cancelled = await socket.request('order.cancelAll', {});
  assert.equal((cancelled.result as unknown as unknown[]).length, open.length);
  const other = await venue.addTrader('patient');
  const placed = await venue.signed(other, 'POST', '/api/v1/order', 'orderExecute', ORDER);
  assert.equal(placed.status, 200);
  await socket.close();
});

test('a stranger who knows a key by name cannot use it up', async () => {
  const signer = await venue.addTrader('known');
  const thief = { apiKey: signer.apiKey, sign: () => 'A'.repeat(86).concat('==') } as never;
  for (let count = 0; count < 60; count++) {
    const answer = await venue.signed(thief, 'POST', '/api/v1/order', 'orderExecute', ORDER);
    assert.deepEqual([answer.status, answer.code], [401, 'INVALID_SIGNATURE']);
    assert.equal(answer.headers['ratelimit-limit'], undefined, 'what is left of a key is not told');
  }
  assert.equal(await placeAll(signer, 10), 10);
});

test('an address has a limited number of websockets, and of requests before a login', async () => {
  const localAddress = newAddress();
  const sockets = await Promise.all([1, 2, 3].map(() => venue.socket({ localAddress })));
  const one = await venue.raw(localAddress);

  const answer = await one.send(`${UPGRADE}\r\n`).ended;
  assert.match(answer, /^HTTP\/1\.1 429 /);
  assert.match(answer, /"TOO_MANY_REQUESTS"/);
  await sockets[0]!.close();
  const again = await venue.socket({ localAddress });
  let refused = 0;
  for (let count = 0; count < 30; count++) {
    if ((await again.request('order.query', {})).status === 429) refused++;
  }
  assert.ok(refused > 0 && refused < 30);
  await Promise.all([again, ...sockets.slice(1)].map((socket) => socket.close()));
});

test('a socket that goes on and on beyond its limits is closed by name', async () => {
  const socket = await venue.socket({ localAddress: newAddress() });
  for (let count = 0; count < 1500; count++) socket.send('{"method":"order.query","id":1}');
  assert.deepEqual(await socket.closed, { code: 1008, reason: 'too many requests' });
});

test('so is one that sends nothing but pings', async () => {
  const socket = await venue.socket({ localAddress: newAddress() });
  for (let count = 0; count < 1500; count++) socket.raw.ping();
  assert.deepEqual(await socket.closed, { code: 1008, reason: 'too many requests' });
});

test('subscriptions are limited by rate and by number', async () => {
  const localAddress = newAddress();
  const socket = await venue.socket({ localAddress });
  const subscribe = async (params: readonly string[]) => {
    const reply = await socket.request('SUBSCRIBE', { params });
    return (reply.error as { code: number } | undefined)?.code ?? reply.result;
  };
  const two = ['trade.AAA_USD', 'depth.AAA_USD'];
  assert.equal(await subscribe(two), null);
  assert.equal(await subscribe(two), null, 'streams that it has are not counted again');
  assert.equal(await subscribe(['ticker.AAA_USD']), 4029);
  await socket.request('UNSUBSCRIBE', { params: ['trade.AAA_USD'] });
  assert.equal(await subscribe(['ticker.AAA_USD']), null);
  const unknown = Array.from({ length: 30 }, () => 'trade.NOTHING_USD');
  const answers: unknown[] = [];
  while (answers.length < 20 && answers.at(-1) !== 4029) answers.push(await subscribe(unknown));
  assert.equal(answers.at(-1), 4029);
  await socket.close();
});

test('an address that connects too often is closed at once', async () => {
  const localAddress = newAddress();
  const connections = await Promise.all(Array.from({ length: 80 }, () => venue.raw(localAddress)));
  const heard = connections.map(
    (connection) =>
      connection.send('GET /api/v1/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n').ended,
  );
  const answers = await Promise.all(heard);
  const served = answers.filter((answer) => answer.startsWith('HTTP/1.1')).length;
  assert.ok(served >= 60 && served < 80, `${served} served`);
  assert.ok((await venue.metric('ringside_connections_refused_total')) >= 80 - served);
  assert.equal((await venue.http('/api/v1/ping', { localAddress: STRANGER })).status, 200);
});

test('pages of other sites are kept out, unless the settings name them', async () => {
  for (const origin of ['https://evil.example', 'null', 'https://bots.example.evil.example']) {
    await assert.rejects(venue.socket({ origin }), /403/);
    const answer = await venue.http('/api/v1/time', { headers: { origin } });
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
  }
  for (const origin of ['https://bots.example', venue.url]) {
    await (await venue.socket({ origin })).close();
  }
  const headers = { origin: 'https://bots.example' };
  const answer = await venue.http('/api/v1/time', { headers });
  assert.equal(answer.headers['access-control-allow-origin'], 'https://bots.example');
  assert.equal(answer.headers.vary, 'Origin');
  const question = { 'access-control-request-method': 'POST' };
  const preflight = (origin: string) =>
    venue.http('/api/v1/order', { method: 'OPTIONS', headers: { ...question, origin } });
  const allowed = await preflight('https://bots.example');
  assert.equal(allowed.status, 204);
  assert.match(String(allowed.headers['access-control-allow-headers']), /X-API-Key/);
  const denied = await preflight('https://evil.example');
  assert.deepEqual([denied.status, denied.code], [403, 'FORBIDDEN']);
});
