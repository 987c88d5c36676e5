import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { type JournalEnd, repairJournal } from './journal-end.ts';
import {
  appendAll,
  type Entry,
  EntrySource,
  openJournal,
  readJournal,
} from './journal-entries.fixture.ts';
import { JournalDamage } from './journal-error.ts';
import { BATCH_MAGIC, encodeSegmentHeader } from './journal-layout.ts';
import { JournalReader } from './journal-reader.ts';
import type { JournalOptions } from './journal-writer.ts';
import { listSegments, type Segment } from './segments.ts';
import { SimulatedDisk } from './simulated-disk.fixture.ts';

const OPTIONS: JournalOptions = { durability: 'fsync', segmentBytes: 700, growthBytes: 256 };

/** Where a batch lies: `start` and `end` in bytes of its segment, its entries `first … last`. */
interface BatchPlace {
  readonly segment: number;
  readonly start: number;
  readonly end: number;
  readonly last: number;
}

let disk: SimulatedDisk;
let written: Entry[];
let batches: BatchPlace[];
let segments: Segment[];

/** A small journal of several segments, of a venue that was killed: without an orderly end. */
beforeEach(() => {
  disk = new SimulatedDisk();
  written = [];
  batches = [];
  const { writer } = openJournal(disk, '/j', OPTIONS);
  const source = new EntrySource(11, 60);
  for (let count = 0; batches.at(-2)?.segment !== 2; count++) {
    const entries = source.take(1 + (count % 4));
    appendAll(writer, entries);
    const bytes = writer.pendingBytes;
    writer.commit();
    written.push(...entries);
    const segment = listSegments(disk, '/j').length - 1;
    const before = batches.at(-1);
    const start = before?.segment === segment ? before.end : 44;
    batches.push({ segment, start, end: start + bytes, last: written.length });
  }
  segments = listSegments(disk, '/j');
  assert.equal(segments.length, 3);
});

/** Damage, or what was read. */
function tryRead(): JournalDamage | { entries: Entry[]; end: JournalEnd } {
  try {
    return readJournal(disk, '/j');
  } catch (error) {
    if (error instanceof JournalDamage) return error;
    throw error;
  }
}

/** What is left can be repaired, gone on with, and read again. */
function expectToGoOn(entries: readonly Entry[]): void {
  const { entries: found, writer } = openJournal(disk, '/j', OPTIONS);
  assert.deepEqual(found, entries);
  const more = new EntrySource(12, 60).take(3).map((entry) => ({ ...entry, timeUs: 2e15 }));
  appendAll(writer, more);
  writer.close();
  const { entries: all, end } = readJournal(disk, '/j');
  assert.deepEqual(all, [...entries, ...more]);
  assert.equal(end.tornBytes, 0);
}

test('the newest segment cut at any byte loses the batches that were cut, and nothing else', () => {
  const { path } = segments[2]!;
  const content = disk.contentOf(path);
  const inside = batches.filter(({ segment }) => segment === 2);
  for (let size = 0; size <= content.length; size++) {
    disk.replace(path, content.slice(0, size));
    const whole = inside.filter(({ end }) => end <= size).at(-1);
    const last = whole?.last ?? segments[2]!.firstSequence - 1;
    const { entries, end } = readJournal(disk, '/j');
    assert.deepEqual(entries, written.slice(0, last), `cut at ${size}`);
    const goodBytes = whole?.end ?? (size < 44 ? 0 : 44);
    const contentBytes = content.subarray(0, size).findLastIndex((byte) => byte !== 0) + 1;
    assert.equal(end.tornBytes, Math.max(0, contentBytes - goodBytes), `cut at ${size}`);
    expectToGoOn(entries);
    for (const { path: left } of listSegments(disk, '/j').slice(3)) disk.remove(left);
  }
});

