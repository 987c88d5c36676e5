import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { Random } from '../random.ts';
import { LATENCY_US_MAX, LatencyCounts, valueAt } from './latency-counts.ts';
import { microsecondHistogram, spanResult } from './span-summary.ts';

const PERCENTILES = [0, 1, 50, 90, 99, 99.9, 99.99, 100];

function samples(count: number): number[] {
  const random = new Random(3);
  return Array.from({ length: count }, () => Math.floor(Math.exp(random.next() * 21)));
}

test('percentiles are those of the HDR histogram library', () => {
  const counts = new LatencyCounts();
  const histogram = microsecondHistogram();
  for (const us of samples(20_000)) {
    counts.record(us);
    histogram.recordValue(us);
  }
  assert.equal(counts.count, histogram.totalCount);
  for (const percentile of PERCENTILES.slice(1, -1)) {
    assert.equal(counts.percentileUs(percentile), histogram.getValueAtPercentile(percentile));
  }
});

test('a span says the same by its figures and by its histogram', () => {
  const values = samples(5_000);
  const counts = new LatencyCounts();
  for (const us of values) counts.record(us);
  const span = spanResult('ack', true, counts);
  assert.equal(span.count, values.length);
  assert.equal(span.minUs, Math.min(...values));
  assert.equal(span.maxUs, Math.max(...values));
  const mean = values.reduce((sum, us) => sum + us, 0) / values.length;
  assert.ok(Math.abs(span.meanUs - mean) < 0.1);
  const histogram = decodeFromCompressedBase64(span.histogram);
  assert.equal(histogram.totalCount, values.length);
  assert.equal(histogram.getValueAtPercentile(99), span.p99Us);
});

test('what several processes counted adds up to what one would have', () => {
  const whole = new LatencyCounts();
  const parts = [new LatencyCounts(), new LatencyCounts(), new LatencyCounts()];
  samples(3_000).forEach((us, index) => {
    whole.record(us);
    parts[index % 3]!.record(us);
  });
  const merged = new LatencyCounts();
  for (const part of parts) merged.add(part.toSparse());
  assert.deepEqual(merged.toSparse(), whole.toSparse());
  assert.deepEqual(spanResult('ack', true, merged), spanResult('ack', true, whole));
});

test('every bucket is as wide as three digits allow, and values are in theirs', () => {
  for (const us of [0, 1, 2047, 2048, 2049, 4095, 4096, 123_456, 10_000_000, LATENCY_US_MAX]) {
    const counts = new LatencyCounts();
    counts.record(us);
    const pair = counts.toSparse().slice(-2);
    const [low, high] = [valueAt(pair[0]!), valueAt(pair[0]! + 1)];
    assert.ok(low <= us && us < high, `${us} in ${low} to ${high}`);
    assert.ok(high - low <= Math.max(1, us / 1000));
  }
});

test('negative, fractional and endless values have a place', () => {
  const counts = new LatencyCounts();
  for (const us of [-5, -11, 0.9, 1.9, Number.POSITIVE_INFINITY]) counts.record(us);
  assert.deepEqual([counts.count, counts.minUs, counts.maxUs], [5, 0, LATENCY_US_MAX]);
  assert.equal(counts.negative, 1, 'a few microseconds are nothing');
  assert.equal(counts.percentileUs(50), 0);
});

test('no percentile is above the greatest value', () => {
  const counts = new LatencyCounts();
  for (const us of [1_000, 894_001]) counts.record(us);
  const { p99Us, p999Us, p9999Us, maxUs } = spanResult('ack', true, counts);
  assert.deepEqual([p99Us, p999Us, p9999Us, maxUs], [894_001, 894_001, 894_001, 894_001]);
});

test('cleared, it is as new', () => {
  const counts = new LatencyCounts();
  counts.record(5_000);
  counts.record(-5_000);
  counts.clear();
  assert.deepEqual(counts.toSparse(), new LatencyCounts().toSparse());
  assert.deepEqual(
    [counts.count, counts.percentileUs(99), counts.meanUs, counts.minUs],
    [0, 0, 0, 0],
  );
});

test('of a thousand values p99.9 is the last but one', () => {
  const counts = new LatencyCounts();
  for (let us = 0; us < 999; us++) counts.record(10);
  counts.record(1_000);
  assert.equal(counts.percentileUs(99.9), 10);
  assert.equal(counts.percentileUs(99.91), 1_000);
});
