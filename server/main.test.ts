import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { until } from '../persistence/testing/until.ts';
import { type Json, VenueClient } from './venue-client.fixture.ts';
import { VenueUnderTest } from './venue-process.fixture.ts';

/** Whether the venue's own Postgres takes connections. */
function isPostgresUp(databaseUrl: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(databaseUrl).port), '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

const order = { symbol: 'AAA_USD', orderType: 'Limit', quantity: '5', price: '10.5' };

const venue = new VenueUnderTest({ RINGSIDE_SHARDS: '2' });
let ready: Json;
let client: VenueClient;

before(async () => {
  ready = await venue.ready();
  client = new VenueClient(venue, ready);
  await client.setUp();
});
after(() => venue.cleanUp());

test('the last line of the start is the ready line, and the secrets are for their owner', () => {
  const lines = venue.stdout.trimEnd().split('\n');
  assert.deepEqual(Object.keys(JSON.parse(lines.at(-1)!)), [
    'event',
    'url',
    'adminUrl',
    'pid',
    'shards',
    'durability',
  ]);
  assert.equal(ready.pid, venue.child.pid);
  assert.equal(ready.shards, 2);
  assert.equal(ready.durability, 'fsync');
  assert.match(String(ready.url), /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.match(String(ready.adminUrl), /^http:\/\/127\.0\.0\.1:\d+$/);
  for (const name of ['admin-token', 'database-url']) {
    assert.equal(statSync(join(venue.dataDir, name)).mode & 0o777, 0o600);
  }
  assert.match(venue.read('database-url'), /^postgres:\/\//);
});

test('orders trade, the audit adds up and the database catches up', async () => {
  const sell = await client.place({ ...order, side: 'Ask' });
  assert.deepEqual([sell.status, sell.body.status], [200, 'New'], JSON.stringify(sell.body));
  const own = { ...order, side: 'Bid' };
  const prevented = await client.place(own);
  assert.deepEqual([prevented.status, prevented.body.status], [200, 'Expired']);
  const buy = await client.place({ ...own, selfTradePrevention: 'Allow' });
  assert.deepEqual([buy.status, buy.body.status], [200, 'Filled'], JSON.stringify(buy.body));
  const audit = await client.admin('GET', '/admin/audit');
  assert.equal(audit.balanced, true);
  const trades = await fetch(`${ready.url}/api/v1/trades?symbol=AAA_USD`);
  assert.equal(((await trades.json()) as Json[])[0]!.price, '10.5');
  for (;;) {
    const { shards } = await client.admin('GET', '/admin/state');
    const states = shards as { sequence: number; projectionPosition: number }[];
    if (states.every((shard) => shard.projectionPosition === shard.sequence)) break;
  }
  const klines = `${ready.url}/api/v1/klines?symbol=AAA_USD&interval=1m`;
  const since = Math.floor(Date.now() / 1000) - 120;
  const candles = (await (await fetch(`${klines}&startTime=${since}`)).json()) as Json[];
  assert.equal(candles.at(-1)!.volume, '5');
});

test('a second venue on the same port, data dir or database is refused in one line', async () => {
  const port = String(ready.url).split(':').at(-1)!;
  await refusedStart({ RINGSIDE_PORT: port }, new RegExp(`port ${port}: in use`));
  const dataDir = { RINGSIDE_DATA_DIR: venue.dataDir };
  await refusedStart(
    dataDir,
    /^ringside: RINGSIDE_DATA_DIR .* is in use by another venue, process \d+$/m,
  );
  const database = { DATABASE_URL: venue.read('database-url') };
  await refusedStart(database, /^ringside: cannot use the database .*: another running venue uses/);
  assert.equal((await fetch(`${ready.adminUrl}/health/ready`)).status, 200);
});

test('SIGTERM tells the clients, ends with exit code 0 and leaves no Postgres', async () => {
  const databaseUrl = venue.read('database-url');
  assert.equal(await isPostgresUp(databaseUrl), true);
  const socket = new WebSocket(`${String(ready.url).replace('http', 'ws')}/ws`);
  await new Promise((resolve) => socket.once('open', resolve));
  const closed = new Promise<string>((resolve) => {
    socket.once('close', (code, reason) => resolve(`${code} ${reason}`));
  });
  venue.child.kill('SIGTERM');
  assert.equal(await closed, '1001 server_shutdown');
  const { exitCode, stderr } = await venue.ended;
  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.equal(await isPostgresUp(databaseUrl), false);
});

async function refusedStart(settings: Record<string, string>, message: RegExp): Promise<void> {
  const refused = new VenueUnderTest(settings);
  try {
    const { exitCode, stderr } = await refused.ended;
    assert.equal(exitCode, 1, refused.stdout);
    assert.match(stderr, message);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  } finally {
    await refused.cleanUp();
  }
}

test('Ctrl-C, also twice, ends with exit code 0', async () => {
  const started = new VenueUnderTest();
  try {
    await started.ready();
    const databaseUrl = started.read('database-url');
    started.signalGroup('SIGINT');
    started.signalGroup('SIGINT');
    const { exitCode, stderr } = await started.ended;
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.equal(await isPostgresUp(databaseUrl), false);
  } finally {
    await started.cleanUp();
  }
});

test('a start that is broken off ends with exit code 0 and can be repeated', async () => {
  const broken = new VenueUnderTest();
  try {
    // The home of Postgres is made before its cluster, which takes a while.
    await until('Postgres begins', () => existsSync(join(broken.dataDir, 'postgres')));
    broken.signalGroup('SIGINT');
    const { exitCode, stdout, stderr } = await broken.ended;
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.doesNotMatch(stdout, /"ready"/);
    const again = new VenueUnderTest({ RINGSIDE_DATA_DIR: broken.dataDir });
    try {
      await again.ready();
    } finally {
      await again.cleanUp();
    }
  } finally {
    await broken.cleanUp();
  }
});

test('a bad setting ends the start with one clear line', async () => {
  const closed = await closedPort();
  await Promise.all([
    refusedStart({ RINGSIDE_SHARDS: '65' }, /^ringside: RINGSIDE_SHARDS is "65", but must be/),
    refusedStart({ RINGSIDE_DATA_DIR: '/dev/null/x' }, /RINGSIDE_DATA_DIR .* is not writable/),
    refusedStart({ RINGSIDE_DATA_DIR: '/proc/ringside' }, /RINGSIDE_DATA_DIR .* is not writable/),
    refusedStart({ DATABASE_URL: 'mysql://x' }, /^ringside: DATABASE_URL/),
    refusedStart(
      { DATABASE_URL: `postgres://me:hidden@127.0.0.1:${closed}/x` },
      /^ringside: cannot use the database .*me:\*\*\*@.*ECONNREFUSED/,
    ),
  ]);
});

/** A port nobody listens on. */
async function closedPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}
