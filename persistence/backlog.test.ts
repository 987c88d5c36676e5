import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ByteRing } from '../engine/ring/byte-ring.ts';
import { Backlog, MemoryBudget } from './backlog.ts';
import { prepareSpoolDirectory, Spool } from './spool.ts';
import { Random } from './testing/random.ts';

const MIB = 2 ** 20;

test('bytes come out of memory and spool as they went in, whatever the rhythm', (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'ringside-spool-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const random = new Random(3);
  const budget = new MemoryBudget(MIB);
  const backlog = new Backlog(budget, new Spool(directory, 'shard-0'));
  const ring = new ByteRing(ByteRing.allocate(MIB));
  const source = new Uint8Array(400_000);
  const target = new Uint8Array(300_000);
  let written = 0;
  let read = 0;
  let spooledMost = 0;
  for (let round = 0; round < 1200; round++) {
    const isFilling = round % 400 < 200;
    const size = random.below(isFilling ? source.length : 50_000);
    for (let index = 0; index < size; index++) source[index] = (written + index) % 251;
    written += ring.write(source, 0, size);
    backlog.takeFrom(ring, () => {});
    spooledMost = Math.max(spooledMost, backlog.spooledBytes);
    assert.ok(budget.usedBytes <= MIB);
    assert.equal(backlog.bytes, written - read);
    const limit = random.below(isFilling ? 50_000 : target.length);
    const count = backlog.read(target.subarray(0, limit), 0);
    for (let index = 0; index < count; index++) {
      if (target[index] !== (read + index) % 251) assert.fail(`byte ${read + index} is wrong`);
    }
    read += count;
  }
  assert.ok(spooledMost > 5 * MIB, 'the spool was not used');
  while (backlog.bytes > 0) read += backlog.read(target, 0);
  assert.equal(read, written);
  assert.deepEqual(readdirSync(directory), [], 'files that were read are deleted');
});

test('a fresh start removes the frames of an earlier run, and nothing else', (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'ringside-spool-'));
  context.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'shard-0-1.frames'), 'old');
  writeFileSync(join(directory, 'note.txt'), 'mine');
  prepareSpoolDirectory(directory);
  assert.deepEqual(readdirSync(directory), ['note.txt']);
});
