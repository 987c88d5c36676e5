import { test } from 'node:test';
import { deepBook } from './deep-book.ts';
import { deepShard } from './deep-shard.ts';
import { runTest } from './run-test.fixture.ts';

test('a book is filled to a depth and held there', async () => {
  await runTest(deepBook);
});

test('a shard holds as many open orders, each with its reservation', async () => {
  await runTest(deepShard);
});
