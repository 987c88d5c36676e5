import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { BesiegedVenue, STRANGER, textFrame, UPGRADE } from './hostile-client.fixture.ts';
import type { Signer } from './orders/venue.fixture.ts';
import type { TestSocket } from './ws/socket.fixture.ts';

/** What a websocket may have waiting, and one message: see `Sessions`. */
const BUFFERED_BYTES_MAX = 16 * 2 ** 20 + 64 * 1024;

/** Of all websockets together. */
const ALL_BUFFERED_BYTES_MAX = 16 * 2 ** 20;

/** So many reach that limit before any of them reaches its own. */
const SLOW_SOCKETS = 6;

const ORDER = { orderType: 'Limit', price: '1', quantity: '1', side: 'Bid', symbol: 'AAA_USD' };

let venue: BesiegedVenue;
let trader: Signer;

before(async () => {
  venue = await BesiegedVenue.open({ RINGSIDE_MAX_BUFFERED_MIB: '16' });
  trader = await venue.addTrader('healthy');
});
after(() => venue.close());

async function loggedIn(signer: Signer): Promise<TestSocket> {
  const socket = await venue.socket();
  await socket.logIn({ accountId: 0, signer });
  return socket;
}

/** Median and 99th percentile of round trips of one client's orders, ms. */
async function latencyOf(socket: TestSocket, seconds: number): Promise<string> {
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const start = performance.now();
    const placed = await socket.request('order.place', { params: { ...ORDER, clientId: 1 } });
    latencies.push(performance.now() - start);
    assert.equal(placed.status, 200);
    const { symbol } = ORDER;
    await socket.request('order.cancel', { params: { symbol, clientId: 1 } });
  }
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)]!.toFixed(2);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms of ${latencies.length}`;
}

test('a client that does not read is closed as a slow consumer, and others hear everything meanwhile', async (context: TestContext) => {
  const busy = await venue.addTrader('busy');
  const healthy = await loggedIn(trader);
  context.diagnostic(`alone: ${await latencyOf(healthy, 1)}`);
  const streams = ['depth.AAA_USD', 'bookTicker.AAA_USD'];
  const listener = await venue.socket();
  await listener.request('SUBSCRIBE', { params: streams });
  const slow = await loggedIn(busy);
  const own = ['account.orderUpdate', 'account.orderUpdate.AAA_USD'];
  await slow.request('SUBSCRIBE', { params: [...streams, ...own] });

  const maker = await loggedIn(busy);
  const batch = Array.from({ length: 50 }, () => ({ ...ORDER, price: '0.5' }));
  const load = async (isEnough: () => Promise<boolean>): Promise<number> => {
    let bufferedBytesMax = 0;
    for (let round = 0; !(await isEnough()); round++) {
      assert.ok(round < 2000, 'the slow one is never closed');
      for (let turn = 0; turn < 5; turn++) {
        await maker.request('order.batch', { params: batch }, true);
        await maker.request('order.cancelAll', {}, true);
      }
      const buffered = await venue.metric('ringside_websocket_buffered_bytes_max');
      bufferedBytesMax = Math.max(bufferedBytesMax, buffered);
    }
    return bufferedBytesMax;
  };
  let isMeasured = false;
  const first = load(async () => isMeasured);
  context.diagnostic(`beside load that all of them read: ${await latencyOf(healthy, 1)}`);
  isMeasured = true;
  await first;
  slow.raw.pause();
  const isClosed = async () => (await venue.metric('ringside_slow_consumers_total')) > 0;
  const second = load(isClosed);
  context.diagnostic(`beside the same that one does not read: ${await latencyOf(healthy, 1)}`);
  const bufferedBytesMax = await second;
  context.diagnostic(`it had ${(bufferedBytesMax / 2 ** 20).toFixed(1)} MiB waiting`);
  assert.ok(bufferedBytesMax <= BUFFERED_BYTES_MAX);

  slow.raw.resume();
  assert.deepEqual(await slow.closed, { code: 1008, reason: 'slow consumer' });
  for (const socket of [slow, listener]) assertContiguous(socket);
  await Promise.all([healthy, listener, maker].map((socket) => socket.close()));
});

/** The ids of the depth events that a socket has heard have no hole. */
function assertContiguous({ frames }: TestSocket): void {
  const ids = frames
    .filter((frame) => frame.stream === 'depth.AAA_USD')
    .map(({ data }) => data as { U: number; u: number });
  assert.ok(ids.length > 1000);
  for (let index = 1; index < ids.length; index++)
    assert.equal(ids[index]!.U, ids[index - 1]!.u + 1);
}

test('a flood from one address is refused, then closed, while others trade', async (context: TestContext) => {
  const healthy = await loggedIn(trader);
  context.diagnostic(`alone: ${await latencyOf(healthy, 1)}`);
  const frames = Buffer.concat(
    Array.from({ length: 500 }, () => textFrame('{"method":"order.place","id":1}')),
  );
  let isFlooding = true;
  const flood = (async () => {
    let sent = 0;
    let closed = 0;
    for (; isFlooding; closed++) {
      const connection = await venue.raw(STRANGER);
      let isOpen = true;
      const ended = connection.ended.then((heard) => {
        isOpen = false;
        return heard;
      });
      await connection.send(`${UPGRADE}\r\n`).answered;
      for (; isOpen; sent += 500) {
        await new Promise((resolve) => connection.socket.write(frames, resolve));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      assert.match(await ended, /too many requests|TOO_MANY_REQUESTS|^$/);
    }
    return `${sent} requests on ${closed} connections`;
  })();
  context.diagnostic(`beside a flood: ${await latencyOf(healthy, 2)}`);
  isFlooding = false;
  context.diagnostic(await flood);
  const refused = 'ringside_rate_limited_total{scope="address",kind="requests"}';
  assert.ok((await venue.metric(refused)) > 0);
  await healthy.close();
  assert.equal((await venue.operator.admin('GET', '/admin/audit')).balanced, true);
});

test('many that do not read have a limit together, and those furthest behind go first', async () => {
  const greedy = await venue.addTrader('greedy');
  const maker = await venue.socket();
  await maker.logIn({ accountId: 0, signer: greedy });
  const streams = ['account.orderUpdate', 'account.orderUpdate.AAA_USD'];
  const slow: TestSocket[] = [];
  for (let index = 0; index < SLOW_SOCKETS; index++) {
    const socket = await venue.socket();
    socket.raw.on('error', () => {});
    const signature = greedy.frameSignature();
    await socket.request('SUBSCRIBE', { params: streams, signature });
    socket.raw.pause();
    slow.push(socket);
  }
  const batch = Array.from({ length: 50 }, () => ({ ...ORDER, price: '0.5' }));
  const closedBefore = await venue.metric('ringside_slow_consumers_total');
  let bufferedBytes = 0;
  let bufferedBytesMax = 0;
  for (
    let round = 0;
    (await venue.metric('ringside_slow_consumers_total')) === closedBefore;
    round++
  ) {
    assert.ok(round < 5000, 'none is ever closed');
    await maker.request('order.batch', { params: batch }, true);
    await maker.request('order.cancelAll', {}, true);
    bufferedBytes = Math.max(
      bufferedBytes,
      await venue.metric('ringside_websocket_buffered_bytes'),
    );
    const most = await venue.metric('ringside_websocket_buffered_bytes_max');
    bufferedBytesMax = Math.max(bufferedBytesMax, most);
  }
  // A quarter more may be on its way between two looks.
  assert.ok(bufferedBytes <= 1.5 * ALL_BUFFERED_BYTES_MAX, `${bufferedBytes} bytes`);
  assert.ok(bufferedBytesMax < ALL_BUFFERED_BYTES_MAX / 2, 'none was too slow by itself');
  for (const socket of slow) socket.raw.terminate();
  await maker.close();
});
