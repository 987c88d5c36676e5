import uWebSockets from 'uWebSockets.js';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Permission } from '../../engine/protocol/enums.ts';
import { allocateTopology } from '../../engine/ring/topology.ts';
import { ApiKeys } from '../auth/api-keys.ts';
import { Authenticator } from '../auth/authenticate.ts';
import { EngineClient } from '../engine/engine-client.ts';
import type { EngineListener } from '../engine/event-loop.ts';
import { OrderGateway } from '../orders/order-gateway.ts';
import { listedRegistry, Signer } from '../orders/venue.fixture.ts';
import { makeProtections } from '../protection/protections.ts';
import { IN_FLIGHT_MAX } from './session.ts';
import { TestSocket } from './socket.fixture.ts';
import { WebsocketServer } from './websocket.ts';

/** A gateway whose shard never answers: what is sent stays under way until `failAll`. */
const engine = new EngineClient(allocateTopology(1), {} as EngineListener);
const registry = listedRegistry();
const keys = new ApiKeys();
const signer = new Signer();
keys.add({
  ...{ publicKey: signer.apiKey, accountId: 1, permissions: Permission.Read | Permission.Trade },
  allowedAddresses: '',
});

const gateway = new OrderGateway(engine, registry, { referencePriceTicks: () => 0 });
let server: WebsocketServer;
let url = '';
let listenSocket: uWebSockets.us_listen_socket | false = false;

before(async () => {
  const app = uWebSockets.App();
  server = new WebsocketServer({
    app,
    registry,
    authenticator: new Authenticator(keys),
    gateway,
    protections: makeProtections(engine, { info() {}, error() {} }),
    acknowledgement: 'accepted',
    journaledUs: () => 0,
    onSubscribed: () => {},
  });
  await new Promise<void>((resolve) => {
    app.listen('127.0.0.1', 0, (socket) => {
      listenSocket = socket;
      resolve();
    });
  });
  assert.ok(listenSocket !== false);
  url = `ws://127.0.0.1:${uWebSockets.us_socket_local_port(listenSocket)}/ws`;
});

after(() => {
  server.closeAll(1001, 'server_shutdown');
  if (listenSocket !== false) uWebSockets.us_listen_socket_close(listenSocket);
});

const cancel = { method: 'order.cancel', params: { symbol: 'SOL_USDC', clientId: 1 } };

async function loggedIn(): Promise<TestSocket> {
  const socket = await TestSocket.open(url);
  await socket.logIn({ accountId: 1, signer });
  return socket;
}

test('a request beyond those a socket may have under way is refused as busy', async () => {
  const socket = await loggedIn();
  for (let id = 0; id < IN_FLIGHT_MAX; id++) socket.sendBinary({ id, ...cancel });
  socket.sendBinary({ id: 'one more', ...cancel });
  const refused = await socket.frame(() => true);
  assert.equal(refused.id, 'one more');
  assert.deepEqual([refused.status, (refused.error as { code: string }).code], [503, 'BUSY']);
  assert.equal(engine.pendingCount, IN_FLIGHT_MAX);

  engine.failAll();
  const failed = await socket.frame((frame) => frame.id === IN_FLIGHT_MAX - 1);
  assert.equal((failed.error as { code: string }).code, 'TIMEOUT');
  socket.sendBinary({ id: 'again', ...cancel });
  socket.sendBinary({ id: 'unknown', method: 'order.frobnicate' });
  assert.equal((await socket.frame((frame) => frame.id === 'unknown')).status, 400);
  assert.equal(engine.pendingCount, 1);
  engine.failAll();
  await socket.frame((frame) => frame.id === 'again');
  await socket.close();
});

