import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bookAgainstRival } from './book-against-rival.ts';

test('our book and nodejs-order-book trade the same on every regime', async () => {
  const outcome = await bookAgainstRival.run('test');
  assert.ok(outcome.ok, outcome.checks.join('\n'));
  assert.equal(outcome.checks.length, 15);
  assert.equal(outcome.resultHash, '37a6d05431402d31');
});
