import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nodeDisk } from '../../engine/journal/disk.ts';
import { JournalReader } from '../../engine/journal/journal-reader.ts';
import { JournalWriter } from '../../engine/journal/journal-writer.ts';
import { CreateAccount } from '../../engine/protocol/commands.ts';
import { FrameReader } from '../../engine/protocol/frame-reader.ts';
import { FrameWriter } from '../../engine/protocol/frame-writer.ts';
import { JournalPositions } from '../../engine/shard/journal-positions.ts';
import { RecoveryBoard } from '../../engine/shard/recovery-board.ts';
import { until } from '../../persistence/testing/until.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';

const IDENTITY = { shard: 0, shardCount: 1 };
const INPUTS_PER_SNAPSHOT = 100;
const SEGMENT_BYTES = 4096;

/** One shard's journal that grows, a database that lags behind, and the keeper of both. */
class GrowingJournal {
  readonly directory = mkdtempSync(join(tmpdir(), 'ringside-keeper-'));
  readonly lines: string[] = [];
  readonly keeper: SnapshotKeeper;
  /** Each input is one event. */
  projected = 0;
  #inputs = 0;
  readonly #positions = new JournalPositions(JournalPositions.allocate(1));
  readonly #journal: JournalWriter;

  constructor(context: TestContext) {
    const { directory } = this;
    const end = new JournalReader(nodeDisk, directory, IDENTITY).read(1, () => {});
    const options = { durability: 'fsync', segmentBytes: SEGMENT_BYTES } as const;
    this.#journal = new JournalWriter(nodeDisk, directory, IDENTITY, end, options);
    const log = { info: () => {}, error: (line: string) => void this.lines.push(line) };
    const board = new RecoveryBoard(RecoveryBoard.allocate(1), 1);
    this.keeper = new SnapshotKeeper({
      history: { historyId: '', ...options, directories: [directory] },
      ...{ journals: this.#positions.shared, board, log },
      projected: () => [this.projected],
      inputsPerSnapshot: INPUTS_PER_SNAPSHOT,
      keepsSegments: false,
    });
    context.after(async () => {
      await this.keeper.stop();
      rmSync(directory, { recursive: true, force: true });
    });
  }

  growTo(inputs: number): void {
    const frames = new FrameWriter();
    while (this.#inputs < inputs) {
      const accountId = ++this.#inputs;
      CreateAccount.encode(frames, 0, { requestId: 1, accountId, name: `account ${accountId}` });
    }
    const reader = new FrameReader();
    reader.reset(frames.bytes, frames.start, frames.end);
    while (reader.next()) {
      this.#journal.append(-1, 1, reader.bytes, reader.frameStart, reader.position);
      this.#journal.commit();
    }
    this.#positions.tell(0, inputs);
  }

  get position(): number {
    return this.keeper.shards[0]!.snapshotPosition;
  }

  snapshots(): number[] {
    return readdirSync(this.directory)
      .filter((name) => name.endsWith('.snapshot'))
      .map((name) => Number.parseInt(name, 10));
  }

  oldestSegment(): number {
    return Number.parseInt(readdirSync(this.directory).sort()[0]!, 10);
  }
}

test('a snapshot is made when it is due, and deletes nothing before it was heard', async (context) => {
  const journal = new GrowingJournal(context);
  journal.growTo(INPUTS_PER_SNAPSHOT - 1);
  for (const inputs of [100, 250, 400]) {
    journal.growTo(inputs);
    await until('the snapshot is made', () => journal.position === inputs);
  }
  assert.deepEqual(journal.snapshots().sort(), [100, 250, 400]);
  assert.equal(journal.oldestSegment(), 1);

  journal.growTo(900);
  // Somebody has to hear one of the three first.
  journal.projected = 249;
  await until('the first of the three was heard', () => journal.position === 900);
  assert.deepEqual(journal.snapshots().sort(), [100, 250, 400, 900]);
  journal.projected = 900;
  await until('the old ones are gone', () => journal.snapshots().length === 2);
  assert.deepEqual(journal.snapshots().sort(), [400, 900]);
  await until('the old segments are gone', () => journal.oldestSegment() > 1);
  assert.ok(journal.oldestSegment() <= 401);
  assert.deepEqual([journal.keeper.failures, journal.keeper.lastError], [0, null]);
  assert.deepEqual(journal.lines, []);
});

test('what goes wrong is told, and nobody else is ended', async (context) => {
  const journal = new GrowingJournal(context);
  journal.growTo(INPUTS_PER_SNAPSHOT);
  rmSync(journal.directory, { recursive: true });
  await until('the attempt has failed', () => journal.keeper.failures > 0);
  assert.match(journal.keeper.lastError!, /^snapshot of shard 0: SNAPSHOT_FAILED: .*ENOENT/);
  assert.deepEqual(journal.lines, [journal.keeper.lastError]);
  assert.equal(journal.position, 0);
});

test('a keeper that is stopped ends what it was making', async (context) => {
  const journal = new GrowingJournal(context);
  journal.growTo(2_000);
  await until('the snapshot is under way, or made', () => {
    const names = readdirSync(journal.directory);
    return names.some((name) => name.includes('snapshot'));
  });
  await journal.keeper.stop();
  const left = readdirSync(journal.directory);
  journal.growTo(3_000);
  assert.equal(journal.keeper.failures, 0);
  assert.deepEqual(journal.lines, []);
  assert.ok(left.length > 0);
});
