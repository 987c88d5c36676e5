import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { busyError } from '../api-error.ts';
import { SignatureChecks } from '../auth/signature-checks.ts';
import { Signer, type Trader } from '../orders/venue.fixture.ts';
import { SOCKET_HELD_BYTES_MAX } from './frame-order.ts';
import { type Received, SocketVenue, type TestSocket } from './socket.fixture.ts';

/** The signature thread behind a gate: signatures wait in front of it while it is shut. */
class GatedChecks {
  readonly checks = new SignatureChecks();
  /** To be thrown instead, by a thread that has no room or has failed. */
  failure: Error | null = null;
  #opened: Promise<void> = Promise.resolve();
  #open = (): void => {};

  readonly check: SignatureChecks['check'] = async (...asked) => {
    await this.#opened;
    if (this.failure !== null) throw this.failure;
    return this.checks.check(...asked);
  };

  shut(): void {
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }
}

const gate = new GatedChecks();
let venue: SocketVenue;
let one: Trader;
let other: Trader;

before(async () => {
  venue = await SocketVenue.open(2, gate);
  [one, other] = [await venue.venue.addTrader(), await venue.venue.addTrader()];
});
afterEach(() => {
  gate.failure = null;
  gate.open();
});
after(async () => {
  await venue.close();
  await gate.checks.close();
});

const login = (trader: Trader, more: object = {}) => ({
  ...{ method: 'session.login', signature: trader.signer.frameSignature() },
  ...more,
});
const status = { method: 'session.status' };
const order = (clientId: number) => ({
  method: 'order.place',
  params: {
    ...{ symbol: 'SOL_USDC', side: 'Bid', orderType: 'Limit', price: '10', quantity: '1' },
    clientId,
  },
});
const errorCode = ({ error }: Received): unknown => (error as { code: unknown } | undefined)?.code;
const reply = (socket: TestSocket, id: number): Promise<Received> =>
  socket.frame((frame) => frame.id === id);

/** Sends all at once; answers the replies in the order of the requests. */
function pipeline(socket: TestSocket, frames: readonly object[]): Promise<Received[]> {
  for (const [index, frame] of frames.entries()) {
    // Both encodings in one row: the second of a pair is binary.
    if (index % 2 === 0) socket.send({ ...frame, id: index });
    else socket.sendBinary({ ...frame, id: index });
  }
  return Promise.all(frames.map((_, index) => reply(socket, index)));
}

async function openOrders(trader: Trader): Promise<number> {
  const socket = await venue.connect();
  await socket.logIn(trader);
  const list = await socket.request('order.query', {});
  await socket.close();
  return (list.result as unknown as unknown[]).length;
}

test('an order that expires behind a login is not taken, and who asked meanwhile was told the truth', async () => {
  const asking = await venue.connect();
  await asking.logIn(one);
  const late = await venue.connect();
  gate.shut();
  const expiresAtMs = Date.now() + 100;
  const replies = pipeline(late, [login(one), { ...order(7), expiresAtMs }]);
  const question = { params: { symbol: 'SOL_USDC', clientId: 7 } };
  for (;;) {
    const absent = await asking.request('order.query', question);
    assert.equal(errorCode(absent), 'RESOURCE_NOT_FOUND');
    if ((absent.times as { received: number }).received > expiresAtMs * 1000) break;
  }
  gate.open();
  const [loggedIn, refused] = await replies;
  assert.deepEqual([loggedIn!.status, refused!.status], [200, 400]);
  assert.equal((refused!.error as { message: unknown }).message, 'Request has expired');
  assert.equal(errorCode(await asking.request('order.query', question)), 'RESOURCE_NOT_FOUND');
  await Promise.all([asking.close(), late.close()]);
});

test('what is sent at once runs in its order, each behind the login before it', async () => {
  const socket = await venue.connect();
  const accountOf = ({ result }: Received) =>
    (result as unknown as { accountId?: number }).accountId;
  const forged = { apiKey: one.signer.apiKey, signer: new Signer() };
  const wrong = [forged.apiKey, ...forged.signer.frameSignature().slice(1)];
  const replies = await pipeline(socket, [
    status,
    login(one),
    status,
    order(1),
    login(other),
    status,
    { method: 'session.login', signature: wrong },
    status,
    { method: 'session.logout' },
    order(2),
    login(one),
    { method: 'order.cancel', params: { symbol: 'SOL_USDC', clientId: 1 } },
  ]);
  const [before, , first, placed, , second, refused, still, , late, , cancelled] = replies;
  assert.deepEqual(
    [before, first, second, still].map((each) => accountOf(each!)),
    [undefined, one.accountId, other.accountId, other.accountId],
  );
  assert.equal(placed!.status, 200);
  assert.deepEqual([refused!.status, errorCode(refused!)], [401, 'INVALID_SIGNATURE']);
  assert.deepEqual([late!.status, errorCode(late!)], [401, 'UNAUTHORIZED']);
  assert.equal(cancelled!.status, 200);
  await socket.close();
});

