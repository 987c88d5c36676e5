import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { boundProcessors, numbersOf } from './processors.ts';

test("the kernel's lists of processors are read", () => {
  assert.deepEqual(numbersOf('0'), [0]);
  assert.deepEqual(numbersOf('0-2,5,7-8'), [0, 1, 2, 5, 7, 8]);
});

test('only processors are taken that this process may run on', (context) => {
  const [one] = boundProcessors();
  if (one === undefined)
    return context.skip('processes cannot be bound here: no taskset, or no /proc');
  const module = JSON.stringify(import.meta.resolve('./processors.js'));
  const code = `import(${module}).then((m) => console.log(JSON.stringify(m.boundProcessors())))`;
  const { stdout } = spawnSync('taskset', ['-c', String(one), process.execPath, '-e', code]);
  assert.deepEqual(JSON.parse(String(stdout)), [one]);
});
