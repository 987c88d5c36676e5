import { test } from 'node:test';
import { runTest } from './run-test.fixture.ts';
import { transfers } from './transfers.ts';

test('what is kept of transfers answers those that are sent again', async () => {
  await runTest(transfers);
});
