import assert from 'node:assert/strict';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { nodeDisk } from '../journal/disk.ts';
import type { JournalEnd } from '../journal/journal-end.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import { JournalWriter } from '../journal/journal-writer.ts';
import { tornEndPath } from '../journal/quarantine.ts';
import { DepthHeartbeat } from '../protocol/commands.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { drawCase } from '../simulation/draw-case.ts';
import { differenceOf } from '../simulation/shard-state.ts';
import { JournalFolder } from './journaled-shards.fixture.ts';
import { ShardFailure } from './shard-failure.ts';
import type { Command } from './shard-harness.fixture.ts';
import { setupCommands } from './venue-comparison.fixture.ts';

/** A deadlock fails the test instead of holding all of them up. */
const TIMEOUT = { timeout: 120_000 };
const SHARDS = 2;
const COMMANDS = 300;
/** The shard that something is wrong with; the other one is well, but for what a crash has left. */
const VICTIM = 1;
/** What a crash has left of a batch. */
const TORN = Buffer.alloc(40, 0xab);
/** A shard that is open takes what waits for it within microseconds. */
const OPENED_LONG_AGO_MS = 300;
/** Of no shard: whoever is sent a heartbeat for it asserts. */
const NO_MARKET = 99;

function endOf(directory: string, shard: number): JournalEnd {
  return new JournalReader(nodeDisk, directory, { shard, shardCount: SHARDS }).read(1, () => {});
}

/**
 * Journals of two shards that have traded, with a torn end each, or only of those that are named, and a segment that
 * never got its name.
 */
async function crashed(context: TestContext, torn: readonly number[] = [0, 1]) {
  const folder = new JournalFolder(context, SHARDS);
  const shards = folder.start(context);
  const { regime, steps } = drawCase(11, { mode: 'crowd', commands: COMMANDS, shardCount: SHARDS });
  for (const command of setupCommands(regime.setup)) shards.send(command);
  await shards.states();
  for (const { number, command } of steps) {
    shards.send({ ...command, body: { ...command.body, requestId: number } } as Command);
  }
  const states = await shards.statesAtRest();
  await shards.close();
  for (const [shard, directory] of folder.directories.entries()) {
    const { path, endBytes } = endOf(directory, shard).newestSegment!;
    if (torn.includes(shard)) {
      const file = openSync(path, 'r+');
      writeSync(file, TORN, 0, TORN.length, endBytes);
      closeSync(file);
    }
    writeFileSync(join(directory, '0000000000009999.journal.new'), 'unfinished');
  }
  return { folder, states };
}

/** Every file of the folder that the journals are in, by its path. */
function contentOf({ directories }: JournalFolder): Record<string, string> {
  const folder = dirname(directories[0]!);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'base64')]));
}

/** The first segment, which has all. */
function segmentOf({ directories }: JournalFolder): string {
  const [name] = readdirSync(directories[VICTIM]!).sort();
  return join(directories[VICTIM]!, name!);
}

function cutInTheMiddle(folder: JournalFolder): void {
  const { endBytes } = endOf(folder.directories[VICTIM]!, VICTIM).newestSegment!;
  truncateSync(segmentOf(folder), Math.floor(endBytes / 2));
}

/** How the first shard that does failed, when they start on these journals. */
async function failureOf(context: TestContext, folder: JournalFolder): Promise<ShardFailure> {
  const shards = folder.start(context);
  const failures: unknown[] = [];
  for (const stopped of shards.stopped) stopped.catch((error) => failures.push(error));
  await shards.until(() => failures.length > 0);
  await shards.close();
  const [failure] = failures;
  assert.ok(failure instanceof ShardFailure);
  return failure;
}

