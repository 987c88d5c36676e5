import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BENCHMARKS } from './benchmarks/index.ts';
import { readKnownResults, withKnownResult } from './known-results.ts';
import { type Outcome, SIZES } from './suite.ts';

test('the result of every benchmark is known at every size', () => {
  const known = readKnownResults();
  assert.deepEqual(Object.keys(known).sort(), BENCHMARKS.map(({ name }) => name).sort());
  for (const { name } of BENCHMARKS) {
    for (const size of SIZES) assert.match(known[name]?.[size] ?? '', /^[0-9a-f]{16}$/, name);
  }
});

test('another result than the known one fails, and so does one that nobody knows', () => {
  const outcome: Outcome = { metrics: [], resultHash: '0123456789abcdef', ok: true, checks: [] };
  const known = { 'book-alone': { quick: '0123456789abcdef', full: 'fedcba9876543210' } };
  const check = (size: 'quick' | 'full' | 'test', of = outcome): Outcome =>
    withKnownResult('book-alone', size, of, known);
  assert.equal(check('quick').ok, true);
  assert.equal(check('quick', { ...outcome, ok: false }).ok, false);
  for (const [size, expected] of [
    ['full', /fedcba9876543210/],
    ['test', /none is known/],
  ] as const) {
    const failed = check(size);
    assert.equal(failed.ok, false);
    assert.match(failed.checks.at(-1)!, /^FAILED: /);
    assert.match(failed.checks.at(-1)!, expected);
  }
});
