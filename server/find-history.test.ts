import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from './config.ts';
import { findHistory } from './history.ts';

test('what is in the folder of a shard without a name of the history is told apart', (context) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ringside-history-'));
  context.after(() => rmSync(dataDir, { recursive: true }));
  const config = readConfig({ RINGSIDE_DATA_DIR: dataDir, RINGSIDE_SHARDS: '1' });
  const directory = join(dataDir, 'journal', 'shard-0');
  // Of a disk of its own, and of a start that was broken off.
  mkdirSync(join(directory, 'lost+found'), { recursive: true });
  writeFileSync(join(directory, '0000000000000001.journal.new'), 'unfinished');
  assert.equal(findHistory(config)?.isNew, true);
  for (const name of ['0000000000000001.journal', '0000000000000099.snapshot']) {
    writeFileSync(join(directory, name), 'something');
    const message = /history\.json is missing, but there are journals or snapshots beside it$/;
    assert.throws(() => findHistory(config), { name: 'StartError', message });
    rmSync(join(directory, name));
  }
});
