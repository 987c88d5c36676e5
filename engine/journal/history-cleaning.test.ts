import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoneMarket } from '../shard/lone-market.fixture.ts';
import { Shard } from '../shard/shard.ts';
import { cleanHistory, type Heard, isHeard } from './history-cleaning.ts';
import { segmentName } from './journal-layout.ts';
import { listSegments } from './segments.ts';
import { SimulatedDisk } from './simulated-disk.fixture.ts';
import { journalSequenceOf, snapshotName } from './snapshot-layout.ts';
import { findSnapshots, saveSnapshot } from './snapshots.ts';

const DIRECTORY = '/shard-0';
const IDENTITY = { shard: 0, shardCount: 1 };
const SEQUENCES = [10, 20, 30, 40];

test('a state is heard when nothing that was said by then can be asked for again', () => {
  const positions = { eventSequence: 7, sentTo: [0, 5], consumedFrom: [0, 9] };
  assert.ok(isHeard(positions, { events: 7, messages: [0, 5] }));
  assert.ok(isHeard(positions, { events: 8, messages: [0, 6] }));
  assert.ok(!isHeard(positions, { events: 6, messages: [0, 5] }));
  assert.ok(!isHeard(positions, { events: 7, messages: [0, 4] }));
});

/** Snapshots of a shard at `SEQUENCES`, segments of five inputs, and the events it had recorded at each snapshot. */
function filledDisk(): { disk: SimulatedDisk; events: number[] } {
  const disk = new SimulatedDisk();
  const market = new LoneMarket();
  const events = SEQUENCES.map((sequence) => {
    market.bid(1, 50, 1);
    saveSnapshot(disk, DIRECTORY, IDENTITY, market.shard, sequence, () => new Shard(0, 1));
    return market.shard.outputs.eventSequence;
  });
  for (let first = 1; first <= 46; first += 5) {
    disk.replace(`${DIRECTORY}/${segmentName(first)}`, Buffer.alloc(1));
  }
  return { disk, events };
}

/** The oldest segment and the snapshots that are left. */
function left(disk: SimulatedDisk): { first: number; snapshots: number[] } {
  const sequences = disk.list(DIRECTORY).map((name) => journalSequenceOf(name));
  const snapshots = sequences.filter((sequence) => sequence !== null);
  return { first: listSegments(disk, DIRECTORY)[0]!.firstSequence, snapshots: snapshots.sort() };
}

function clean(disk: SimulatedDisk, heard: Heard): void {
  const { whole } = findSnapshots(disk, DIRECTORY, IDENTITY);
  const { left: kept } = cleanHistory(disk, DIRECTORY, whole, heard);
  const found = findSnapshots(disk, DIRECTORY, IDENTITY).whole;
  assert.deepEqual(
    kept,
    found.map(({ header }) => header),
  );
}

test('the two newest that were heard stay, with what is newer, and all segments behind them', () => {
  for (const [heard, expected] of [
    [-1, { first: 1, snapshots: [10, 20, 30, 40] }],
    [0, { first: 1, snapshots: [10, 20, 30, 40] }],
    [1, { first: 11, snapshots: [10, 20, 30, 40] }],
    [2, { first: 21, snapshots: [20, 30, 40] }],
    [3, { first: 31, snapshots: [30, 40] }],
  ] as const) {
    const { disk, events } = filledDisk();
    clean(disk, { events: events[heard] ?? 0, messages: [0] });
    assert.deepEqual(left(disk), expected, `${heard + 1} of them were heard`);
    clean(disk, { events: events[heard] ?? 0, messages: [0] });
    assert.deepEqual(left(disk), expected, 'again');
  }
});

test('a journal that is to be kept stays whole while snapshots replace each other', () => {
  const { disk, events } = filledDisk();
  const { whole } = findSnapshots(disk, DIRECTORY, IDENTITY);
  cleanHistory(disk, DIRECTORY, whole, { events: events[3]!, messages: [0] }, true);
  assert.deepEqual(left(disk), { first: 1, snapshots: [30, 40] });
});

test('a snapshot that has rotted is none of the two', () => {
  const { disk, events } = filledDisk();
  disk.flipBit(`${DIRECTORY}/${snapshotName(40)}`, 5_000);
  disk.flipBit(`${DIRECTORY}/${snapshotName(20)}`, 5_000);
  clean(disk, { events: events[3]!, messages: [0] });
  assert.deepEqual(left(disk), { first: 11, snapshots: [10, 20, 30, 40] });
});

test('a disk that refuses leaves a history that can be recovered', () => {
  for (let at = 1; at <= 20; at++) {
    const { disk, events } = filledDisk();
    const { whole } = findSnapshots(disk, DIRECTORY, IDENTITY);
    disk.failAt(at, 'EIO');
    try {
      cleanHistory(disk, DIRECTORY, whole, { events: events[3]!, messages: [0] });
    } catch (error) {
      assert.match(String((error as { code?: string }).code), /^(?:SNAPSHOT|JOURNAL)_FAILED$/);
    }
    disk.restart();
    const { first, snapshots } = left(disk);
    assert.deepEqual(snapshots.slice(-2), [30, 40]);
    assert.ok(first <= 31 && snapshots[0]! <= 30);
  }
});
