import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nodeDisk } from '../../engine/journal/disk.ts';
import { JournalReader } from '../../engine/journal/journal-reader.ts';
import { type JournalDurability, JournalWriter } from '../../engine/journal/journal-writer.ts';
import {
  CreateAccount,
  ListAsset,
  ListMarket,
  MoveFunds,
  PlaceOrder,
} from '../../engine/protocol/commands.ts';
import { FrameReader } from '../../engine/protocol/frame-reader.ts';
import { FrameWriter } from '../../engine/protocol/frame-writer.ts';
import { endNewThreads } from '../../engine/ring/end-new-threads.fixture.ts';
import { JournalPositions } from '../../engine/shard/journal-positions.ts';
import { RecoveryBoard } from '../../engine/shard/recovery-board.ts';
import { marketOf } from '../../engine/shard/shard-harness.fixture.ts';
import { until } from '../../persistence/testing/until.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';

const INPUTS_PER_SNAPSHOT = 100;
const SEGMENT_BYTES = 4096;

/** An account, which is an event and concerns no other shard. */
function account(frames: FrameWriter, sequence: number): void {
  const name = `account ${sequence}`;
  CreateAccount.encode(frames, 0, { requestId: 1, accountId: sequence, name });
}

/** Of two shards: what an order needs, then orders, each of which is a message to the other shard. */
function remoteOrder(frames: FrameWriter, sequence: number): void {
  const accountId = 2;
  const requestId = sequence;
  if (sequence <= 2) {
    const asset = { assetId: sequence, symbol: `A${sequence}`, decimals: 0 };
    ListAsset.encode(frames, 0, { requestId, ...asset });
  } else if (sequence === 3) {
    const market = marketOf({ marketId: 1, baseAssetId: 1, quoteAssetId: 2 });
    ListMarket.encode(frames, 0, { ...market, requestId });
  } else if (sequence === 4) {
    CreateAccount.encode(frames, 0, { requestId, accountId, name: 'trader' });
  } else if (sequence === 5) {
    const funds = { ...MoveFunds.create(), accountId, assetId: 2, amountUnits: 1e9 };
    MoveFunds.encode(frames, 0, { ...funds, requestId, transferId: 'all' });
  } else {
    const order = { ...PlaceOrder.create(), accountId, marketId: 1, priceTicks: 1 };
    PlaceOrder.encode(frames, 0, { ...order, requestId, quantityLots: 1 });
  }
}

/** The first shard's journal that grows, a database that lags behind, and the keeper of both. */
class GrowingJournal {
  readonly directory = mkdtempSync(join(tmpdir(), 'ringside-keeper-'));
  readonly lines: string[] = [];
  readonly keeper: SnapshotKeeper;
  /** Each input is one event. */
  projected = 0;
  /** What the gateway has. */
  heard = Number.POSITIVE_INFINITY;
  readonly board: RecoveryBoard;
  #inputs = 0;
  readonly #positions: JournalPositions;
  readonly #journal: JournalWriter;
  readonly #encode: typeof account;

  constructor(
    context: TestContext,
    durability: JournalDurability = 'fsync',
    shardCount = 1,
    encode = account,
  ) {
    const { directory } = this;
    const identity = { shard: 0, shardCount };
    const end = new JournalReader(nodeDisk, directory, identity).read(1, () => {});
    const options = { durability, segmentBytes: SEGMENT_BYTES } as const;
    this.#encode = encode;
    this.#positions = new JournalPositions(JournalPositions.allocate(shardCount));
    this.#journal = new JournalWriter(nodeDisk, directory, identity, end, options);
    const log = { info: () => {}, error: (line: string) => void this.lines.push(line) };
    const board = new RecoveryBoard(RecoveryBoard.allocate(shardCount), shardCount);
    this.board = board;
    const directories = Array.from({ length: shardCount }, () => directory);
    this.keeper = new SnapshotKeeper({
      history: { historyId: '', ...options, directories, isNew: false },
      ...{ journals: this.#positions.shared, board, log },
      projected: () => [this.projected],
      heard: () => this.heard,
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
    while (this.#inputs < inputs) this.#encode(frames, ++this.#inputs);
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

test('a snapshot has not been heard before the gateway has heard it, too', async (context) => {
  const journal = new GrowingJournal(context);
  journal.projected = 1_000;
  journal.heard = 99;
  for (const inputs of [100, 250, 400]) {
    journal.growTo(inputs);
    await until('the snapshot is made', () => journal.position === inputs);
  }
  assert.deepEqual(journal.snapshots().sort(), [100, 250, 400]);
  assert.equal(journal.oldestSegment(), 1);
  journal.heard = 400;
  await until('the old one is gone', () => journal.snapshots().length === 2);
  assert.deepEqual(journal.snapshots().sort(), [250, 400]);
});

test('messages that a power cut may take from their receiver have not been heard', async (context) => {
  for (const [durability, left] of [
    ['fsync', [250, 400]],
    ['os', [100, 250, 400]],
  ] as const) {
    const journal = new GrowingJournal(context, durability, 2, remoteOrder);
    journal.projected = 1_000;
    journal.board.tellConsumed(1, 0, 1_000);
    for (const inputs of [100, 250, 400]) {
      journal.growTo(inputs);
      await until('the snapshot is made', () => journal.position === inputs);
    }
    assert.deepEqual(journal.snapshots().sort(), left, durability);
    assert.deepEqual(journal.lines, []);
  }
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

for (const stage of ['created', 'online'] as const) {
  test(`a thread that dies when it is ${stage} is a failure, and is told`, async (context) => {
    context.after(endNewThreads(stage));
    const journal = new GrowingJournal(context);
    journal.growTo(INPUTS_PER_SNAPSHOT);
    await until('the failure is noticed', () => journal.keeper.failures > 0);
    assert.match(journal.keeper.lastError!, /^snapshots: worker exited with code/);
    assert.deepEqual(journal.lines, [journal.keeper.lastError]);
    assert.equal(journal.position, 0);
  });
}

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
