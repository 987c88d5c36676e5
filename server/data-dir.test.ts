import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeDisk } from '../engine/journal/disk.ts';
import { prepareDataDir } from './data-dir.ts';

test('every folder that is made for the data dir survives a power cut: its parent is synced', (context) => {
  const root = mkdtempSync(join(tmpdir(), 'ringside-data-'));
  context.after(() => rmSync(root, { recursive: true }));
  const synced: string[] = [];
  const watched = {
    ...nodeDisk,
    syncDirectory(directory: string) {
      nodeDisk.syncDirectory(directory);
      synced.push(directory);
    },
  };
  prepareDataDir(join(root, 'a', 'b', 'c'), watched);
  assert.deepEqual(synced, [root, join(root, 'a'), join(root, 'a', 'b')]);
  prepareDataDir(join(root, 'a', 'b', 'c'), watched);
  assert.equal(synced.length, 3);
});
