import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stateHash } from './state-hash.ts';

test('the hashes asked for all along end as those that are asked for once', async () => {
  const outcome = await stateHash.run('test');
  assert.ok(outcome.ok, outcome.checks.join('\n'));
  assert.equal(outcome.checks.length, 4);
  assert.equal(outcome.resultHash, (await stateHash.run('test')).resultHash);
});