test('an older segment cut at any byte is damage, unless it loses only zeros', () => {
  for (const index of [0, 1]) {
    const { path } = segments[index]!;
    const content = disk.contentOf(path);
    const dataEnd = batches.filter(({ segment }) => segment === index).at(-1)!.end;
    for (let size = 0; size <= content.length; size++) {
      disk.replace(path, content.slice(0, size));
      const outcome = tryRead();
      if (size >= dataEnd) assert.ok('end' in outcome && outcome.end.tornBytes === 0);
      else assert.ok(outcome instanceof JournalDamage, `segment ${index} cut at ${size}`);
    }
    disk.replace(path, content);
  }
});

test('any flipped bit is reported as damage, or cuts off the last batch and nothing else', () => {
  const lastBatch = batches.at(-1)!;
  const beforeLast = written.slice(0, batches.at(-2)!.last);
  let cut = 0;
  for (const [index, { path }] of segments.entries()) {
    const bits = disk.contentOf(path).length * 8;
    for (let bit = 0; bit < bits; bit++) {
      disk.flipBit(path, bit);
      const outcome = tryRead();
      disk.flipBit(path, bit);
      const at = bit >> 3;
      const where = `bit ${bit & 7} of byte ${at} of segment ${index}`;
      if (index === 2 && at >= lastBatch.start) {
        assert.ok('end' in outcome && outcome.end.tornBytes > 0, where);
        assert.deepEqual(outcome.entries, at < lastBatch.end ? beforeLast : written, where);
        cut++;
      } else {
        assert.ok(outcome instanceof JournalDamage, where);
        assert.ok(outcome.file === path || outcome.file === '/j', where);
        assert.ok(outcome.offset <= at, where);
      }
    }
  }
  assert.ok(cut > 500);
});

test('after an orderly end a flipped bit costs no entry unnoticed', () => {
  openJournal(disk, '/j', OPTIONS).writer.close();
  const { path } = segments[2]!;
  const lastBatch = batches.at(-1)!;
  for (let bit = 0; bit < disk.contentOf(path).length * 8; bit++) {
    disk.flipBit(path, bit);
    const outcome = tryRead();
    disk.flipBit(path, bit);
    if (bit >> 3 < lastBatch.end) assert.ok(outcome instanceof JournalDamage, `bit ${bit}`);
    else assert.ok('end' in outcome && outcome.entries.length === written.length, `bit ${bit}`);
  }
});

test('bytes that look like the start of a batch are none', () => {
  const { writer } = openJournal(disk, '/j', { ...OPTIONS, segmentBytes: 10_000 });
  const frame = Uint8Array.from([8, 0, 0, 0, ...BATCH_MAGIC, ...BATCH_MAGIC]);
  const looksLikeIt = { source: 0, timeUs: 2e15, frame };
  const { path } = segments[2]!;
  appendAll(writer, [looksLikeIt]);
  writer.commit();
  const lastBit = readJournal(disk, '/j').end.newestSegment!.endBytes * 8 - 1;
  disk.flipBit(path, lastBit);
  const torn = readJournal(disk, '/j');
  assert.deepEqual([torn.entries, torn.end.tornBytes > 32], [written, true]);
  disk.flipBit(path, lastBit);
  appendAll(writer, [looksLikeIt]);
  writer.commit();
  disk.flipBit(path, lastBit);
  assert.throws(() => readJournal(disk, '/j'), { code: 'JOURNAL_DAMAGED', file: path });
});

test('a batch twice, or one missing, is damage', () => {
  const [first, second] = batches as [BatchPlace, BatchPlace];
  assert.equal(second.segment, 0);
  const { path } = segments[0]!;
  const content = disk.contentOf(path);
  const batch = content.slice(second.start, second.end);
  const rest = content.slice(second.end);
  disk.replace(path, Buffer.concat([content.slice(0, second.end), batch, rest]));
  assert.throws(() => readJournal(disk, '/j'), {
    code: 'JOURNAL_DAMAGED',
    file: path,
    offset: second.end,
    expected: `a batch from sequence ${second.last + 1}`,
    found: `one from sequence ${first.last + 1}`,
  });
  disk.replace(path, Buffer.concat([content.slice(0, second.start), rest]));
  assert.throws(() => readJournal(disk, '/j'), { file: path, offset: second.start });
});

