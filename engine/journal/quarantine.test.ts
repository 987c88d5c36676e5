import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '../assert.ts';
import { keepTornEnd, putInQuarantine, tornEndPath } from './quarantine.ts';
import { PowerCut, SimulatedDisk } from './simulated-disk.fixture.ts';

const INPUT = {
  shard: 1,
  source: 0,
  timeUs: 123,
  sequence: 7,
  frame: Uint8Array.of(3, 0, 0, 0, 1, 2, 255),
  cause: new AssertionFailure('no such market'),
  uncommitted: Uint8Array.of(1, 3, 0, 0, 0, 1, 2, 255),
};

test('what is put into quarantine is there after a power cut, whole and once', () => {
  const disk = new SimulatedDisk({ writeBytesMax: 64, pageBytes: 32 });
  const path = putInQuarantine(disk, '/journal/shard-1', INPUT);
  assert.equal(putInQuarantine(disk, '/journal/shard-1', INPUT), path);
  disk.cutPower();
  disk.restart();
  assert.deepEqual(disk.list('/journal/quarantine').length, 1);
  const kept = JSON.parse(Buffer.from(disk.contentOf(path)).toString());
  assert.equal(kept.failure, 'AssertionFailure: no such market');
  assert.deepEqual([kept.shard, kept.source, kept.sequence, kept.timeUs], [1, 'shard 0', 7, 123]);
  assert.deepEqual(Uint8Array.from(Buffer.from(kept.frame, 'base64')), INPUT.frame);
});

test('a crash leaves the file whole or not at all', () => {
  let kept = 0;
  for (let operation = 1; operation < 60; operation++) {
    const disk = new SimulatedDisk({ seed: operation, writeBytesMax: 64, pageBytes: 32 });
    disk.cutPowerAt(operation);
    try {
      putInQuarantine(disk, '/journal/shard-1', INPUT);
    } catch (error) {
      assert.ok(error instanceof PowerCut);
    }
    disk.cutPower();
    disk.restart();
    for (const name of disk.list('/journal/quarantine')) {
      if (!name.endsWith('.json')) continue;
      kept++;
      const text = Buffer.from(disk.contentOf(`/journal/quarantine/${name}`)).toString();
      assert.equal(JSON.parse(text).sequence, INPUT.sequence);
    }
  }
  assert.ok(kept > 3 && kept < 59, `kept ${kept} times`);
});

/** A journal that goes on from a sequence, and whose segment has 10 good bytes and some torn ones. */
function tornAt(disk: SimulatedDisk, nextSequence: number, torn: Uint8Array) {
  const path = '/journal/shard-1/0000000000000001.journal';
  disk.replace(path, Uint8Array.of(...new Uint8Array(10).fill(1), ...torn, 0, 0, 0));
  const fileBytes = 10 + torn.length + 3;
  const newestSegment = { path, checksum: 0, fileBytes, endBytes: 10, lastBatch: torn };
  return { nextSequence, lastTimeUs: 0, newestSegment, tornBytes: torn.length };
}

test('the last few torn ends of each shard are kept, as they were', () => {
  const disk = new SimulatedDisk();
  const torn = (sequence: number) => Uint8Array.of(sequence >> 8, sequence & 0xff, 7);
  putInQuarantine(disk, '/journal/shard-1', INPUT);
  keepTornEnd(disk, '/journal/shard-2', 2, tornAt(disk, 1, torn(1)));
  for (let sequence = 90; sequence <= 110; sequence++) {
    const end = tornAt(disk, sequence, torn(sequence));
    const checksum = keepTornEnd(disk, '/journal/shard-1', 1, end);
    assert.equal(keepTornEnd(disk, '/journal/shard-1', 1, end), checksum);
    const path = tornEndPath('/journal/shard-1', 1, sequence, checksum);
    assert.deepEqual(disk.contentOf(path), torn(sequence));
  }
  const names = disk.namesIn('/journal/quarantine');
  const sequencesOf = (shard: number) =>
    names
      .filter((name) => name.startsWith(`shard-${shard}-`) && name.endsWith('.torn'))
      .map((name) => Number(name.split('-')[2]))
      .sort((one, other) => one - other);
  assert.deepEqual(sequencesOf(1), [103, 104, 105, 106, 107, 108, 109, 110]);
  assert.deepEqual(sequencesOf(2), [1]);
  assert.equal(names.filter((name) => name.endsWith('.json')).length, 1);
});

test('a torn end that cannot be kept is a failure of the disk, and is kept when it is well', () => {
  const disk = new SimulatedDisk();
  const end = tornAt(disk, 5, Uint8Array.of(1, 2, 3));
  const before = disk.operations;
  keepTornEnd(disk, '/journal/shard-1', 1, end);
  const operations = disk.operations - before;
  for (let count = 1; count <= operations; count++) {
    disk.failAt(count, 'ENOSPC');
    assert.throws(() => keepTornEnd(disk, '/journal/shard-1', 1, end), { code: 'JOURNAL_FAILED' });
    disk.restart();
    const unfinished = disk.namesIn('/journal/quarantine').filter((name) => name.endsWith('.new'));
    assert.deepEqual(unfinished, []);
  }
  const checksum = keepTornEnd(disk, '/journal/shard-1', 1, end);
  disk.cutPower();
  disk.restart();
  const kept = disk.contentOf(tornEndPath('/journal/shard-1', 1, 5, checksum));
  assert.deepEqual(kept, Uint8Array.of(1, 2, 3));
});
