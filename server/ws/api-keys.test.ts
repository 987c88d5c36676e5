import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RevokeApiKey, SetAllowedAddresses } from '../../engine/protocol/commands.ts';
import { Permission } from '../../engine/protocol/enums.ts';
import type { Trader } from '../orders/venue.fixture.ts';
import { SocketVenue, type TestSocket } from './socket.fixture.ts';

let venue: SocketVenue;
before(async () => {
  venue = await SocketVenue.open();
});
after(() => venue.close());

const STREAM = 'account.orderUpdate';
const LIMIT = { symbol: 'SOL_USDC', side: 'Bid', orderType: 'Limit', price: '50', quantity: '1' };

async function allow({ accountId, signer }: Trader, allowedAddresses: string): Promise<void> {
  const key = { requestId: 0, accountId, publicKey: signer.apiKey };
  await venue.venue.engine.request(SetAllowedAddresses, { ...key, allowedAddresses }, 0);
}

async function subscribed(trader: Trader): Promise<TestSocket> {
  const socket = await venue.connect();
  const signature = trader.signer.frameSignature();
  socket.send({ method: 'SUBSCRIBE', params: [STREAM], signature, id: 'subscribed' });
  await socket.frame(({ id }) => id === 'subscribed');
  return socket;
}

async function loggedIn(trader: Trader): Promise<TestSocket> {
  const socket = await venue.connect();
  await socket.logIn(trader);
  return socket;
}

const codeOf = ({ error }: Record<string, unknown>) => (error as { code: unknown }).code;

test('a revoked key loses its logins and its subscriptions, and nobody else does', async () => {
  const trader = await venue.venue.addTrader();
  const other = await venue.venue.addTrader();
  const [login, stream] = [await loggedIn(trader), await subscribed(trader)];
  const [otherLogin, otherStream] = [await loggedIn(other), await subscribed(other)];
  await venue.venue.revokeKey(trader);
  const revoked = { code: 1008, reason: 'API key revoked' };
  assert.deepEqual(await login.closed, revoked);
  assert.deepEqual(await stream.closed, revoked);
  const placed = await otherLogin.request('order.place', { params: LIMIT });
  assert.equal(placed.status, 200);
  await otherStream.frame(({ stream: name }) => name === STREAM);
  const late = await venue.connect();
  const signature = trader.signer.frameSignature();
  const refused = await late.request('session.login', { signature });
  assert.deepEqual([refused.status, codeOf(refused)], [401, 'UNAUTHORIZED']);
  await Promise.all([otherLogin, otherStream, late].map((socket) => socket.close()));
});

test('one key of an account is revoked, the other goes on', async () => {
  const trader = await venue.venue.addTrader();
  const second = await venue.venue.addKey(trader.accountId, Permission.Read | Permission.Trade);
  const [one, two] = [await loggedIn(trader), await loggedIn(second)];
  await venue.venue.revokeKey(trader);
  await one.closed;
  assert.equal((await two.request('order.place', { params: LIMIT })).status, 200);
  await two.close();
});

test('a key that may only read sees and does not trade', async () => {
  const trader = await venue.venue.addTrader(Permission.Read);
  const socket = await subscribed(trader);
  await socket.logIn(trader);
  assert.equal((await socket.request('order.query', {})).status, 200);
  for (const [method, params] of [
    ['order.place', LIMIT],
    ['order.batch', [LIMIT]],
    ['order.cancel', { symbol: 'SOL_USDC', clientId: 1 }],
    ['order.cancelAll', {}],
    ['order.reduce', { symbol: 'SOL_USDC', clientId: 1, quantity: '1' }],
    ['order.replace', { symbol: 'SOL_USDC', clientId: 1, price: '1' }],
  ] as const) {
    const refused = await socket.request(method, { params });
    assert.deepEqual([refused.status, codeOf(refused)], [403, 'FORBIDDEN'], method);
  }
  await socket.close();
});

