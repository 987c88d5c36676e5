import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PlaceOrder } from '../protocol/commands.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { type Disk, nodeDisk } from './disk.ts';
import {
  appendAll,
  type Entry,
  EntrySource,
  IDENTITY,
  openJournal,
  readJournal,
} from './journal-entries.fixture.ts';
import { JournalReader } from './journal-reader.ts';
import type { JournalOptions, JournalWriter } from './journal-writer.ts';
import { deleteSegmentsBefore, listSegments } from './segments.ts';
import { SimulatedDisk } from './simulated-disk.fixture.ts';

const SMALL: JournalOptions = { durability: 'fsync', segmentBytes: 4096, growthBytes: 1024 };

function realDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'ringside-journal-'));
  context.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Appends entries in batches of 1, 2, 3, … and commits each. */
function write(writer: JournalWriter, source: EntrySource, batches: number) {
  const written: Entry[] = [];
  for (let batch = 1; batch <= batches; batch++) {
    const entries = source.take(batch);
    appendAll(writer, entries);
    written.push(...entries);
    writer.commit();
  }
  return written;
}

test('entries come back as they went in, through real files and any number of starts', (context) => {
  const root = realDirectory(context);
  for (const durability of ['fsync', 'os'] as const) {
    const directory = join(root, durability);
    nodeDisk.makeDirectory(directory);
    const options = { ...SMALL, durability };
    const source = new EntrySource(1);
    const written: Entry[] = [];
    for (let start = 0; start < 5; start++) {
      const { entries, writer } = openJournal(nodeDisk, directory, options);
      assert.deepEqual(entries, written);
      assert.equal(writer.committedSequence, written.length);
      written.push(...write(writer, source, 12));
      assert.equal(writer.committedSequence, written.length);
      // Every other time the process is killed instead: there is no empty batch, and no torn end either.
      if (start % 2 === 0) writer.close();
    }
    const segments = listSegments(nodeDisk, directory);
    assert.ok(segments.length > 4, `${segments.length} segments`);
    for (let from = 1; from <= written.length + 1; from += 7) {
      assert.deepEqual(readJournal(nodeDisk, directory, from).entries, written.slice(from - 1));
    }
  }
});

test('a range is read while the journal is written', () => {
  const disk = new SimulatedDisk();
  const { writer } = openJournal(disk, '/j', SMALL);
  const source = new EntrySource(2);
  const written = write(writer, source, 25);
  appendAll(writer, source.take(5));
  const last = writer.committedSequence;
  assert.equal(last, written.length);
  const reader = new JournalReader(disk, '/j', IDENTITY);
  for (const [from, to] of [
    [1, 1],
    [1, last],
    [7, 200],
    [last, last],
  ] as const) {
    const sequences: number[] = [];
    reader.readRange(from, to, (sequence, _source, timeUs, bytes, start, end) => {
      sequences.push(sequence);
      const expected = written[sequence - 1]!;
      assert.equal(timeUs, expected.timeUs);
      assert.deepEqual(Uint8Array.from(bytes.subarray(start, end)), expected.frame);
    });
    const expected = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    assert.deepEqual(sequences, expected);
  }
  const beyond = () => reader.readRange(last, last + 1, () => {});
  assert.throws(beyond, {
    code: 'JOURNAL_DAMAGED',
    expected: `a segment with sequence ${last + 1}`,
  });
});

test('a commit is one write and one sync, and of nothing no operation at all', () => {
  const disk = new SimulatedDisk({ writeBytesMax: 2 ** 31 });
  const { writer } = openJournal(disk, '/j', { durability: 'fsync' });
  const source = new EntrySource(3, 60);
  const costs = new Set<number>();
  for (let count = 0; count < 100; count++) {
    const before = disk.operations;
    appendAll(writer, source.take(5));
    assert.equal(disk.operations, before);
    writer.commit();
    costs.add(disk.operations - before);
    writer.commit();
    assert.equal(disk.operations - before, [...costs].at(-1));
  }
  assert.deepEqual([...costs], [2]);
});

test('a batch may be larger than a segment, and than any before', () => {
  const disk = new SimulatedDisk();
  const { writer } = openJournal(disk, '/j', SMALL);
  const source = new EntrySource(4, 2 ** 20);
  const written: Entry[] = [];
  for (const size of [3, 1000, 1, 3000, 2]) {
    const entries = source.take(size);
    appendAll(writer, entries);
    assert.ok(writer.pendingBytes > size * 5);
    writer.commit();
    assert.equal(writer.pendingBytes, 0);
    written.push(...entries);
  }
  assert.deepEqual(readJournal(disk, '/j').entries, written);
  assert.equal(listSegments(disk, '/j').length, 5);
});

