import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepHistory } from '../journal/history-keeping.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import { JournalWriter } from '../journal/journal-writer.ts';
import { deleteSegmentsBefore } from '../journal/segments.ts';
import { SimulatedDisk } from '../journal/simulated-disk.fixture.ts';
import { snapshotName } from '../journal/snapshot-layout.ts';
import { CreateAccount, ListAsset, MoveFunds } from '../protocol/commands.ts';
import { EventsResumed, ShardReturned } from '../protocol/events.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { CancelResting, MessagesResumed } from '../protocol/shard-messages.ts';
import { LinkReader } from '../ring/link.ts';
import { allocateTopology } from '../ring/topology.ts';
import { EventOutbox } from './event-outbox.ts';
import {
  checkNothingIsLost,
  HistoryMismatch,
  openJournal,
  type RecoveredShard,
  readJournal,
  replayJournal,
  type ShardHistory,
} from './recovery.ts';
import { RecoveryBoard } from './recovery-board.ts';
import { Shard } from './shard.ts';

const SHARDS = 2;
const TIME_US = 1_000_000;
/** Of a few inputs. */
const SEGMENT_BYTES = 256;

/** Journals of two shards on one disk, and how they are recovered. */
class TwoJournals {
  readonly disk = new SimulatedDisk();
  readonly topology = allocateTopology(SHARDS, {
    commandBytes: 64,
    eventBytes: 256,
    shardBytes: 64,
  });
  readonly #board = new RecoveryBoard(RecoveryBoard.allocate(SHARDS), SHARDS);
  /** How often a recovery waited for the persistence thread. */
  waits = 0;
  /** Sequences of what the persistence thread was told by shard 0; 0 is not of record. */
  readonly told: number[] = [];
  /** What the gateway was, likewise, and the negative type of what is not of record. */
  readonly heard: number[] = [];
  readonly #reader = new LinkReader(this.topology.shardToPersistence[0]!);
  readonly #gateway = new LinkReader(this.topology.shardToGateway[0]!);

  write(shard: number, source: number, encode: (frames: FrameWriter) => void): void {
    const directory = `/shard-${shard}`;
    const identity = { shard, shardCount: SHARDS };
    const end = new JournalReader(this.disk, directory, identity).read(1, () => {});
    const options = { durability: 'fsync', segmentBytes: SEGMENT_BYTES } as const;
    const journal = new JournalWriter(this.disk, directory, identity, end, options);
    const frames = new FrameWriter();
    encode(frames);
    const reader = new FrameReader();
    reader.reset(frames.bytes, frames.start, frames.end);
    while (reader.next()) {
      journal.append(source, TIME_US, reader.bytes, reader.frameStart, reader.position);
      journal.commit();
    }
    journal.close();
  }

  /** Recovers shard 0, among others that run when it is told what the gateway has heard of it. */
  recover(projectedSequence: number, heardSequence?: number): Shard {
    return this.recovered(projectedSequence, heardSequence).machine;
  }

  recovered(projectedSequence: number, heardSequence?: number): RecoveredShard {
    const alone = heardSequence === undefined ? {} : { heardSequence };
    const history = { ...this.#history(projectedSequence), ...alone };
    const found = Array.from({ length: SHARDS }, (_, shard) =>
      readJournal(shard, SHARDS, { ...history, directory: `/shard-${shard}` }),
    );
    const makeShard = () => new Shard(0, SHARDS);
    const recovered = replayJournal(makeShard, 0, this.topology, history, found[0]!);
    const { machine } = recovered;
    checkNothingIsLost(0, machine.outputs, history);
    openJournal(0, SHARDS, history, found[0]!, machine);
    new EventOutbox(machine.outputs.events, [
      this.topology.shardToPersistence[0]!,
      this.topology.shardToGateway[0]!,
    ]).flush();
    this.drain();
    return recovered;
  }

  /** Makes a snapshot of shard 0 and deletes nothing. */
  snapshot(sequence: number): string {
    const care = { durability: 'fsync', sequence, heard: { events: 0, messages: [0, 0] } } as const;
    keepHistory(this.disk, '/shard-0', { shard: 0, shardCount: SHARDS }, care);
    return `/shard-0/${snapshotName(sequence)}`;
  }

  drain(): void {
    this.#reader.poll(new FrameReader(), ({ sequence }) => this.told.push(sequence));
    this.#gateway.poll(new FrameReader(), ({ type, sequence }) => {
      this.heard.push(sequence > 0 ? sequence : -type);
    });
  }

  #history(projectedSequence: number): ShardHistory {
    return {
      disk: this.disk,
      directory: '/shard-0',
      durability: 'fsync',
      board: this.#board,
      projectedSequence,
      awaitRoom: () => {
        this.waits++;
        this.drain();
      },
    };
  }
}

