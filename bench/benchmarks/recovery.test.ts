import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recovery } from './recovery.ts';
import { runTest } from './run-test.fixture.ts';

test('recovered from its journal, a shard holds what one holds that was there all the time', async () => {
  const outcome = await runTest(recovery);
  assert.ok(outcome.checks.length >= 8, outcome.checks.join('\n'));
});
