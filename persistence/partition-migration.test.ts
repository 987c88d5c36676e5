import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { connectionConfig, withClient } from './database.ts';
import { prepareDatabase, prepareDatabaseAt } from './migrations.ts';
import { compareProjections } from './testing/compare-projections.ts';
import { RandomHistory } from './testing/random-history.ts';
import { useTestServer } from './testing/test-server.ts';
import { resumeVenue, startVenue, untilCommitted } from './testing/venue.ts';

const server = useTestServer();
const BEFORE = 6;
const SHARDS = 2;
/** So that the events are of a year. */
const LONGEST_PAUSE_US = 5e11;

const TABLES = `select table_name as name from information_schema.tables
  where table_schema = 'ringside' and table_name <> 'schema_migrations'`;

/** Copies the rows of every table of a database that another one has too. */
async function copyRows(fromUrl: string, toUrl: string): Promise<void> {
  const from = new pg.Client(connectionConfig(fromUrl, 'ringside test'));
  await from.connect();
  await withClient(toUrl, 'ringside test', async (to) => {
    for (const { name } of (await to.query(TABLES)).rows) {
      const text = `select coalesce(json_agg(row), '[]')::text as rows from ${name} as row`;
      const { rows } = (await from.query(text)).rows[0];
      await to.query(
        `insert into ${name} select * from json_populate_recordset(null::${name}, $1)`,
        [rows],
      );
    }
  });
  await from.end();
}

/** But for what a build of before did not write down. */
async function differences(leftUrl: string, rightUrl: string): Promise<string[]> {
  const lines = await compareProjections(leftUrl, rightUrl);
  return lines.filter((line) => !/^(month_begins|transfers|api_keys): /.test(line));
}

test('a filled schema of before becomes the partitioned one, with all its rows and totals', async (context) => {
  const venue = await startVenue(context, server, { shardCount: SHARDS });
  const history = new RandomHistory(venue.feed, 3, LONGEST_PAUSE_US);
  for (let part = 0; part < 6; part++) {
    history.record(500);
    await venue.feed.flush();
  }
  await untilCommitted(venue);

  const migratedUrl = await server.createDatabase('migrated');
  await prepareDatabaseAt(migratedUrl, BEFORE);
  await copyRows(server.url, migratedUrl);
  await prepareDatabase(migratedUrl);
  assert.deepEqual(await differences(server.url, migratedUrl), []);
  const [partitions] = await server.query(
    `select count(*)::integer as count from pg_inherits where inhparent = 'trades'::regclass`,
  );
  assert.ok(Number(partitions!.count) >= 10, 'the history is of many months');

  // And it goes on behind them as it would have without.
  await venue.writer.stop();
  const firstSent = venue.feed.sequences.map((sequence) => sequence + 1);
  for (const databaseUrl of [server.url, migratedUrl]) {
    const next = await resumeVenue(context, server, { shardCount: SHARDS, databaseUrl, firstSent });
    const again = new RandomHistory(next.feed, 3, LONGEST_PAUSE_US);
    for (let part = 0; part < 6; part++) again.record(500);
    again.record(800);
    await next.feed.flush();
    await untilCommitted(next);
    await next.writer.stop();
  }
  assert.deepEqual(await differences(server.url, migratedUrl), []);
});

test('a migration that fails leaves the schema of before as it was', async () => {
  const url = await server.createDatabase('refused');
  await prepareDatabaseAt(url, BEFORE);
  await copyRows(server.url, url);
  await withClient(url, 'ringside test', (client) =>
    client.query('create view public.mine as select price from ringside.trades'),
  );
  const before = await withClient(url, 'ringside test', (client) =>
    client.query('select * from trades'),
  );
  await assert.rejects(prepareDatabase(url), /other objects depend on them/);
  await withClient(url, 'ringside test', async (client) => {
    assert.deepEqual((await client.query('select * from trades')).rows, before.rows);
    const { rows } = await client.query('select max(version) as version from schema_migrations');
    assert.deepEqual(rows, [{ version: BEFORE }]);
    await client.query('drop view public.mine');
  });
  await prepareDatabase(url);
});
