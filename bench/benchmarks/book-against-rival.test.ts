import { test } from 'node:test';
import { bookAgainstRival } from './book-against-rival.ts';
import { runTest } from './run-test.fixture.ts';

test('our book and nodejs-order-book trade the same, trade by trade, on every regime', async () => {
  await runTest(bookAgainstRival);
});
