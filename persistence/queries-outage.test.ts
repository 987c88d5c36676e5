import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { connectionConfig } from './database.ts';
import { ProjectionQueries } from './queries.ts';
import { serverProcesses } from './testing/cluster-processes.ts';
import { START_US } from './testing/event-feed.ts';
import { MarketModel } from './testing/market-model.ts';
import { Random } from './testing/random.ts';
import { useTestServer } from './testing/test-server.ts';
import { until } from './testing/until.ts';
import { startVenue, untilCommitted } from './testing/venue.ts';

const server = useTestServer();
/** One second for a connection, two for the answer, and room for a busy machine. */
const DEADLINE_MS = 4000;

async function startQueries(context: TestContext): Promise<ProjectionQueries> {
  const venue = await startVenue(context, server);
  const queries = new ProjectionQueries(server.url);
  context.after(() => queries.close());
  venue.feed.recordListings();
  new MarketModel(venue.feed, new Random(1)).recordTrades(10);
  await venue.feed.flush();
  await untilCommitted(venue);
  return queries;
}

/** Stops every process of the server while `during` runs. */
async function withFrozenServer(during: () => Promise<void>): Promise<void> {
  const processes = serverProcesses(server.dataDir);
  assert.ok(processes.length > 1);
  for (const pid of processes) process.kill(pid, 'SIGSTOP');
  try {
    await during();
  } finally {
    for (const pid of processes) process.kill(pid, 'SIGCONT');
  }
}

function readTenTimes(queries: ProjectionQueries) {
  return Promise.allSettled(Array.from({ length: 10 }, () => queries.recentTrades(1, 10)));
}

async function assertAllFailInTime(queries: ProjectionQueries): Promise<void> {
  const startMs = performance.now();
  const outcomes = await readTenTimes(queries);
  const elapsedMs = performance.now() - startMs;
  assert.deepEqual(
    outcomes.filter((outcome) => outcome.status === 'fulfilled'),
    [],
  );
  assert.ok(elapsedMs < DEADLINE_MS, `the errors took ${elapsedMs} ms`);
}

async function assertAllAnswered(queries: ProjectionQueries): Promise<void> {
  const expected = await queries.recentTrades(1, 10);
  assert.equal(expected.length, 10);
  for (const outcome of await readTenTimes(queries)) {
    assert.deepEqual(outcome, { status: 'fulfilled', value: expected });
  }
}

test('a server that hangs under open connections costs a caller seconds, and its return is noticed', async (context) => {
  const queries = await startQueries(context);
  await assertAllAnswered(queries);
  await withFrozenServer(async () => {
    await assertAllFailInTime(queries);
    // Now the pool has lost its connections.
    await assertAllFailInTime(queries);
  });
  await assertAllAnswered(queries);
});

test('a server that hangs before the first connection costs a caller seconds', async (context) => {
  const queries = await startQueries(context);
  await withFrozenServer(() => assertAllFailInTime(queries));
  await assertAllAnswered(queries);
});

test('queries end in time while the server hangs', async (context) => {
  await startVenue(context, server);
  const queries = new ProjectionQueries(server.url);
  await queries.klines(1, '1m', START_US, START_US, 1);
  await withFrozenServer(async () => {
    const startMs = performance.now();
    const read = assert.rejects(queries.recentTrades(1, 1), /timeout/i);
    await queries.close();
    await read;
    assert.ok(performance.now() - startMs < DEADLINE_MS);
  });
});

test('a statement that waits for a lock is given up, and leaves no session behind', async (context) => {
  const queries = await startQueries(context);
  const client = new pg.Client(connectionConfig(server.url, 'ringside test'));
  await client.connect();
  context.after(() => client.end());
  await client.query('begin; lock table trades');
  await assertAllFailInTime(queries);
  await until('the sessions have gone', async () => {
    const waiting = `select 1 from pg_stat_activity
      where application_name = 'ringside queries' and state = 'active'`;
    return (await server.query(waiting)).length === 0;
  });
  await client.query('rollback');
  await assertAllAnswered(queries);
});
