import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../tools/schemathesis/run.sh', import.meta.url));
const EX_UNAVAILABLE = 69;

/** Runs the script where there are no programs but what it needs itself and those given. */
function run(programs: Readonly<Record<string, string>>): { status: number | null; said: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ringside-schemathesis-'));
  try {
    for (const name of ['dirname', 'cmp', 'sh']) {
      const { stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
      symlinkSync(stdout.trim(), join(folder, name));
    }
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(folder, name), text, { mode: 0o755 });
    }
    const bash = spawnSync('sh', ['-c', 'command -v bash'], { encoding: 'utf8' }).stdout.trim();
    const env = { PATH: folder, SCHEMATHESIS_VENV: join(folder, 'environment') };
    const { status, stderr } = spawnSync(bash, [SCRIPT], { env, encoding: 'utf8' });
    return { status, said: stderr.trim() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('schemathesis that cannot be run is no success', () => {
  assert.deepEqual(run({}), {
    status: EX_UNAVAILABLE,
    said: 'schemathesis: not run, there is no python3',
  });
  assert.deepEqual(run({ python3: '#!/bin/sh\nexit 1\n' }), {
    status: EX_UNAVAILABLE,
    said: 'schemathesis: not run, it could not be installed',
  });
});
