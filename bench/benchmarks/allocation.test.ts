import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GcWatch } from '../gc-watch.ts';
import { allocation } from './allocation.ts';

test('the allocation of a command is measured and finite', async () => {
  const outcome = await allocation.run('test');
  assert.ok(outcome.ok, outcome.checks.join('\n'));
  assert.ok(Number.isFinite(outcome.metrics[0]!.values[0]));
});

test('a watch notes the collections of the span it is asked for', async () => {
  const watch = new GcWatch();
  const start = performance.now();
  let kept: number[][] = [];
  for (let round = 0; round < 400; round++) {
    kept.push(new Array(20_000).fill(round));
    if (kept.length > 20) kept = [];
  }
  const end = performance.now();
  await watch.settle();
  assert.ok(watch.within(start, end).length > 0);
  assert.equal(watch.within(end + 1e6, end + 2e6).length, 0);
  watch.stop();
});
