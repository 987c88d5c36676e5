import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nodeDisk } from '../engine/journal/disk.ts';
import { JournalReader } from '../engine/journal/journal-reader.ts';
import { useTestServer } from '../persistence/testing/test-server.ts';
import { VenueClient } from './venue-client.fixture.ts';
import { VenueUnderTest } from './venue-process.fixture.ts';

const server = useTestServer();
const IDENTITY = { shard: 0, shardCount: 1 };
let databases = 0;
const TORN = Buffer.alloc(30, 0xcd);

/** A venue that was killed, and left half of a batch; answers the settings of its next life, and its journal. */
async function crashed(context: TestContext) {
  const settings = {
    RINGSIDE_SHARDS: '1',
    DATABASE_URL: await server.createDatabase(`torn_${databases++}`),
  };
  const venue = new VenueUnderTest(settings);
  context.after(() => venue.cleanUp());
  await new VenueClient(venue, await venue.ready()).setUp();
  venue.child.kill('SIGKILL');
  await venue.ended;
  const directory = join(venue.dataDir, 'journal', 'shard-0');
  const end = new JournalReader(nodeDisk, directory, IDENTITY).read(1, () => {});
  const { path, endBytes } = end.newestSegment!;
  writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, endBytes), TORN]));
  const again = { ...settings, RINGSIDE_DATA_DIR: venue.dataDir };
  return { settings: again, directory, segment: path };
}

test('what a start cuts off is told though it then fails, and not again', async (context) => {
  const { settings, directory } = await crashed(context);
  // No file that could be removed, which is only tried when the torn end is cut off.
  const obstacle = join(directory, '0000000000000777.journal.new');
  mkdirSync(obstacle);
  const { exitCode, stdout, stderr } = await new VenueUnderTest(settings).ended;
  assert.equal(exitCode, 1);
  assert.match(stderr, /^ringside: shard 0 died: .*\n$/);
  const line = `^Shard 0: .*, ${TORN.length} bytes of an unfinished batch cut off and kept in (.*)\\.$`;
  const [, kept] = new RegExp(line, 'm').exec(stdout) ?? assert.fail(stdout);
  assert.deepEqual(readFileSync(kept!), TORN);

  rmdirSync(obstacle);
  const last = new VenueUnderTest(settings);
  context.after(() => last.cleanUp());
  await last.ready();
  assert.doesNotMatch(last.stdout, /cut off/);
});

test('a start that finds a port in use changes nothing', async (context) => {
  const { settings, directory, segment } = await crashed(context);
  const before = [readdirSync(directory), readFileSync(segment)];
  const listener = createServer().listen(0, '127.0.0.1');
  context.after(() => listener.close());
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  for (const name of ['RINGSIDE_PORT', 'RINGSIDE_ADMIN_PORT']) {
    const { exitCode, stderr } = await new VenueUnderTest({ ...settings, [name]: String(port) })
      .ended;
    assert.equal(exitCode, 1);
    const message = `ringside: cannot listen on 127.0.0.1 port ${port}: in use or not allowed\n`;
    assert.equal(stderr, message);
    assert.deepEqual([readdirSync(directory), readFileSync(segment)], before);
  }
});
