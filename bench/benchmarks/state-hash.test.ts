import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runTest } from './run-test.fixture.ts';
import { snapshot } from './snapshot.ts';
import { stateHash } from './state-hash.ts';

test('the hashes asked for all along end as those that are asked for once', async () => {
  const outcome = await runTest(stateHash);
  assert.equal(outcome.checks.length, 5);
});

test('a shard that was saved and loaded has the hash of the first', async () => {
  await runTest(snapshot);
});