test('while a signature is checked, others are served, and the socket’s own frames wait', async () => {
  const [waiting, busy] = [await venue.connect(), await venue.connect()];
  await busy.logIn(other);
  gate.shut();
  for (const [id, frame] of [login(one), order(11), status].entries()) {
    waiting.send({ ...frame, id });
  }
  assert.equal((await busy.request('order.query', {})).status, 200);
  assert.deepEqual(waiting.frames, []);
  gate.open();
  assert.equal((await reply(waiting, 1)).status, 200);
  const state = (await reply(waiting, 2)).result as unknown as Record<string, unknown>;
  assert.deepEqual([state.isLoggedIn, state.inFlight], [true, 1], 'the order, not the login');
  await waiting.request('order.cancelAll', {});
  await Promise.all([waiting.close(), busy.close()]);
});

test('a private subscription is checked so, too: what comes behind it finds it done', async () => {
  const socket = await venue.connect();
  const signature = one.signer.frameSignature();
  const streams = ['account.orderUpdate', 'account.balanceUpdate', 'trade.SOL_USDC'];
  const replies = await pipeline(socket, [
    { method: 'SUBSCRIBE', params: streams, signature },
    status,
    { method: 'UNSUBSCRIBE', params: streams.slice(1) },
    status,
    { method: 'SUBSCRIBE', params: streams, signature: [...signature.slice(0, 3), '4999'] },
    status,
  ]);
  const privateStreams = (received: Received | undefined) =>
    (received!.result as unknown as { privateStreams: number }).privateStreams;
  assert.deepEqual(
    [1, 3, 5].map((index) => privateStreams(replies[index])),
    [2, 1, 1],
  );
  assert.equal(errorCode(replies[4]!), 4003);
  await socket.close();
});

test('when no signature can be checked, a login and a subscription hear that the venue is busy', async () => {
  const socket = await venue.connect();
  const signature = one.signer.frameSignature();
  const subscribe = { method: 'SUBSCRIBE', params: ['account.orderUpdate'], signature };
  for (const [failure, code] of [
    [busyError(), 'BUSY'],
    [new Error('the thread has ended'), 'SERVER_ERROR'],
  ] as const) {
    gate.failure = failure;
    const [refused, stream] = await pipeline(socket, [login(one), subscribe]);
    assert.equal(errorCode(refused!), code);
    assert.equal(errorCode(stream!), 4029);
  }
  gate.failure = null;
  await socket.logIn(one);
  await socket.close();
});

test('what there is no room for behind a login is refused as busy, and the rest runs', async () => {
  const socket = await venue.connect();
  gate.shut();
  socket.send({ ...login(one), id: 0 });
  const padding = 'x'.repeat(60_000);
  const count = Math.ceil(SOCKET_HELD_BYTES_MAX / 60_000) + 2;
  for (let id = 1; id <= count; id++) socket.send({ ...status, id, padding });
  socket.send({ method: 'SUBSCRIBE', params: ['trade.SOL_USDC'], id: count + 1, padding });
  assert.equal(errorCode(await reply(socket, count + 1)), 4029);
  const last = await reply(socket, count);
  assert.deepEqual([last.status, errorCode(last)], [503, 'BUSY']);
  gate.open();
  for (let id = 0; id < count - 2; id++) assert.equal((await reply(socket, id)).status, 200);
  await socket.close();
});

test('a socket that closes while its login is checked leaves nothing behind', async () => {
  const socket = await venue.connect();
  gate.shut();
  const params = { cancelOnDisconnect: true, graceMs: 0 };
  socket.send({ ...login(one, { params }), id: 1 });
  socket.send({ ...order(21), id: 2 });
  const [witness] = [await venue.connect()];
  await socket.close();
  // A round trip more, so that the server has heard of the close, too.
  await witness.request('session.status', {});
  gate.open();
  await witness.logIn(one);
  assert.equal(await openOrders(one), 0);
  await witness.close();
});

test('a key that is revoked while its login is checked logs nobody in', async () => {
  const trader = await venue.venue.addTrader();
  const socket = await venue.connect();
  gate.shut();
  socket.send({ ...login(trader), id: 0 });
  socket.send({ ...status, id: 1 });
  assert.equal((await (await venue.connect()).request('session.status', {})).status, 200);
  venue.venue.keys.revoke(trader.signer.apiKey);
  gate.open();
  assert.equal(errorCode(await reply(socket, 0)), 'UNAUTHORIZED');
  assert.equal(
    ((await reply(socket, 1)).result as unknown as { isLoggedIn: boolean }).isLoggedIn,
    false,
  );
  await socket.close();
});
