import assert from 'node:assert/strict';
import {
  closeSync,
  cpSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { nodeDisk } from '../engine/journal/disk.ts';
import { JournalReader } from '../engine/journal/journal-reader.ts';
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

const TORN = Buffer.alloc(30, 0xcd);

test('no table is dropped that the journals cannot make anew', async () => {
  await postgres.query('drop schema ringside cascade');
  const settings = { DATABASE_URL: postgres.url, RINGSIDE_SHARDS: '2', RINGSIDE_DEMO: '1' };
  const snapshots = { RINGSIDE_SNAPSHOT_INPUTS: '20', RINGSIDE_KEEP_JOURNAL: '1' };
  const venue = new VenueUnderTest({ ...settings, ...snapshots });
  const directory = join(venue.dataDir, 'journal', 'shard-1');
  const snapshotsOf = () => readdirSync(directory).filter((name) => name.endsWith('.snapshot'));
  const rebuild = async (argument: string) => {
    const again = { ...settings, RINGSIDE_DATA_DIR: venue.dataDir };
    const process = new VenueUnderTest(again, `rebuild-projection ${argument}`.trim());
    const ended = await process.ended;
    await process.cleanUp();
    return ended;
  };
  try {
    await venue.ready();
    await until('shards have said much to each other, and have snapshots', async () => {
      return (await countOf('trades')) >= TRADES && snapshotsOf().length > 0;
    });
    venue.child.kill('SIGTERM');
    await venue.ended;
    const whole = join(venue.dataDir, 'whole');
    cpSync(directory, whole, { recursive: true });
    const segment = join(directory, '0000000000000001.journal');
    const { endBytes } = new JournalReader(nodeDisk, directory, { shard: 1, shardCount: 2 }).read(
      1,
      () => {},
    ).newestSegment!;
    const before = await digestProjection(postgres.url);
    const refused = async (argument: string, message: RegExp): Promise<void> => {
      const { exitCode, stdout, stderr } = await rebuild(argument);
      assert.deepEqual([exitCode, stdout], [1, '']);
      assert.match(stderr, message);
      assert.deepEqual(differingTables(before, await digestProjection(postgres.url)), []);
    };
    const restore = (): void => {
      rmSync(directory, { recursive: true });
      cpSync(whole, directory, { recursive: true });
    };

    // What the newest snapshot makes up for at a start, but not where the tables begin.
    const bytes = readFileSync(segment);
    bytes[200]! ^= 1;
    writeFileSync(segment, bytes);
    const damaged = /^ringside: shard 1 died: journal damaged: .*shard-1/;
    for (const argument of ['', '--accept-loss']) await refused(argument, damaged);
    const [{ id }] = (await postgres.query('select history_id as id from projection_history')) as [
      { id: string },
    ];
    const become = (historyId: string) =>
      postgres.query('update projection_history set history_id = $1', [historyId]);
    await become('of another venue');
    const { exitCode, stderr } = await rebuild('');
    assert.equal(exitCode, 1);
    assert.match(stderr, damaged);
    await become(id);
    assert.deepEqual(differingTables(before, await digestProjection(postgres.url)), []);
    restore();

    for (const name of snapshotsOf()) rmSync(join(directory, name));
    truncateSync(segment, Math.floor(endBytes / 2));
    const misfit =
      /^ringside: shard 1 died: the journal of shard 0 holds \d+ messages of shard 1, whose/;
    for (const argument of ['', '--accept-loss']) await refused(argument, misfit);
    restore();

    const file = openSync(segment, 'r+');
    writeSync(file, TORN, 0, TORN.length, endBytes);
    closeSync(file);
    const made = await rebuild('');
    assert.deepEqual([made.exitCode, made.stderr], [0, '']);
    const [, kept] =
      /^Shard 1: .*, 30 bytes of an unfinished batch cut off and kept in (.*)\.$/m.exec(
        made.stdout,
      ) ?? assert.fail(made.stdout);
    assert.deepEqual(readFileSync(kept!), TORN);
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