test('a key is of no use from an address that is not on its list', async () => {
  const trader = await venue.venue.addTrader();
  await allow(trader, '10.0.0.0/8,::1/128');
  const socket = await venue.connect();
  const signature = trader.signer.frameSignature();
  const refused = await socket.request('session.login', { signature });
  assert.deepEqual([refused.status, codeOf(refused)], [403, 'FORBIDDEN']);
  socket.send({ method: 'SUBSCRIBE', params: [STREAM], signature });
  const message = 'The API key may not be used from this address';
  assert.deepEqual(await socket.frame(() => true), { id: null, error: { code: 4003, message } });
  await allow(trader, '127.0.0.0/8');
  await socket.logIn(trader);
  await socket.close();
});

test('a list that is changed closes the sockets that are outside of it', async () => {
  const trader = await venue.venue.addTrader();
  const [login, stream] = [await loggedIn(trader), await subscribed(trader)];
  await allow(trader, '127.0.0.1/32');
  assert.equal((await login.request('order.query', {})).status, 200);
  await allow(trader, '10.0.0.0/8');
  const outside = { code: 1008, reason: 'API key not allowed from this address' };
  assert.deepEqual(await login.closed, outside);
  assert.deepEqual(await stream.closed, outside);
});

test('what was sent before the key was revoked is answered before the close', async () => {
  const trader = await venue.venue.addTrader();
  const socket = await loggedIn(trader);
  const COUNT = 300;
  for (let id = 1; id <= COUNT; id++) {
    socket.send({ id, method: 'order.place', params: { ...LIMIT, clientId: id } });
  }
  await socket.frame(({ id }) => id === 1);
  // The shard takes it behind all that the gateway has taken from the socket by now.
  const key = { requestId: 0, accountId: trader.accountId, publicKey: trader.signer.apiKey };
  await venue.venue.engine.request(RevokeApiKey, key, 0);
  assert.equal((await socket.closed).reason, 'API key revoked');
  const answered = socket.frames.filter(({ status }) => status === 200).length + 1;
  const open = await venue.venue.gateway.queryAll(trader.accountId, {});
  assert.equal(answered, open.length, 'an order was taken and not answered');
});

test('a signature of another key or for another instruction opens no private stream and no session', async () => {
  const trader = await venue.venue.addTrader();
  const other = await venue.venue.addTrader();
  const socket = await venue.connect();
  const timestamp = String(Date.now());
  const signed = (text: string): string =>
    trader.signer.sign(`${text}&timestamp=${timestamp}&window=5000`);
  const right = signed('instruction=subscribe');
  for (const [what, apiKey, signature, window] of [
    ['another key', other.signer.apiKey, right, '5000'],
    ['another instruction', trader.signer.apiKey, signed('instruction=orderExecute'), '5000'],
    ['a login of before', trader.signer.apiKey, signed('instruction=session.login'), '5000'],
    ['parameters', trader.signer.apiKey, signed(`instruction=subscribe&params=${STREAM}`), '5000'],
    ['another window', trader.signer.apiKey, right, '5001'],
  ] as const) {
    const attempt = [apiKey, signature, timestamp, window];
    socket.send({ method: 'SUBSCRIBE', params: [STREAM], signature: attempt });
    const error = { code: 4003, message: 'Invalid signature' };
    assert.deepEqual(await socket.frame(() => true), { id: null, error }, what);
    const login = await socket.request('session.login', { signature: attempt });
    assert.deepEqual([login.status, codeOf(login)], [401, 'INVALID_SIGNATURE'], what);
  }
  // What was refused has subscribed nothing: the account's events go to nobody here.
  await venue.venue.gateway.queryAll(trader.accountId, {});
  const own = await loggedIn(trader);
  await own.request('order.place', { params: LIMIT });
  assert.deepEqual(socket.frames, []);
  await Promise.all([socket.close(), own.close()]);
});

test('a private stream is left without a signature', async () => {
  const trader = await venue.venue.addTrader();
  const socket = await subscribed(trader);
  const own = await loggedIn(trader);
  await own.request('order.place', { params: LIMIT });
  await socket.frame(({ stream }) => stream === STREAM);
  socket.send({ method: 'UNSUBSCRIBE', params: [STREAM], id: 'left' });
  await socket.frame(({ id }) => id === 'left');
  await own.request('order.place', { params: LIMIT });
  await own.request('order.query', {});
  assert.deepEqual(socket.frames, []);
  await Promise.all([socket.close(), own.close()]);
});
