import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepBook } from './deep-book.ts';
import { deepShard } from './deep-shard.ts';

test('a book is filled to a depth and held there', async () => {
  const outcome = await deepBook.run('test');
  assert.ok(outcome.ok, outcome.checks.join('\n'));
});

test('a shard holds as many open orders, each with its reservation', async () => {
  const outcome = await deepShard.run('test');
  assert.ok(outcome.ok, outcome.checks.join('\n'));
});