test('a missing segment is damage, wherever it is missed', () => {
  for (const [index, { path, firstSequence }] of segments.entries()) {
    const content = disk.contentOf(path);
    disk.remove(path);
    if (index < 2)
      assert.throws(() => readJournal(disk, '/j'), { code: 'JOURNAL_DAMAGED', file: '/j' });
    else assert.equal(readJournal(disk, '/j').end.nextSequence, firstSequence);
    disk.replace(path, content);
  }
});

test('a segment of another shard, shard count, place or version is damage', () => {
  const { path, firstSequence } = segments[1]!;
  const content = disk.contentOf(path);
  const headers = [
    encodeSegmentHeader({ shard: 2, shardCount: 3 }, firstSequence, 0),
    encodeSegmentHeader({ shard: 1, shardCount: 2 }, firstSequence, 0),
    encodeSegmentHeader({ shard: 1, shardCount: 3 }, firstSequence + 1, 0),
    encodeSegmentHeader({ shard: 1, shardCount: 3 }, firstSequence, 0, 2),
  ];
  const found = headers.map((header) => {
    disk.replace(path, Buffer.concat([header, content.slice(header.length)]));
    const outcome = tryRead();
    assert.ok(outcome instanceof JournalDamage && outcome.file === path && outcome.offset === 0);
    return outcome.found;
  });
  const from = `from sequence ${firstSequence}`;
  assert.deepEqual(found, [
    `a segment of format 1, shard 2 of 3, ${from}`,
    `a segment of format 1, shard 1 of 2, ${from}`,
    `a segment of format 1, shard 1 of 3, from sequence ${firstSequence + 1}`,
    `a segment of format 2, shard 1 of 3, ${from}`,
  ]);
  // The same name and header, but another history: its batches do not pass.
  const again = encodeSegmentHeader({ shard: 1, shardCount: 3 }, firstSequence, 1);
  disk.replace(path, Buffer.concat([again, content.slice(again.length)]));
  assert.throws(() => readJournal(disk, '/j'), { file: path, offset: again.length });
});

test('the only segment left, without a header, passes only for who has the history before it', () => {
  for (const { path } of segments.slice(0, 2)) disk.remove(path);
  const { path, firstSequence } = segments[2]!;
  disk.replace(path, new Uint8Array(20).fill(7));
  assert.throws(() => readJournal(disk, '/j'), { code: 'JOURNAL_DAMAGED' });
  const { end } = readJournal(disk, '/j', firstSequence);
  assert.deepEqual([end.nextSequence, end.tornBytes], [firstSequence, 20]);
});

test('what cannot be read is a failure, not damage, and cutting off may fail too', () => {
  const { path } = segments[2]!;
  disk.replace(path, disk.contentOf(path).slice(0, batches.at(-1)!.end - 1));
  const before = disk.operations;
  const end = new JournalReader(disk, '/j', { shard: 1, shardCount: 3 }).read(1, () => {});
  const operations = disk.operations - before;
  for (let count = 1; count <= operations; count++) {
    disk.failAt(count, 'EIO');
    assert.throws(() => readJournal(disk, '/j'), { code: 'JOURNAL_FAILED' });
    disk.restart();
  }
  for (let count = 1; count <= 4; count++) {
    disk.failAt(count, 'EIO');
    assert.throws(() => repairJournal(disk, end), { code: 'JOURNAL_FAILED' });
    disk.restart();
  }
  assert.equal(repairJournal(disk, readJournal(disk, '/j').end).tornBytes, 0);
});
