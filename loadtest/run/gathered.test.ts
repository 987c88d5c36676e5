import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import { spanResult } from '../histogram/span-summary.ts';
import { clockWarnings } from './gathered.ts';

test('values that two clocks made negative are told, from whichever process', () => {
  const counts = new LatencyCounts();
  for (const us of [-2_000, -20, 30]) counts.record(us);
  const merged = new LatencyCounts();
  merged.add(counts.toSparse());
  merged.add(counts.toSparse());
  const span = spanResult('to-gateway', true, merged);
  assert.equal(span.negative, 4);
  assert.deepEqual(clockWarnings([span, spanResult('ack', true, new LatencyCounts())]), [
    '4 of 6 values of “intended send → gateway” (to-gateway) were below zero: the clocks of two processes differ',
  ]);
});
