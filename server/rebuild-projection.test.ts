import assert from 'node:assert/strict';
import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { differingTables, digestProjection } from '../persistence/testing/compare-projections.ts';
import { TestServer } from '../persistence/testing/test-server.ts';
import { until } from '../persistence/testing/until.ts';
import { VenueUnderTest } from './venue-process.fixture.ts';

const TRADES = 10;

const postgres = new TestServer();
before(() => postgres.start());
after(() => postgres.remove());

function countOf(table: string): Promise<number> {
  return postgres
    .query(`select count(*)::integer as count from ${table}`)
    .then(([row]) => Number(row!.count));
}

test('tables that are rebuilt from the journal equal those of the venue', async () => {
  const settings = { DATABASE_URL: postgres.url, RINGSIDE_SHARDS: '2', RINGSIDE_DEMO: '1' };
  const venue = new VenueUnderTest(settings);
  const rebuild = async (argument = '') => {
    const again = { ...settings, RINGSIDE_DATA_DIR: venue.dataDir };
    const process = new VenueUnderTest(again, `rebuild-projection ${argument}`.trim());
    const ended = await process.ended;
    await process.cleanUp();
    return ended;
  };
  try {
    await venue.ready();
    await until('the demo has traded', async () => (await countOf('trades')) >= TRADES);
    const whileRunning = await rebuild();
    assert.equal(whileRunning.exitCode, 1);
    assert.match(whileRunning.stderr, /^ringside: RINGSIDE_DATA_DIR .* in use/);
    venue.child.kill('SIGTERM');
    assert.equal((await venue.ended).exitCode, 0);
    const before = await digestProjection(postgres.url);
    assert.ok((await countOf('fills')) >= 2 * TRADES);

    const makeAnew = async (argument?: string): Promise<void> => {
      const { exitCode, stdout, stderr } = await rebuild(argument);
      assert.deepEqual([exitCode, stderr], [0, '']);
      assert.match(stdout, /^[1-9][\d,]* events, [1-9][\d,]* rows in the tables, after [\d.]+ s$/m);
      assert.deepEqual(differingTables(before, await digestProjection(postgres.url)), []);
    };
    await postgres.query('delete from trades');
    await postgres.query('update balances set available = available + 1');
    await makeAnew();
    await postgres.query(`update projection_history set history_id = 'of another venue'`);
    await postgres.query('delete from fills');
    await makeAnew();

    // As if the journal had lost its end: then the tables are the last that know of it.
    await postgres.query('update projection_positions set sequence = sequence + 1000');
    const ahead = await digestProjection(postgres.url);
    const refused = await rebuild();
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /the journal has lost inputs that were acknowledged/);
    assert.deepEqual(differingTables(ahead, await digestProjection(postgres.url)), []);
    await makeAnew('--accept-loss');

    const directory = join(venue.dataDir, 'journal', 'shard-1');
    const [first] = readdirSync(directory).sort();
    renameSync(join(directory, first!), join(directory, first!.replace('1.', '9.')));
    const cut = await rebuild();
    assert.equal(cut.exitCode, 1);
    assert.match(cut.stderr, /^ringside: .*shard-1 begins at input 9: /);
    assert.deepEqual(differingTables(before, await digestProjection(postgres.url)), []);
  } finally {
    await venue.cleanUp();
  }
});

test('nothing is rebuilt where there is no journal', async () => {
  for (const durability of ['fsync', 'none']) {
    const settings = { DATABASE_URL: postgres.url, RINGSIDE_DURABILITY: durability };
    const process = new VenueUnderTest(settings, 'rebuild-projection');
    const { exitCode, stderr } = await process.ended;
    await process.cleanUp();
    assert.equal(exitCode, 1);
    assert.match(stderr, /^ringside: there is no journal in /);
  }
});
