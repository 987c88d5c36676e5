import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '../assert.ts';
import { putInQuarantine } from './quarantine.ts';
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
