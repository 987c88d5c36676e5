import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latency, percentileOf } from './latency.ts';

test('every command of an open load is answered and timed', async () => {
  const outcome = await latency.run('test');
  assert.ok(outcome.ok, outcome.checks.join('\n'));
  const names = outcome.metrics.map((metric) => metric.name);
  for (const what of ['p50', 'p99', 'p99.9', 'max']) {
    assert.ok(names.some((name) => name.endsWith(`: ${what}`)));
  }
});

test('a percentile is the smallest value that so many do not exceed', () => {
  const sorted = Float64Array.from({ length: 1000 }, (_, index) => index + 1);
  assert.equal(percentileOf(sorted, 0.5), 500);
  assert.equal(percentileOf(sorted, 0.999), 999);
  assert.equal(percentileOf(sorted, 1), 1000);
  assert.equal(percentileOf(Float64Array.of(7), 0.5), 7);
});
