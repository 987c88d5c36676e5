import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bookThroughRing } from './book-through-ring.ts';
import { runTest } from './run-test.fixture.ts';

test('the thread behind the ring hears exactly what the book reports', async () => {
  const outcome = await runTest(bookThroughRing);
  assert.equal(outcome.checks.length, 6);
});
