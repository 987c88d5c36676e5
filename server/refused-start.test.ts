import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { nodeDisk } from '../engine/journal/disk.ts';
import { JournalReader } from '../engine/journal/journal-reader.ts';
import { prepareDatabase } from '../persistence/migrations.ts';
import { differingTables, digestProjection } from '../persistence/testing/compare-projections.ts';
import { makeDataDir, TestServer } from '../persistence/testing/test-server.ts';
import { VenueClient } from './venue-client.fixture.ts';
import { VenueUnderTest } from './venue-process.fixture.ts';

const SHARDS = 2;
const TORN = Buffer.alloc(30, 0xcd);

const postgres = new TestServer();
const settings = { DATABASE_URL: '', RINGSIDE_SHARDS: String(SHARDS) };
let first: VenueUnderTest;

function directory(shard: number): string {
  return join(first.dataDir, 'journal', `shard-${shard}`);
}

function segment(shard: number): string {
  return join(directory(shard), '0000000000000001.journal');
}

/** Where the good batches of a shard's only segment end. */
function endBytes(shard: number): number {
  const reader = new JournalReader(nodeDisk, directory(shard), { shard, shardCount: SHARDS });
  return reader.read(1, () => {}).newestSegment!.endBytes;
}

/** Every file of the journals, by its path. */
function contentOf(dataDir: string): Record<string, string> {
  const folder = join(dataDir, 'journal');
  if (!existsSync(folder)) return {};
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(
    paths.map((path) => [path, path.includes('.j') ? readFileSync(path, 'base64') : 'folder']),
  );
}

/** Starts in vain: says why in one line and nothing else, and changes no byte, and no row. */
async function refusedStart(message: RegExp, changed: Record<string, string> = {}): Promise<void> {
  const own = { ...settings, RINGSIDE_DATA_DIR: first.dataDir, ...changed };
  const { RINGSIDE_DATA_DIR: dataDir, DATABASE_URL: databaseUrl } = own;
  const content = contentOf(dataDir);
  const tables = await digestProjection(databaseUrl);
  const { exitCode, stderr } = await new VenueUnderTest(own).ended;
  assert.equal(exitCode, 1);
  assert.match(stderr, message);
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  assert.deepEqual(contentOf(dataDir), content);
  assert.deepEqual(differingTables(tables, await digestProjection(databaseUrl)), []);
}

before(async () => {
  await postgres.start();
  settings.DATABASE_URL = postgres.url;
  first = new VenueUnderTest(settings);
  const client = new VenueClient(first, await first.ready());
  await client.setUp();
  const order = { symbol: 'AAA_USD', orderType: 'Limit', quantity: '1', price: '10.5' };
  for (let count = 0; count < 20; count++) {
    assert.equal((await client.place({ ...order, side: 'Bid' })).status, 200);
  }
  first.child.kill('SIGKILL');
  await first.ended;
  // What a crash leaves, on the shard that is well, too.
  for (let shard = 0; shard < SHARDS; shard++) {
    const bytes = readFileSync(segment(shard)).subarray(0, endBytes(shard));
    writeFileSync(segment(shard), bytes);
    appendFileSync(segment(shard), TORN);
    writeFileSync(join(directory(shard), '0000000000000777.journal.new'), 'unfinished');
  }
});

after(async () => {
  await first?.cleanUp();
  await postgres.remove();
});

test('a database that knows of more than the journals', async () => {
  const move = (by: string) =>
    postgres.query(`update projection_positions set sequence = sequence ${by}`);
  await move('+ 1000');
  await refusedStart(/^ringside: shard \d died: the database holds \d+ events of shard \d, its/m);
  await move('- 1000');
});

test('a journal that is damaged, beside one that is well', async () => {
  const bytes = readFileSync(segment(1));
  const damaged = Buffer.from(bytes);
  damaged[100]! ^= 1;
  writeFileSync(segment(1), damaged);
  await refusedStart(/^ringside: shard 1 died: journal damaged: .*shard-1.* at byte \d+/m);
  writeFileSync(segment(1), bytes);
});

