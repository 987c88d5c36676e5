import { test } from 'node:test';
import { projection } from './projection.ts';
import { runTest } from './run-test.fixture.ts';

test('every trade of a venue gets its rows, at any pace, and the tables add up', async () => {
  await runTest(projection);
});
