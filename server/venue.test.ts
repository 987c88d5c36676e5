import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { beforeEach, type TestContext, test } from 'node:test';
import { resetDatabase } from '../persistence/migrations.ts';
import { makeDataDir, useTestServer } from '../persistence/testing/test-server.ts';
import { until } from '../persistence/testing/until.ts';
import { readConfig } from './config.ts';
import { StartError } from './start-error.ts';
import { TimeBudget } from './time-budget.ts';
import { startVenue, type Venue } from './venue.ts';

const server = useTestServer();
const lines: string[] = [];
const log = { info: () => {}, error: (line: string) => void lines.push(line) };

/** Every test begins a history of its own. */
let dataDir = '';
beforeEach(async () => {
  dataDir = makeDataDir();
  await resetDatabase(server.url);
});

interface Start {
  readonly dataDir?: string;
  readonly port?: number;
  readonly signal?: Pick<AbortSignal, 'throwIfAborted'>;
}

function start(context: TestContext, options: Start = {}): Promise<Venue> {
  const { port = 0, signal } = options;
  const folder = options.dataDir ?? dataDir;
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const config = readConfig({
    RINGSIDE_PORT: String(port),
    RINGSIDE_ADMIN_PORT: '0',
    RINGSIDE_DATA_DIR: folder,
    RINGSIDE_SHARDS: '2',
    DATABASE_URL: server.url,
  });
  return startVenue(config, log, new TimeBudget(9000), signal);
}

/** Sessions that a venue has open, by what they are for. */
async function sessions(): Promise<string[]> {
  const rows = await server.query(`select application_name as name from pg_stat_activity
    where application_name like 'ringside %' and application_name <> 'ringside test' order by 1`);
  return rows.map((row) => String(row.name));
}

test('a start that is broken off at any point ends all it had begun', async (context) => {
  for (let stage = 1; ; stage++) {
    let left = stage;
    const throwIfAborted = (): void => {
      if (--left === 0) throw new Error('broken off');
    };
    const venue = await start(context, { signal: { throwIfAborted } }).catch((error: Error) => {
      assert.equal(error.message, 'broken off');
      return null;
    });
    if (venue !== null) {
      assert.ok(stage > 3, 'the start was not broken off');
      assert.equal(await venue.stop(), true);
    }
    await until('all sessions are over', async () => (await sessions()).length === 0);
    if (venue !== null) break;
  }
  assert.deepEqual(lines, []);
});

test('a start that fails after the database was opened ends its sessions', async (context) => {
  const other = createServer();
  context.after(() => other.close());
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  assert.ok(address !== null && typeof address === 'object');
  await assert.rejects(start(context, { port: address.port }), StartError);
  await until('all sessions are over', async () => (await sessions()).length === 0);
});

test('a second venue is refused the database of a running one, whose tables stay', async (context) => {
  const venue = await start(context);
  await server.query(`insert into accounts values (1, 'kept', now())`);
  await assert.rejects(start(context, { dataDir: makeDataDir() }), (error) => {
    assert.ok(error instanceof StartError);
    assert.match(error.message, /cannot use the database .*: another running venue uses/);
    return true;
  });
  assert.equal((await server.query('select * from accounts')).length, 1);
  await server.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'ringside claim'`);
  assert.equal((await fetch(`${venue.adminUrl}/health/ready`)).status, 200);
  assert.equal(await venue.stop(), true);
  const next = await start(context);
  assert.equal(await next.stop(), true);
});

interface Health {
  readonly components: {
    readonly database: { connected: boolean; failed: boolean; error: string | null };
  };
}

test('a projection that cannot go on is told apart from a database that is away', async (context) => {
  const venue = await start(context);
  const database = async () => {
    const reply = await fetch(`${venue.adminUrl}/health/ready`);
    return ((await reply.json()) as Health).components.database;
  };
  await until('the database is connected', async () => (await database()).connected);
  const { failed, error } = await database();
  assert.deepEqual([failed, error], [false, null]);
  await server.query('drop table assets cascade');
  const headers = { Authorization: `Bearer ${venue.adminToken}` };
  const body = JSON.stringify({ symbol: 'AAA', decimals: 2 });
  await fetch(`${venue.adminUrl}/admin/assets`, { method: 'POST', headers, body });
  await until('the projection has failed', async () => (await database()).failed);
  await until('the reason is told', async () => {
    return /has stopped.*"assets" does not exist/.test((await database()).error ?? '');
  });
  assert.equal((await database()).connected, false);
  const metrics = await (await fetch(`${venue.adminUrl}/metrics`, { headers })).text();
  assert.match(metrics, /^ringside_projection_failed 1$/m);
  assert.equal(await venue.stop(), false, 'what was not written counts as lost');
});
