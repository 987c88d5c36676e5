import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimDatabase, DatabaseInUse } from './database-claim.ts';
import { TcpProxy } from './testing/tcp-proxy.ts';
import { useTestServer } from './testing/test-server.ts';
import { until } from './testing/until.ts';

const server = useTestServer();

const holders = async (): Promise<number> => {
  const [row] = await server.query(`select count(*)::integer as count from pg_locks
    where locktype = 'advisory' and granted`);
  return row!.count as number;
};

test('one venue has a database at a time, until it gives it free', async () => {
  const claim = await claimDatabase(server.url);
  await assert.rejects(claimDatabase(server.url), DatabaseInUse);
  await claim.release();
  await claim.release();
  const next = await claimDatabase(server.url);
  await next.release();
  assert.equal(await holders(), 0);
});

test('a claim whose connection was lost is taken again, and released it stays free', async (context) => {
  const proxy = await TcpProxy.start(server.port);
  context.after(() => proxy.close());
  const claim = await claimDatabase(proxy.through(server.url));
  await server.query(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'`);
  await until('the claim is taken again', async () => {
    return proxy.connectionCount === 2 && (await holders()) === 1;
  });
  await assert.rejects(claimDatabase(server.url), DatabaseInUse);
  await claim.release();
  assert.equal(await holders(), 0);
});
