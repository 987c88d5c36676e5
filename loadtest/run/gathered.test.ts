import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GeneratorReport } from '../generator/messages.ts';
import { noOutcomes } from '../generator/recorder.ts';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import { spanResult } from '../histogram/span-summary.ts';
import { clockWarnings, generatorResults } from './gathered.ts';

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

/** Of a generator whose requests all took so long, and in whose event loop a reply waited so long. */
function heldUp(waitUs: number, ackUs: number): string {
  const [ack, delay] = [new LatencyCounts(), new LatencyCounts()];
  for (let left = 1_000; left > 0; left--) {
    ack.record(ackUs);
    delay.record(waitUs);
  }
  const report: GeneratorReport = {
    ...{ measured: noOutcomes(), all: noOutcomes(), connections: [], acknowledgedInTime: 0 },
    ...{ notSent: 0, lostConnections: 0, strayReplies: 0 },
    spans: [
      { name: 'ack', counts: ack.toSparse() },
      { name: 'ack-from-send', counts: ack.toSparse() },
    ],
    watch: {
      ...{ lateSends: 0, cpuShare: 0.95, eventLoopDelayMaxMs: 30, eventLoopDelayP99Ms: 20 },
      ...{ delay: delay.toSparse(), lastSendLateMs: 0, outstandingMax: 1 },
    },
  };
  return generatorResults([report], 'ack')[0]!.bottleneck ?? 'kept';
}

test('a generator in which replies waited is the bottleneck, by over half of what is shown', () => {
  assert.equal(heldUp(19_000, 40_000), 'kept');
  assert.match(heldUp(22_000, 40_000), /replies waited for the generator, p50 2\d\.\d ms of the 4/);
  assert.equal(heldUp(4_000, 4_500), 'kept', 'less than its watch can tell');
});