const REFUSALS: readonly [what: string, code: string, spoil: (folder: JournalFolder) => void][] = [
  [
    'a bit has flipped amid a journal',
    'JOURNAL_DAMAGED',
    (folder) => {
      const path = segmentOf(folder);
      const bytes = readFileSync(path);
      bytes[200]! ^= 1;
      writeFileSync(path, bytes);
    },
  ],
  [
    'the database knows of more',
    'HISTORY_MISMATCH',
    ({ persisted }) => {
      persisted[VICTIM]! += 1;
    },
  ],
  [
    'the last batch has rotted, and the database has its events',
    'HISTORY_MISMATCH',
    ({ directories }) => {
      const { path, endBytes } = endOf(directories[VICTIM]!, VICTIM).newestSegment!;
      const bytes = readFileSync(path);
      bytes[endBytes - 1]! ^= 1;
      writeFileSync(path, bytes);
    },
  ],
  [
    'another journal has messages that this one does not cause',
    'HISTORY_MISMATCH',
    (folder) => {
      cutInTheMiddle(folder);
      folder.persisted[VICTIM] = 0;
    },
  ],
  [
    'a journal is gone, and the database knows nothing',
    'HISTORY_MISMATCH',
    (folder) => {
      for (const name of readdirSync(folder.directories[VICTIM]!)) {
        rmSync(join(folder.directories[VICTIM]!, name));
      }
      folder.persisted.fill(0);
    },
  ],
  [
    'the first inputs are gone',
    'SNAPSHOT_MISSING',
    (folder) => {
      const path = segmentOf(folder);
      renameSync(path, path.replace('1.journal', '9.journal'));
    },
  ],
  [
    'an input can no longer be applied',
    'REPLAY_FAILED',
    ({ directories }) => {
      const directory = directories[VICTIM]!;
      const identity = { shard: VICTIM, shardCount: SHARDS };
      const end = { ...endOf(directory, VICTIM), tornBytes: 0 };
      const journal = new JournalWriter(nodeDisk, directory, identity, end, { durability: 'os' });
      const frames = new FrameWriter();
      DepthHeartbeat.encode(frames, 0, { marketId: NO_MARKET });
      journal.append(-1, end.lastTimeUs, frames.bytes, frames.start, frames.end);
      journal.close();
    },
  ],
];

for (const [what, code, spoil] of REFUSALS) {
  test(
    `a start that is refused since ${what} changes no byte of any shard`,
    TIMEOUT,
    async (context) => {
      const { folder } = await crashed(context);
      spoil(folder);
      const before = contentOf(folder);
      const failure = await failureOf(context, folder);
      assert.deepEqual([failure.shard, failure.code], [VICTIM, code], failure.message);
      assert.deepEqual(contentOf(folder), before);
    },
  );
}

test(
  'tables without the loss are offered only where the journals fit each other',
  TIMEOUT,
  async (context) => {
    const { folder } = await crashed(context);
    cutInTheMiddle(folder);
    folder.persisted.fill(2 ** 40);
    const { message } = await failureOf(context, folder);
    const misfit = `the journal of shard 0 holds \\d+ messages of shard ${VICTIM}, whose own journal causes \\d+$`;
    assert.match(message, new RegExp(misfit));
  },
);

test('a start that goes through keeps what it cuts off', TIMEOUT, async (context) => {
  const { folder, states } = await crashed(context);
  const ends = folder.directories.map(endOf);
  const shards = folder.start(context);
  for (const [shard, state] of (await shards.statesAtRest()).entries()) {
    assert.equal(differenceOf(state, states[shard]!), null);
    const { tornBytes, tornChecksum } = shards.recovered()[shard]!;
    assert.equal(tornBytes, TORN.length);
    const directory = folder.directories[shard]!;
    const kept = tornEndPath(directory, shard, ends[shard]!.nextSequence, tornChecksum);
    assert.deepEqual(readFileSync(kept), TORN);
    assert.equal(endOf(directory, shard).tornBytes, 0);
    assert.ok(readdirSync(directory).every((name) => name.endsWith('.journal')));
  }
  await shards.close();
});

test('no shard takes an input before every journal is open', TIMEOUT, async (context) => {
  const { folder } = await crashed(context, [VICTIM]);
  const [directory] = folder.directories as [string];
  const { nextSequence } = endOf(directory, 0);
  // What is torn cannot be kept, so the other journal is not opened.
  const quarantine = join(dirname(directory), 'quarantine');
  writeFileSync(quarantine, 'no folder');
  const shards = folder.start(context);
  shards.send({ kind: 'createAccount', body: { requestId: 1, accountId: 2, name: 'early' } });
  const failed = shards.stopped[VICTIM]!.catch((error: unknown) => error);
  let failure: unknown = null;
  void failed.then((error) => {
    failure = error;
  });
  const isOpen = (): boolean => !readdirSync(directory).some((name) => name.endsWith('.new'));
  await shards.until(() => failure !== null && isOpen());
  assert.ok(failure instanceof ShardFailure);
  assert.equal(failure.code, 'JOURNAL_FAILED', failure.message);
  // It would by now, and all the more when it had a moment longer.
  await delay(OPENED_LONG_AGO_MS);
  await shards.close();
  assert.equal(endOf(directory, 0).nextSequence, nextSequence);
  assert.deepEqual(shards.heard[0]!.said, []);

  rmSync(quarantine);
  const again = folder.start(context);
  await again.statesAtRest();
  await again.close();
});
