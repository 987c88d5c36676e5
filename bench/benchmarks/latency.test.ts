import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percentileOf } from '../suite.ts';
import { latency } from './latency.ts';
import { runTest } from './run-test.fixture.ts';

test('every command of an open load is answered and timed, and trades as the book does', async () => {
  const outcome = await runTest(latency);
  const names = outcome.metrics.map((metric) => metric.name);
  for (const what of ['p50', 'p99', 'p99.9', 'max', 'growth of the backlog']) {
    // Measured whether the machine keeps up with it or not.
    assert.ok(names.some((name) => name.startsWith('20,000/s') && name.endsWith(`: ${what}`)));
  }
});

test('a percentile is the smallest value that so many do not exceed', () => {
  const sorted = Float64Array.from({ length: 1000 }, (_, index) => index + 1);
  assert.equal(percentileOf(sorted, 0.5), 500);
  assert.equal(percentileOf(sorted, 0.999), 999);
  assert.equal(percentileOf(sorted, 1), 1000);
  assert.equal(percentileOf(Float64Array.of(7), 0.5), 7);
});
