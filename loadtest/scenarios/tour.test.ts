import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tour } from './tour.ts';

test('a stop that cannot be made is left out by name', () => {
  const shared = process.env.RINGSIDE_SHARED;
  process.env.RINGSIDE_SHARED = '/nonexistent';
  try {
    const sentences = tour.leavesOut!();
    assert.equal(sentences.length, 1);
    assert.match(sentences[0]!, /^The tour had no recorded-day: the recorded day is not there/);
  } finally {
    if (shared === undefined) delete process.env.RINGSIDE_SHARED;
    else process.env.RINGSIDE_SHARED = shared;
  }
});
