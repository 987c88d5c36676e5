import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestServer } from '../../persistence/testing/test-server.ts';
import { VenueUnderTest } from '../venue-process.fixture.ts';
import {
  cancelledOf,
  codeOf,
  Operator,
  type ProcessTrader,
  placeResting,
  reset,
  resultOf,
} from './process-traders.fixture.ts';

const ORDERS = 100;

const postgres = new TestServer();
/** The venue's first life, whose data dir the others go on in. */
let home: VenueUnderTest;
let venue: VenueUnderTest;
let operator: Operator;

before(async () => {
  await postgres.start();
  home = startVenue({});
  venue = home;
  operator = await Operator.of(venue);
  await operator.listMarkets();
});

after(async () => {
  await venue.cleanUp();
  await home.cleanUp();
  await postgres.remove();
});

function startVenue(where: Record<string, string>): VenueUnderTest {
  return new VenueUnderTest({ DATABASE_URL: postgres.url, RINGSIDE_SHARDS: '2', ...where });
}

/** The next life, when this one has ended. */
async function startAgain(): Promise<void> {
  if (venue !== home) await venue.cleanUp();
  venue = startVenue({ RINGSIDE_DATA_DIR: home.dataDir });
  operator = await Operator.of(venue, home);
}

let named = 0;
const newTrader = (): Promise<ProcessTrader> => operator.addTrader(`trader ${named++}`);

/** A session with orders, and what its account hears of them. */
async function withOrders(params?: Record<string, unknown>) {
  const trader = await newTrader();
  const stream = await operator.listen(trader);
  const socket = await operator.logIn(trader, params);
  const orderIds = await placeResting(socket, ORDERS);
  return { trader, stream, socket, orderIds };
}

/** Open orders of everybody: a login of an account would stop its timer, so this is how to look. */
async function openOrderCount(): Promise<number> {
  const { body } = await operator.adminAnswer('GET', '/admin/state');
  const shards = body.shards as { openOrders: number }[];
  return shards.reduce((sum, shard) => sum + shard.openOrders, 0);
}

test('a reset connection leaves just the orders that nobody asked to cancel with it', async () => {
  const guarded = await withOrders({ cancelOnDisconnect: true, graceMs: 0 });
  const unguarded = await withOrders();
  await Promise.all([reset(guarded.socket), reset(unguarded.socket)]);
  assert.deepEqual(await cancelledOf(guarded.stream, ORDERS), guarded.orderIds);
  assert.deepEqual(await operator.openOrders(guarded.trader), []);
  assert.deepEqual(await operator.openOrders(unguarded.trader), unguarded.orderIds);
  // Each was told once.
  const again = guarded.stream.frames.filter(({ data }) => {
    return (data as Record<string, unknown>)?.e === 'orderCancelled';
  });
  assert.deepEqual(again, []);
  await Promise.all([guarded.stream.close(), unguarded.stream.close()]);
});

test('who is back within the grace has the orders still, and again when that connection is lost', async () => {
  const { trader, stream, socket, orderIds } = await withOrders({
    ...{ cancelOnDisconnect: true, graceMs: 600_000 },
  });
  await reset(socket);
  let resumed = null;
  let back = await operator.logIn(trader);
  while (resumed === null) {
    // The venue may hear of the reset a little later than its sender has it.
    await back.close();
    back = await operator.logIn(trader);
    const status = await back.request('session.status', {});
    resumed = resultOf(status).cancelOnDisconnect;
  }
  assert.deepEqual(resumed, { graceMs: 600_000 });
  assert.deepEqual(await operator.openOrders(trader), orderIds);
  const now = { params: { cancelOnDisconnect: true, graceMs: 0 } };
  assert.equal((await back.request('session.cancelOnDisconnect', now)).status, 200);
  await reset(back);
  assert.deepEqual(await cancelledOf(stream, ORDERS), orderIds);
  await stream.close();
});

test('a dead-man timer of REST or a socket cancels what it is for, with an event each', async () => {
  const { trader, stream, socket, orderIds } = await withOrders();
  const set = await socket.request('session.cancelAllAfter', { params: { timeoutMs: 50 } });
  assert.deepEqual([set.status, set.ack], [200, 'journaled']);
  assert.deepEqual(await cancelledOf(stream, ORDERS), orderIds);
  assert.deepEqual(await operator.openOrders(trader), []);
  await Promise.all([stream.close(), socket.close()]);

  await operator.client.beTrader('over REST', ['USD', 'AAA']);
  const order = { symbol: 'AAA_USD', side: 'Bid', orderType: 'Limit', price: '1', quantity: '1' };
  assert.equal((await operator.client.place(order)).status, 200);
  const path = '/api/v1/orders/cancelAllAfter';
  const instruction = 'orderCancelAllAfter';
  const answer = await operator.client.signed('POST', path, instruction, { timeoutMs: 1 });
  assert.equal(answer.status, 200);
  const { symbol, timeoutMs } = answer.body;
  assert.deepEqual([symbol, timeoutMs], [null, 1]);
  for (;;) {
    const { body } = await operator.client.signed('GET', '/api/v1/orders', 'orderQueryAll');
    if ((body as unknown as unknown[]).length === 0) break;
  }
});