test("a shard's folder that is missing, or empty, is not begun anew", async () => {
  const elsewhere = join(first.dataDir, 'elsewhere');
  renameSync(directory(1), elsewhere);
  await refusedStart(/^ringside: .*shard-1 is missing: a venue does not start empty beside a/m);
  mkdirSync(directory(1));
  await postgres.query('create table kept as select * from projection_positions');
  await postgres.query('update projection_positions set sequence = 0');
  await refusedStart(/^ringside: shard 1 died: .*shard-1 has no journal, though that of shard 0/m);
  await postgres.query(
    'update projection_positions set sequence = kept.sequence from kept where kept.shard = projection_positions.shard',
  );
  rmSync(directory(1), { recursive: true });
  renameSync(elsewhere, directory(1));
});

test('an empty database is left to the venue that it is for', async () => {
  const url = await postgres.createDatabase('empty');
  await prepareDatabase(url);
  const elsewhere = join(first.dataDir, 'elsewhere');
  renameSync(directory(1), elsewhere);
  mkdirSync(directory(1));
  await refusedStart(/^ringside: shard 1 died: .*shard-1 has no journal/m, { DATABASE_URL: url });
  rmSync(directory(1), { recursive: true });
  renameSync(elsewhere, directory(1));
  const other = new VenueUnderTest({ ...settings, DATABASE_URL: url });
  await other.ready();
  await other.cleanUp();
});

test('settings that do not fit the history', async () => {
  await refusedStart(/^ringside: RINGSIDE_SHARDS is 3, but/m, { RINGSIDE_SHARDS: '3' });
  await refusedStart(/^ringside: .* holds the history of a venue/m, {
    RINGSIDE_DURABILITY: 'none',
  });
});

test('no history is begun beside a database of another one', async () => {
  const other = new VenueUnderTest(settings);
  const { exitCode, stderr } = await other.ended;
  assert.equal(exitCode, 1);
  assert.match(stderr, /^ringside: cannot use .* history [\da-f-]+, there is no journal of it\n$/);
  assert.deepEqual(contentOf(other.dataDir), {});
  await other.cleanUp();
});

test('a venue without a journal drops the tables of no history, but those of another one without', async () => {
  const none = { RINGSIDE_DURABILITY: 'none' };
  const elsewhere = makeDataDir();
  await refusedStart(
    /^ringside: RINGSIDE_DURABILITY=none .* of history [\da-f-]+\. Use another database, or drop its schema ringside/m,
    { ...none, RINGSIDE_DATA_DIR: elsewhere },
  );
  rmSync(elsewhere, { recursive: true });
  const own = { ...settings, ...none, DATABASE_URL: await postgres.createDatabase('unkept') };
  const unkept = new VenueUnderTest(own);
  await new VenueClient(unkept, await unkept.ready()).setUp();
  unkept.child.kill('SIGTERM');
  await unkept.ended;
  const again = new VenueUnderTest(own);
  await again.ready();
  await again.cleanUp();
  await unkept.cleanUp();
  const tables = await digestProjection(own.DATABASE_URL);
  assert.equal(tables.get('accounts')!.size, 0);
});

test('a start that goes through after all says what it cut off, and where it is kept', async () => {
  const again = new VenueUnderTest({ ...settings, RINGSIDE_DATA_DIR: first.dataDir });
  await again.ready();
  for (let shard = 0; shard < SHARDS; shard++) {
    const line = new RegExp(
      `^Shard ${shard}: \\d+ inputs recovered .*, ${TORN.length} bytes of an unfinished batch cut off and kept in (.*)\\.$`,
      'm',
    );
    const [, path] = line.exec(again.stdout) ?? assert.fail(again.stdout);
    assert.deepEqual(readFileSync(path!), TORN);
    assert.ok(path!.startsWith(join(first.dataDir, 'journal', 'quarantine', `shard-${shard}-`)));
    assert.deepEqual(readdirSync(directory(shard)), ['0000000000000001.journal']);
  }
  again.child.kill('SIGTERM');
  assert.deepEqual([(await again.ended).exitCode, again.stderr], [0, '']);
});