test('what a session asks of the engine for itself counts as well, and questions of it are answered', async () => {
  const socket = await loggedIn();
  for (let id = 0; id < IN_FLIGHT_MAX; id++) socket.sendBinary({ id, ...cancel });
  const asked: [method: string, more: object][] = [
    ['session.cancelAllAfter', { params: { timeoutMs: 1000 } }],
    ['session.cancelOnDisconnect', { params: { cancelOnDisconnect: true } }],
    ['session.login', { signature: signer.frameSignature() }],
  ];
  for (const [method, more] of asked) {
    socket.send({ id: method, method, ...more });
    const { status, error } = await socket.frame(({ id }) => id === method);
    assert.deepEqual([status, (error as { code: string }).code], [503, 'BUSY'], method);
  }
  assert.equal(engine.pendingCount, IN_FLIGHT_MAX);
  const state = await socket.request('session.status', {});
  assert.equal((state.result as unknown as { inFlight: number }).inFlight, IN_FLIGHT_MAX);
  engine.failAll();
  await socket.frame(({ id }) => id === IN_FLIGHT_MAX - 1);
  for (let id = 0; id <= IN_FLIGHT_MAX; id++) {
    socket.send({ id: `${id}`, method: 'session.cancelAllAfter', params: { timeoutMs: 1000 } });
  }
  const refused = await socket.frame(({ id }) => typeof id === 'string' && /^\d+$/.test(id));
  assert.deepEqual([refused.id, refused.status], [`${IN_FLIGHT_MAX}`, 503]);
  assert.equal(engine.pendingCount, IN_FLIGHT_MAX);
  engine.failAll();
  await socket.close();
});

test('a revoked key closes its sockets when what is under way on them has been answered', async () => {
  const socket = await loggedIn();
  const idle = await loggedIn();
  let isClosed = false;
  void socket.closed.then(() => {
    isClosed = true;
  });
  socket.send({ id: 1, ...cancel });
  socket.send({ id: 2, method: 'order.cancelAll' });
  socket.send({ id: 3, method: 'order.frobnicate' });
  await socket.frame(({ id }) => id === 3);
  server.onApiKeyRevoked(signer.apiKey);
  assert.equal((await idle.closed).code, 1008);
  socket.send({ id: 4, ...cancel });
  socket.send({ id: 5, method: 'session.login', signature: signer.frameSignature() });
  const other = await loggedIn();
  // By then the server has read what came before on the first socket, and swept all of them.
  await new Promise((resolve) => setTimeout(resolve, 120));
  assert.equal((await other.request('order.frobnicate', {})).status, 400);
  assert.equal(isClosed, false);
  assert.equal(engine.pendingCount, 2);
  engine.failAll();
  const code = ({ error }: Record<string, unknown>) => (error as { code: string }).code;
  assert.deepEqual(await socket.closed, { code: 1008, reason: 'API key revoked' });
  const answers = socket.frames.map((frame) => `${frame.id} ${code(frame)}`);
  assert.deepEqual(answers.sort(), ['1 TIMEOUT', '2 TIMEOUT']);
  await other.close();
});

test('answers to a socket that is gone go nowhere', async () => {
  const socket = await loggedIn();
  const { connectionCount } = server;
  socket.send({ id: 1, ...cancel });
  socket.send({ id: 2, method: 'order.batch', params: [{}, {}] });
  socket.send({ id: 3, method: 'order.cancelAll' });
  await socket.frame((frame) => frame.id === 2);
  assert.equal(engine.pendingCount, 2);
  socket.raw.terminate();
  while (server.connectionCount === connectionCount) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  engine.failAll();
  const other = await loggedIn();
  assert.equal((await other.request('order.frobnicate', {})).status, 400);
  await other.close();
});

test('a venue that stops says so, also to a socket that may ask for nothing more', async () => {
  const socket = await loggedIn();
  for (let id = 0; id < IN_FLIGHT_MAX; id++) socket.sendBinary({ id, ...cancel });
  socket.sendBinary({ id: 'busy', ...cancel });
  const codeOf = async (wanted: string) =>
    ((await socket.frame(({ id }) => id === wanted)).error as { code: string }).code;
  assert.equal(await codeOf('busy'), 'BUSY');
  gateway.refuseOrders();
  for (const method of ['place', 'replace', 'reduce', 'cancel', 'batch', 'cancelAll', 'query']) {
    socket.sendBinary({ id: method, method: `order.${method}` });
    assert.equal(await codeOf(method), 'SHUTTING_DOWN', method);
  }
  socket.sendBinary({ id: 'balances', method: 'balances.query' });
  assert.equal(await codeOf('balances'), 'SHUTTING_DOWN');
  engine.failAll();
  await socket.close();
});
