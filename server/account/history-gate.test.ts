import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { connectionConfig } from '../../persistence/database.ts';
import { TcpProxy } from '../../persistence/testing/tcp-proxy.ts';
import { useTestServer } from '../../persistence/testing/test-server.ts';
import { until } from '../../persistence/testing/until.ts';
import { type Item, SignedClient } from '../http/signed-client.fixture.ts';
import { openTrading } from '../recovery/trading-venue.fixture.ts';

const server = useTestServer();
const ORDERS = ['GET', '/wapi/v1/history/orders', 'orderHistoryQueryAll'] as const;
const WITHDRAWALS = ['GET', '/wapi/v1/capital/withdrawals', 'withdrawalQueryAll'] as const;
const WITHDRAW = ['POST', '/wapi/v1/capital/withdrawals', 'withdraw'] as const;
const REQUEST = { address: 'a', blockchain: 'Solana', clientId: 'x', quantity: '1', symbol: 'SOL' };

async function open(context: TestContext, options?: Parameters<typeof openTrading>[2]) {
  const { venue, traders } = await openTrading(context, server, options);
  const [one, two] = traders.map((trader) => new SignedClient(venue, trader));
  return { venue, one: one!, two: two! };
}

/** Holds a table until the answered function is called: `exclusive` lets others read it. */
async function lock(
  context: TestContext,
  table: string,
  mode: 'exclusive' | 'access exclusive',
): Promise<() => Promise<void>> {
  const client = new pg.Client(connectionConfig(server.url, 'ringside test'));
  // The server may be gone before it.
  client.on('error', () => {});
  await client.connect();
  context.after(() => client.end());
  await client.query(`begin; lock table ${table} in ${mode} mode`);
  return async () => {
    await client.query('rollback');
  };
}

async function codeOf(reply: Promise<[number, unknown, unknown]>): Promise<[number, unknown]> {
  const [status, code] = await reply;
  return [status, code];
}

test('old rows never pass for new ones: a projection that is behind is told to whom it matters', async (context) => {
  const { one, two, venue } = await open(context);
  const { id } = await one.place({ price: '50', quantity: '1' });
  assert.equal((await one.orders()).length, 1);
  await venue.settle();
  const release = await lock(context, 'orders', 'exclusive');
  await one.cancel(id);
  assert.deepEqual(await codeOf(one.refusal(...ORDERS)), [503, 'HISTORY_BEHIND']);
  assert.deepEqual(await two.orders(), [], 'who has nothing new is answered');
  const waiting = one.orders();
  await release();
  await venue.settle();
  assert.equal((await waiting)[0]!.status, 'Cancelled');
  assert.equal((await one.orders())[0]!.status, 'Cancelled');
});

test('a gateway that has not heard the past waits for all of it', async (context) => {
  const { one, venue } = await open(context);
  await venue.settle();
  const release = await lock(context, 'orders', 'exclusive');
  const { id } = await one.place({ price: '50', quantity: '1' });
  await venue.restartGateway();
  assert.deepEqual(await codeOf(one.refusal(...ORDERS)), [503, 'HISTORY_BEHIND']);
  await release();
  await venue.settle();
  assert.equal((await one.orders())[0]!.id, id);
});

test('history without the database is refused by name, and is whole when that is back', async (context) => {
  const proxy = await TcpProxy.start(server.port);
  context.after(() => proxy.close());
  const url = proxy.through(server.url);
  const { one, venue } = await open(context, { writer: url, queries: url });
  await venue.settle();
  proxy.rules = { toServer: () => false };
  await until('the database is away', async () => {
    return (await one.send(...ORDERS)).body.code === 'HISTORY_UNAVAILABLE';
  });
  const { id } = await one.place({ price: '50', quantity: '1' });
  assert.deepEqual(await codeOf(one.refusal(...ORDERS)), [503, 'HISTORY_UNAVAILABLE']);
  assert.deepEqual(await codeOf(one.refusal(...WITHDRAW, REQUEST)), [503, 'HISTORY_UNAVAILABLE']);
  const capital = await one.done<Record<string, Item>>('GET', '/api/v1/capital', 'balanceQuery');
  assert.equal(capital.SOL!.available, '10000000', 'nothing was withdrawn');
  proxy.rules = {};
  await venue.settle();
  assert.deepEqual(
    (await one.orders()).map((order) => order.id),
    [id],
  );
});

test('a withdrawal whose record is late is told so, and the same request finds it made', async (context) => {
  const { one, venue } = await open(context);
  await venue.settle();
  const release = await lock(context, 'transfers', 'exclusive');
  assert.deepEqual(await codeOf(one.refusal(...WITHDRAW, REQUEST)), [504, 'TIMEOUT']);
  await release();
  await venue.settle();
  const made = await one.done(...WITHDRAW, REQUEST);
  assert.deepEqual(await one.done(...WITHDRAWALS), [made]);
  const capital = await one.done<Record<string, Item>>('GET', '/api/v1/capital', 'balanceQuery');
  assert.equal(capital.SOL!.available, '9999999');
});

test('questions that take too long are given up, and one account cannot ask them all', async (context) => {
  const { one, two, venue } = await open(context);
  await one.orders();
  await two.orders();
  await venue.settle();
  const release = await lock(context, 'orders', 'access exclusive');
  const ask = () => one.refusal(...ORDERS, 'orderId=64');
  const replies = await Promise.all(Array.from({ length: 20 }, ask));
  const codes = replies.map(([, code]) => String(code));
  const timely = ['TOO_MANY_REQUESTS', 'HISTORY_TIMEOUT', 'BUSY', 'HISTORY_UNAVAILABLE'];
  assert.deepEqual(
    codes.filter((code) => !timely.includes(code)),
    [],
  );
  const countOf = (wanted: string) => codes.filter((code) => code === wanted).length;
  assert.ok(countOf('HISTORY_TIMEOUT') > 0);
  assert.ok(countOf('TOO_MANY_REQUESTS') > 0 && countOf('TOO_MANY_REQUESTS') <= 4, String(codes));
  await release();
  assert.deepEqual(await one.orders(), []);
  assert.deepEqual(await two.orders(), []);
});
