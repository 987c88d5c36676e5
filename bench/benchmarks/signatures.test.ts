import { test } from 'node:test';
import { runTest } from './run-test.fixture.ts';
import { signatures } from './signatures.ts';

test('every way to check signatures tells the same right ones from the same wrong ones', async () => {
  await runTest(signatures);
});