/** An asset, an account and 50 deposits: 51 events of shard 0, which owns the account and not the asset. */
function setUp(frames: FrameWriter): void {
  ListAsset.encode(frames, 0, { requestId: 1, assetId: 1, symbol: 'A', decimals: 0 });
  CreateAccount.encode(frames, 0, { requestId: 2, accountId: 2, name: 'holder' });
  const deposit = { ...MoveFunds.create(), accountId: 2, assetId: 1, amountUnits: 1 };
  for (let count = 1; count <= 50; count++) {
    MoveFunds.encode(frames, 0, { ...deposit, requestId: 3, transferId: `${count}` });
  }
}

test('the database is told what it lacks, through a ring that holds little of it', () => {
  for (const projected of [0, 1, 20, 50, 51]) {
    const journals = new TwoJournals();
    journals.write(0, -1, setUp);
    const machine = journals.recover(projected);
    assert.equal(machine.outputs.eventSequence, 51);
    assert.equal(machine.outputs.events.pendingBytes, 0);
    const recorded = journals.told.filter((sequence) => sequence > 0);
    const lacking = Array.from({ length: 51 - projected }, (_, index) => projected + 1 + index);
    assert.deepEqual(recorded, lacking);
    assert.equal(journals.waits > 0, projected < 50);
  }
});

test('a shard that starts among others tells both its readers what either may lack', () => {
  for (const [projected, heard] of [
    [0, 51],
    [51, 0],
    [20, 30],
    [51, 51],
  ] as const) {
    const journals = new TwoJournals();
    journals.write(0, -1, setUp);
    const { outputs } = journals.recover(projected, heard);
    const from = Math.min(projected, heard) + 1;
    const lacking = Array.from({ length: 52 - from }, (_, index) => from + index);
    assert.deepEqual(journals.heard, [-EventsResumed.type, ...lacking, -ShardReturned.type]);
    assert.deepEqual(journals.told, [0, ...lacking, 0]);
    // The other shard hears that what follows may have come before; nobody tells the shard itself.
    const { bytes, start, end } = outputs.toShard[1]!;
    const frame = new FrameReader();
    frame.reset(bytes, start, end);
    assert.ok(frame.next() && frame.type === MessagesResumed.type);
    assert.equal(outputs.toShard[0]!.pendingBytes, 0);
  }
});

test('a shard whose gateway has heard more than its journal causes does not start', () => {
  const journals = new TwoJournals();
  journals.write(0, -1, setUp);
  const error = { code: 'HISTORY_MISMATCH', message: /gateway has heard 52 events of shard 0/ };
  assert.throws(() => journals.recover(51, 52), error);
});

test('a database that is ahead of its journal is no start', () => {
  const journals = new TwoJournals();
  journals.write(0, -1, setUp);
  const error = { code: 'HISTORY_MISMATCH', message: /holds 52 events of shard 0, .* causes 51/ };
  assert.throws(() => journals.recover(52), error);
  assert.throws(() => journals.recover(52), HistoryMismatch);
});

test('a journal with messages that their sender does not cause is no start', () => {
  const journals = new TwoJournals();
  journals.write(0, -1, setUp);
  journals.write(1, 0, (frames) => CancelResting.encode(frames, 1, CancelResting.create()));
  const message = /journal of shard 1 holds 1 messages of shard 0, whose own journal causes 0/;
  assert.throws(() => journals.recover(51), { code: 'HISTORY_MISMATCH', message });
  const content = journals.disk.contentOf('/shard-0/0000000000000001.journal');
  assert.throws(() => journals.recover(51), HistoryMismatch);
  assert.deepEqual(journals.disk.contentOf('/shard-0/0000000000000001.journal'), content);
});

