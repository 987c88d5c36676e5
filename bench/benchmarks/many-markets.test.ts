import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manyMarkets } from './many-markets.ts';

test('a hundred markets in one shard add up, whoever trades', async () => {
  const outcome = await manyMarkets.run('test');
  assert.ok(outcome.ok, outcome.checks.join('\n'));
});
