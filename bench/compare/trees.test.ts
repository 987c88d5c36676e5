import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PartProcess } from './part-process.ts';
import { buildParts } from './trees.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

test('the parts of this repository build as the gate builds them, and run', async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ringside-built-')));
  try {
    for (const folder of ['engine', 'persistence', 'bench']) {
      cpSync(join(ROOT, folder), join(root, folder), {
        recursive: true,
        filter: (path) => !path.startsWith(join(ROOT, 'bench/results')),
      });
    }
    for (const file of ['tsconfig.json', 'package.json', 'package-lock.json']) {
      cpSync(join(ROOT, file), join(root, file));
    }
    await buildParts(root, ROOT);
    const options = { name: 'ledger', nodeOptions: [], warmUpMs: 0, processor: null };
    const process = new PartProcess(root, options);
    try {
      assert.ok((await process.ready()).operations > 1000);
    } finally {
      process.kill();
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
