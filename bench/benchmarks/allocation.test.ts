import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GcWatch } from '../gc-watch.ts';
import { allocation } from './allocation.ts';
import { runTest } from './run-test.fixture.ts';

/** It was 7 to 35 in runs on an idle and on a busy machine; one more message body for each command is above it. */
const BYTES_PER_COMMAND_MAX = 70;

test('a command in steady state leaves few bytes on the heap', async () => {
  const outcome = await runTest(allocation);
  const { name, values } = outcome.metrics[0]!;
  assert.equal(name, 'heap allocated');
  assert.ok(values[0]! < BYTES_PER_COMMAND_MAX, `${values[0]} bytes a command`);
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
