import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bookAlone } from './book-alone.ts';
import { bookThroughRing } from './book-through-ring.ts';

test('the thread behind the ring hears exactly what the book reports', async () => {
  const outcome = await bookThroughRing.run('test');
  assert.ok(outcome.ok, outcome.checks.join('\n'));
  assert.equal(outcome.checks.length, 5);
  const inProcess = await bookAlone.run('test');
  assert.equal(outcome.resultHash, inProcess.resultHash);
});
