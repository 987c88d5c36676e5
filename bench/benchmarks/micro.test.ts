import assert from 'node:assert/strict';
import { test } from 'node:test';
import { micro } from './micro.ts';
import { runTest } from './run-test.fixture.ts';

test('every micro-benchmark does what it says', async () => {
  const outcome = await runTest(micro);
  assert.ok(outcome.metrics.every(({ values }) => values[0]! > 0));
});