test('a plain limit order costs less than 64 bytes in a batch of four, header included', () => {
  const disk = new SimulatedDisk();
  const { writer } = openJournal(disk, '/j', { durability: 'os' });
  const frames = new FrameWriter();
  const body = PlaceOrder.create();
  Object.assign(body, { requestId: 2 ** 40, accountId: 70_000, marketId: 300, quantityLots: 1e9 });
  body.priceTicks = 5e9;
  const sizeOf = (path: string) => disk.contentOf(path).length;
  const { path } = listSegments(disk, '/j')[0]!;
  const before = sizeOf(path);
  for (let order = 0; order < 4; order++) {
    const start = frames.end;
    PlaceOrder.encode(frames, 0, body);
    writer.append(-1, 1e15 + order * 100, frames.bytes, start, frames.end);
  }
  writer.commit();
  const bytes = (sizeOf(path) - before) / 4;
  assert.ok(bytes < 64, `${bytes} bytes`);
});

test('the layout on disk stays as it is', () => {
  const disk = new SimulatedDisk();
  const { writer } = openJournal(disk, '/j', { durability: 'fsync', growthBytes: 128 });
  const timeUs = 0x10_0000_0001;
  writer.append(-1, timeUs, Buffer.from('03000000aabbcc', 'hex'), 0, 7);
  writer.append(2, timeUs, Buffer.from('00000000', 'hex'), 0, 4);
  writer.append(0, timeUs + 300, Buffer.from('01000000dd', 'hex'), 0, 5);
  writer.commit();
  // A change of these bytes needs a new format version, and a reader of this one beside it.
  const segment = [
    Buffer.from('RNGSDJNL').toString('hex'),
    ['01000000', '01000000', '03000000', '0100000000000000', '0000000000000000', '00000000'],
    '3e0170e8',
  ];
  const batch = [
    'ff4a42fe',
    'bb932d70',
    '15000000',
    '03000000',
    '0100000000000000',
    '0100000010000000',
  ];
  const entries = ['00', '03000000aabbcc', '03', '00000000', '81', 'ac02', '01000000dd'];
  const whole = [segment, batch, entries].flat(2).join('');
  const content = Buffer.from(disk.contentOf('/j/0000000000000001.journal'));
  assert.equal(content.toString('hex'), whole.padEnd(256, '0'));
});

test('whole segments are deleted when all their entries are below, never the newest', () => {
  const disk = new SimulatedDisk();
  const { writer } = openJournal(disk, '/j', SMALL);
  const written = write(writer, new EntrySource(6), 30);
  const firsts = listSegments(disk, '/j').map(({ firstSequence }) => firstSequence);
  assert.ok(firsts.length > 4);
  const [, second, third, fourth] = firsts as [number, number, number, number];
  assert.equal(deleteSegmentsBefore(disk, '/j', second - 1), 0);
  assert.equal(deleteSegmentsBefore(disk, '/j', third), 2);
  assert.equal(deleteSegmentsBefore(disk, '/j', fourth - 1), 0);
  assert.deepEqual(readJournal(disk, '/j', third).entries, written.slice(third - 1));
  assert.throws(() => readJournal(disk, '/j', third - 1), {
    code: 'JOURNAL_DAMAGED',
    file: '/j',
    expected: `a segment with sequence ${third - 1}`,
  });
  assert.equal(deleteSegmentsBefore(disk, '/j', 10 ** 9), firsts.length - 3);
  assert.equal(listSegments(disk, '/j').length, 1);
  writer.close();
  const { entries, writer: next } = openJournal(disk, '/j', SMALL, firsts.at(-1)!);
  assert.deepEqual(entries, written.slice(firsts.at(-1)! - 1));
  assert.equal(next.committedSequence, written.length);
});

test('who knows of more than the journal holds is told so', () => {
  const disk = new SimulatedDisk();
  assert.throws(() => readJournal(disk, '/j', 2), { code: 'JOURNAL_DAMAGED' });
  const { writer } = openJournal(disk, '/j', SMALL);
  write(writer, new EntrySource(7), 3);
  assert.equal(readJournal(disk, '/j', 7).entries.length, 0);
  assert.throws(() => readJournal(disk, '/j', 8), {
    code: 'JOURNAL_DAMAGED',
    expected: 'a segment with sequence 7',
    found: 'the end before 7',
  });
});

