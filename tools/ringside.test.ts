import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('./ringside.js', import.meta.url));

function ringside(...argv: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [ENTRY, ...argv], { encoding: 'utf8' });
}

test('the first word is the program, the others are its own', () => {
  const list = ringside('loadtest', '--list');
  assert.equal(list.status, 0);
  assert.match(list.stdout, /steady-mix/);
  const wrong = ringside('loadtest', 'steady-mix', '--rate', 'x');
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /--rate must be/);
});

test('without a program there is the usage, as help or as an error', () => {
  assert.equal(ringside('--help').status, 0);
  assert.match(ringside('--help').stdout, /^usage: ringside .*\n {2}run /);
  for (const argv of [[], ['lodtest']]) {
    const { status, stderr } = ringside(...argv);
    assert.equal(status, 2);
    assert.match(stderr, /^usage: ringside/);
  }
});
