import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shardInProcess } from './shard-in-process.ts';

test('a shard trades as the book alone does, and every asset adds up', async () => {
  const outcome = await shardInProcess.run('test');
  assert.ok(outcome.ok, outcome.checks.join('\n'));
  assert.ok(outcome.checks.length >= 15);
});