/** Inputs and events of `setUp` go together, but for the asset, which is not of shard 0. */
const eventsOf = (inputs: number): number => inputs - 1;

test('a shard begins with the newest snapshot behind which the database lacks nothing', () => {
  for (const [projected, begun] of [
    [eventsOf(52), 40],
    [eventsOf(40), 40],
    [eventsOf(40) - 1, 20],
    [eventsOf(20), 20],
    [eventsOf(20) - 1, 0],
    [0, 0],
  ] as const) {
    const journals = new TwoJournals();
    journals.write(0, -1, setUp);
    for (const sequence of [20, 40]) journals.snapshot(sequence);
    const { machine, snapshotSequence, inputs, refused } = journals.recovered(projected);
    assert.deepEqual([snapshotSequence, inputs, refused], [begun, 52 - begun, []]);
    assert.equal(machine.outputs.eventSequence, 51);
    const lacking = Array.from({ length: 51 - projected }, (_, index) => projected + 1 + index);
    assert.deepEqual(journals.told, lacking);
  }
});

test('a snapshot that cannot be loaded gives way to the one before it, and that to the journal', () => {
  const journals = new TwoJournals();
  journals.write(0, -1, setUp);
  const [older, newer] = [20, 40].map((sequence) => journals.snapshot(sequence));
  const whole = journals.recover(51);
  for (const [path, begun] of [
    [newer!, 20],
    [older!, 0],
  ] as const) {
    journals.disk.flipBit(path, 3_000);
    const { machine, snapshotSequence, refused } = journals.recovered(51);
    assert.equal(snapshotSequence, begun);
    assert.equal(refused.at(-1)?.path, path);
    assert.equal(machine.hash(), whole.hash());
  }
});

test('once the first inputs are deleted, what is left must do, or there is no start', () => {
  const journals = new TwoJournals();
  journals.write(0, -1, setUp);
  const paths = [20, 40].map((sequence) => journals.snapshot(sequence));
  assert.ok(deleteSegmentsBefore(journals.disk, '/shard-0', 21) > 0);
  assert.equal(journals.recovered(eventsOf(20)).snapshotSequence, 20);
  const lacks = /begins with .*20\.snapshot, after 19 events, of which the database holds 18/;
  assert.throws(() => journals.recover(18), { code: 'HISTORY_MISMATCH', message: lacks });
  journals.disk.flipBit(paths[1]!, 3_000);
  assert.equal(journals.recovered(51).snapshotSequence, 20);
  journals.disk.flipBit(paths[0]!, 3_000);
  const none = /shard-0 were deleted and no snapshot can be used .*40\.snapshot: .*20\.snapshot: /;
  assert.throws(() => journals.recover(51), { code: 'SNAPSHOT_MISSING', message: none });
  for (const path of paths) journals.disk.remove(path);
  const nothing = /no snapshot can be used in their place: there is none/;
  assert.throws(() => journals.recover(51), { code: 'SNAPSHOT_MISSING', message: nothing });
});

test('a journal that ends before its snapshot is damaged', () => {
  const journals = new TwoJournals();
  journals.write(0, -1, setUp);
  journals.snapshot(52);
  const segments = journals.disk.list('/shard-0').filter((name) => name.endsWith('.journal'));
  journals.disk.remove(`/shard-0/${segments.sort().at(-1)}`);
  assert.throws(() => journals.recover(51), { code: 'JOURNAL_DAMAGED' });
});

test('a shard without a journal does not start empty beside one that has inputs', () => {
  const journals = new TwoJournals();
  assert.equal(journals.recover(0).outputs.eventSequence, 0);
  const others = new TwoJournals();
  others.write(1, -1, setUp);
  const message = /shard-0 has no journal, though that of shard 1 holds 52 inputs/;
  assert.throws(() => others.recover(0), { code: 'HISTORY_MISMATCH', message });
  assert.deepEqual(others.disk.namesIn('/shard-0'), []);
});
