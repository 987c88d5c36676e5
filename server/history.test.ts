import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFully, withFile } from '../engine/journal/disk.ts';
import { SimulatedDisk } from '../engine/journal/simulated-disk.fixture.ts';
import { beginHistory, type History } from './history.ts';

const SEEDS = 20;
const FOLDER = '/journal';
const HISTORY: History = {
  historyId: 'history-1',
  durability: 'fsync',
  segmentBytes: 4096,
  directories: [`${FOLDER}/shard-0`, `${FOLDER}/shard-1`],
  isNew: true,
};

/** What names the history on a disk; null when there is none. */
function identityOn(disk: SimulatedDisk): string | null {
  if (!disk.namesIn(FOLDER).includes('history.json')) return null;
  const bytes = Buffer.alloc(1000);
  const count = withFile(disk, `${FOLDER}/history.json`, 'read', (file) =>
    readFully(disk, file, bytes, 0, bytes.length, 0),
  );
  return bytes.toString('utf8', 0, count);
}

test('a history whose begin a power cut breaks off anywhere is there, whole, or not at all', () => {
  const text = '{"version":1,"historyId":"history-1","shardCount":2}\n';
  let cuts = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    for (let isOver = false, count = 1; !isOver; count++) {
      const disk = new SimulatedDisk({ seed, pageBytes: 16 });
      disk.cutPowerAt(count);
      try {
        beginHistory(HISTORY, disk);
        isOver = true;
        disk.cutPower();
      } catch {
        cuts++;
      }
      disk.restart();
      const identity = identityOn(disk);
      if (isOver || identity !== null) assert.equal(identity, text, `seed ${seed}, cut ${count}`);
    }
  }
  assert.ok(cuts > SEEDS * 5);
});