test('what is no entry stops the shard and changes nothing', () => {
  const disk: Disk = new SimulatedDisk();
  const { writer } = openJournal(disk, '/j', SMALL);
  const source = new EntrySource(8);
  const entries = source.take(5);
  appendAll(writer, entries);
  const last = entries.at(-1)!;
  const append = (from: number, timeUs: number, frame: Uint8Array) => () =>
    writer.append(from, timeUs, frame, 0, frame.length);
  assert.throws(append(0, last.timeUs - 1, last.frame), /steps back/);
  assert.throws(append(-2, last.timeUs, last.frame), /nowhere/);
  assert.throws(append(64, last.timeUs, last.frame), /nowhere/);
  assert.throws(append(0, last.timeUs, new Uint8Array([9, 0, 0, 0, 1])), /not one frame/);
  writer.commit();
  assert.deepEqual(readJournal(disk, '/j').entries, entries);
});

test('times go on from the last one after a start, also from a segment without entries', () => {
  const disk = new SimulatedDisk();
  const timeUs = 2 ** 53 - 2;
  const frame = new Uint8Array([0, 0, 0, 0]);
  openJournal(disk, '/j', SMALL).writer.close();
  const { writer } = openJournal(disk, '/j', SMALL);
  writer.append(-1, 5, frame, 0, 4);
  writer.append(63, timeUs, frame, 0, 4);
  writer.close();
  const again = openJournal(disk, '/j', SMALL);
  assert.deepEqual(
    again.entries.map(({ source, timeUs: at }) => [source, at]),
    [
      [-1, 5],
      [63, timeUs],
    ],
  );
  assert.throws(() => again.writer.append(-1, timeUs - 1, frame, 0, 4), /steps back/);
  assert.equal(again.writer.append(-1, timeUs, frame, 0, 4), 3);
});

test('a disk without room shows when a journal is opened, and one with room again has it all', () => {
  const disk = new SimulatedDisk();
  const source = new EntrySource(8, 60);
  const options: JournalOptions = { durability: 'fsync', segmentBytes: 2 ** 16, growthBytes: 4096 };
  const { writer } = openJournal(disk, '/journal', options);
  const written = write(writer, source, 4);
  const [{ path } = { path: '' }] = listSegments(disk, '/journal');
  disk.capacityBytes = disk.contentOf(path)!.length;
  assert.throws(
    () => {
      for (;;) written.push(...write(writer, source, 1));
    },
    { code: 'JOURNAL_FAILED' },
  );
  assert.throws(() => writer.commit(), { code: 'JOURNAL_FAILED' });
  assert.throws(() => openJournal(disk, '/journal', options), { code: 'JOURNAL_FAILED' });
  disk.capacityBytes = Number.POSITIVE_INFINITY;
  const again = openJournal(disk, '/journal', options);
  assert.deepEqual(again.entries.slice(0, written.length), written);
  write(again.writer, source, 4);
});

test('a disk without room shows when a journal is opened whose segment ends where the next batch would begin', () => {
  let refused = 0;
  for (let count = 1; count < 40; count++) {
    const disk = new SimulatedDisk();
    const source = new EntrySource(9, 60);
    const options: JournalOptions = { durability: 'fsync', segmentBytes: 600, growthBytes: 256 };
    const { writer } = openJournal(disk, '/journal', options);
    const written: Entry[] = [];
    for (let batch = 0; batch < count; batch++) written.push(...write(writer, source, 1));
    const paths = listSegments(disk, '/journal').map(({ path }) => path);
    disk.capacityBytes = paths.reduce((sum, path) => sum + disk.contentOf(path).length, 0);
    let again: JournalWriter | null = null;
    try {
      again = openJournal(disk, '/journal', options).writer;
    } catch (error) {
      assert.equal((error as { code: string }).code, 'JOURNAL_FAILED');
    }
    // Else there is room already, for a batch like those before.
    if (again === null) refused++;
    else written.push(...write(again, source, 1));
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    const { entries, writer: next } = openJournal(disk, '/journal', options);
    assert.deepEqual(entries, written);
    write(next, source, 1);
  }
  assert.ok(refused > 5 && refused < 35, `${refused} refused`);
});
