import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Random } from '../random.ts';
import { batchesOf, digestOfFolder, flipBit, newestSegments, tearTail } from './journal-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringside-journal-files-'));
after(() => rmSync(folder, { recursive: true }));

/** A segment as its documentation has it: header, batches with bodies of these lengths, zeros. */
function segmentOf(bodies: readonly number[]): Buffer {
  const header = Buffer.alloc(44, 7);
  header.write('RNGSDJNL', 'latin1');
  const batches = bodies.map((length, index) => {
    const batch = Buffer.alloc(32 + length, index + 1);
    batch.set([0xff, 0x4a, 0x42, 0xfe]);
    batch.writeUInt32LE(length, 8);
    return batch;
  });
  return Buffer.concat([header, ...batches, Buffer.alloc(100)]);
}

function place(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test('a segment is walked batch by batch up to its zeros', () => {
  assert.deepEqual(batchesOf(segmentOf([10, 300])), [
    { start: 44, end: 86 },
    { start: 86, end: 418 },
  ]);
  assert.deepEqual(batchesOf(segmentOf([])), []);
  assert.deepEqual(batchesOf(Buffer.from('something else')), []);
  assert.deepEqual(batchesOf(segmentOf([10, 300]).subarray(0, 400)), [{ start: 44, end: 86 }]);
});

test('a torn tail leaves every whole batch as it was, and is none itself', () => {
  const whole = segmentOf([10, 300, 50]);
  const { end } = batchesOf(whole).at(-1)!;
  const kinds = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const path = place('torn.journal', whole);
    kinds.add(tearTail(path, new Random(seed)).split(' (')[0]!);
    const torn = readFileSync(path);
    assert.ok(torn.subarray(0, end).equals(whole.subarray(0, end)));
    const last = whole.subarray(end - 82, end);
    assert.equal(torn.subarray(end, end + last.length).equals(last), false);
  }
  assert.deepEqual([...kinds].sort(), ['a header', 'garbage', 'half a batch', 'nothing']);
});

test('one bit flips, never in the last batch, and back', () => {
  const whole = segmentOf([10, 300, 50]);
  const { start } = batchesOf(whole).at(-1)!;
  const path = place('flipped.journal', whole);
  for (let seed = 0; seed < 40; seed++) {
    const flipped = flipBit(path, new Random(seed));
    const bytes = readFileSync(path);
    const changed = [...bytes.keys()].filter((at) => bytes[at] !== whole[at]);
    assert.equal(changed.length, 1);
    assert.ok(changed[0]! >= 44 && changed[0]! < start);
    flipped!.undo();
    assert.ok(readFileSync(path).equals(whole));
  }
  assert.equal(flipBit(place('short.journal', segmentOf([9])), new Random(1)), null);
});

test('the newest segment of each shard is found, and any change of the journal seen', () => {
  for (const shard of ['shard-0', 'shard-1']) {
    mkdirSync(join(folder, 'journal', shard), { recursive: true });
    for (const name of ['0000000000000001.journal', '0000000000000901.journal', 'note.txt']) {
      writeFileSync(join(folder, 'journal', shard, name), `${shard} ${name}`);
    }
  }
  const newest = newestSegments(folder);
  assert.deepEqual(
    newest.map((path) => path.slice(folder.length)),
    ['/journal/shard-0/0000000000000901.journal', '/journal/shard-1/0000000000000901.journal'],
  );
  const digest = digestOfFolder(folder);
  assert.equal(digestOfFolder(folder), digest);
  writeFileSync(newest[1]!, 'other');
  assert.notEqual(digestOfFolder(folder), digest);
});
