import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recovery } from './recovery.ts';
import { recoveryFromSnapshot } from './recovery-from-snapshot.ts';
import { runTest } from './run-test.fixture.ts';
import { snapshotLatency } from './snapshot-latency.ts';

test('recovered from its journal, a shard holds what one holds that was there all the time', async () => {
  const outcome = await runTest(recovery);
  assert.ok(outcome.checks.length >= 8, outcome.checks.join('\n'));
});

test('a shard that begins with a snapshot half way comes to the same state', async () => {
  const outcome = await runTest(recoveryFromSnapshot);
  assert.equal(outcome.checks.length, 7, outcome.checks.join('\n'));
});

test('a shard whose snapshot is made while it trades answers as one alone', async () => {
  await runTest(snapshotLatency);
});
