import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeDisk } from '../engine/journal/disk.ts';
import { JournalReader } from '../engine/journal/journal-reader.ts';
import { useTestServer } from '../persistence/testing/test-server.ts';
import { VenueClient } from './venue-client.fixture.ts';
import { VenueUnderTest } from './venue-process.fixture.ts';

const server = useTestServer();
const IDENTITY = { shard: 0, shardCount: 1 };
const TORN = Buffer.alloc(30, 0xcd);

test('what a start cuts off is told though it then fails, and not again', async (context) => {
  const settings = { RINGSIDE_SHARDS: '1', DATABASE_URL: server.url };
  const first = new VenueUnderTest(settings);
  context.after(() => first.cleanUp());
  await new VenueClient(first, await first.ready()).setUp();
  first.child.kill('SIGKILL');
  await first.ended;
  const directory = join(first.dataDir, 'journal', 'shard-0');
  const end = new JournalReader(nodeDisk, directory, IDENTITY).read(1, () => {});
  const { path, endBytes } = end.newestSegment!;
  writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, endBytes), TORN]));
  // No file that could be removed, which is only tried when the torn end is cut off.
  const obstacle = join(directory, '0000000000000777.journal.new');
  mkdirSync(obstacle);

  const again = { ...settings, RINGSIDE_DATA_DIR: first.dataDir };
  const { exitCode, stdout, stderr } = await new VenueUnderTest(again).ended;
  assert.equal(exitCode, 1);
  assert.match(stderr, /^ringside: shard 0 died: .*\n$/);
  const line = `^Shard 0: .*, ${TORN.length} bytes of an unfinished batch cut off and kept in (.*)\\.$`;
  const [, kept] = new RegExp(line, 'm').exec(stdout) ?? assert.fail(stdout);
  assert.deepEqual(readFileSync(kept!), TORN);

  rmdirSync(obstacle);
  const last = new VenueUnderTest(again);
  context.after(() => last.cleanUp());
  await last.ready();
  assert.doesNotMatch(last.stdout, /cut off/);
});