test('a venue that was killed cancels for those whose sessions and deadlines went with it', async () => {
  const graceMs = 1500;
  const guarded = await withOrders({ cancelOnDisconnect: true, graceMs });
  const returning = await withOrders({ cancelOnDisconnect: true, graceMs: 600_000 });
  const unguarded = await withOrders();
  const timed = await withOrders();
  const timer = { params: { timeoutMs: 1000 } };
  assert.equal((await timed.socket.request('session.cancelAllAfter', timer)).status, 200);
  const renewed = await withOrders();
  const long = { params: { timeoutMs: 600_000 } };
  assert.equal((await renewed.socket.request('session.cancelAllAfter', long)).status, 200);
  const before = await openOrderCount();
  venue.signalGroup('SIGKILL');
  await venue.ended;
  // The deadline passes while nobody is there to see it.
  await sleep(1100);
  await startAgain();

  // It was due before the venue was ready, and nothing that is asked for comes before it.
  assert.deepEqual(await operator.openOrders(timed.trader), []);
  const back = await operator.logIn(returning.trader);
  const status = resultOf(await back.request('session.status', {}));
  assert.deepEqual(status.cancelOnDisconnect, { graceMs: 600_000 });
  assert.deepEqual(await operator.openOrders(unguarded.trader), unguarded.orderIds);
  while ((await openOrderCount()) > before - 2 * ORDERS) await sleep(20);
  assert.deepEqual(await operator.openOrders(guarded.trader), []);
  assert.deepEqual(await operator.openOrders(returning.trader), returning.orderIds);
  assert.deepEqual(await operator.openOrders(renewed.trader), renewed.orderIds);
  const rest = await operator.logIn(renewed.trader);
  const { cancelAllAfter } = resultOf(await rest.request('session.status', {}));
  assert.equal((cancelAllAfter as { timeoutMs: number }[])[0]!.timeoutMs, 600_000);
  await Promise.all([back.close(), rest.close()]);
});

test('a socket that the venue ends, since its key is revoked, has gone for its orders too', async () => {
  const { trader, stream } = await withOrders({
    ...{ cancelOnDisconnect: true, graceMs: 0 },
  });
  const before = await openOrderCount();
  const key = encodeURIComponent(trader.signer.apiKey);
  const { status } = await operator.adminAnswer('DELETE', `/admin/keys?apiKey=${key}`);
  assert.equal(status, 200);
  // Its private stream was of the same key.
  await stream.closed;
  while ((await openOrderCount()) > before - ORDERS) await sleep(20);
});

test('a venue that stops tells its clients, keeps what it acknowledged, and leaves the orders', async () => {
  const { trader, socket, orderIds, stream } = await withOrders({
    ...{ cancelOnDisconnect: true, graceMs: 600_000 },
  });
  const acknowledged = new Set(orderIds);
  let asked = 0;
  const burst = Promise.all(
    Array.from({ length: 2000 }, async (_, index) => {
      const price = (1 + (index % 50) / 100).toFixed(2);
      const params = { symbol: 'AAA_USD', side: 'Bid', orderType: 'Limit', price, quantity: '1' };
      asked++;
      const reply = await Promise.race([
        socket.request('order.place', { params }),
        socket.closed.then(() => null),
      ]);
      if (reply === null) return;
      if (reply.status === 200) acknowledged.add(String(resultOf(reply).id));
      else assert.equal(codeOf(reply), 'SHUTTING_DOWN');
    }),
  );
  venue.child.kill('SIGTERM');
  const closed = await socket.closed;
  assert.deepEqual(closed, { code: 1001, reason: 'server_shutdown' });
  await burst;
  const { exitCode, stderr } = await venue.ended;
  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.ok(asked > 0);
  const rows = await postgres.query('select order_id::text as id from ringside.orders');
  const stored = new Set(rows.map(({ id }) => id));
  assert.deepEqual(
    [...acknowledged].filter((id) => !stored.has(id)),
    [],
  );
  await stream.closed;

  await startAgain();
  const open = new Set(await operator.openOrders(trader));
  assert.deepEqual(
    [...acknowledged].filter((id) => !open.has(id)),
    [],
  );
});
