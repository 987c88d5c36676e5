import { test } from 'node:test';
import { manyMarkets } from './many-markets.ts';
import { runTest } from './run-test.fixture.ts';

test('a hundred markets in one shard add up, whoever trades', async () => {
  await runTest(manyMarkets);
});
