import { test } from 'node:test';
import { runTest } from './run-test.fixture.ts';
import { storedHistory } from './stored-history.ts';

test('candles and pages of a long history are what it was made of', async () => {
  await runTest(storedHistory);
});
