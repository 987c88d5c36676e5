import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimDatabase, DatabaseInUse } from './database-claim.ts';
import { TcpProxy } from './testing/tcp-proxy.ts';
import { useTestServer } from './testing/test-server.ts';
import { until } from './testing/until.ts';

const server = useTestServer();

/** The backends that hold the lock. */
const holders = async (): Promise<unknown[]> => {
  const rows = await server.query(`select pid from pg_locks
    where locktype = 'advisory' and granted`);
  return rows.map(({ pid }) => pid);
};

test('one venue has a database at a time, until it gives it free', async () => {
  const claim = await claimDatabase(server.url);
  await assert.rejects(claimDatabase(server.url), DatabaseInUse);
  await claim.release();
  await claim.release();
  const next = await claimDatabase(server.url);
  await next.release();
  assert.deepEqual(await holders(), []);
});

test('a claim whose connection was lost is taken again, and released it stays free', async (context) => {
  const proxy = await TcpProxy.start(server.port);
  context.after(() => proxy.close());
  const claim = await claimDatabase(proxy.through(server.url));
  const [first] = await holders();
  await server.query('select pg_terminate_backend($1)', [first]);
  await until('the claim is taken again', async () => {
    // The first one may hold the lock for a moment after its client has heard of its end.
    const now = await holders();
    return now.length === 1 && now[0] !== first;
  });
  assert.ok(proxy.connectionCount >= 2);
  await assert.rejects(claimDatabase(server.url), DatabaseInUse);
  await claim.release();
  assert.deepEqual(await holders(), []);
});
