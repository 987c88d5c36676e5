import assert from 'node:assert/strict';
import { test } from 'node:test';
import { micro } from './micro.ts';

test('every micro-benchmark does what it says', async () => {
  const outcome = await micro.run('test');
  assert.ok(outcome.ok, outcome.checks.join('\n'));
  assert.ok(outcome.metrics.every(({ values }) => values[0]! > 0));
  assert.equal((await micro.run('test')).resultHash, outcome.resultHash);
});
