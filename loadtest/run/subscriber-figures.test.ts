import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import type { SubscribersReport } from '../subscribers/messages.ts';
import { subscriberFigures, subscriberWarnings } from './subscriber-figures.ts';

function counts(...parts: readonly [count: number, us: number][]): LatencyCounts {
  const latencies = new LatencyCounts();
  for (const [count, us] of parts) {
    for (let left = count; left > 0; left--) latencies.record(us);
  }
  return latencies;
}

function report(delay: LatencyCounts, marketData: LatencyCounts): SubscribersReport {
  return {
    ...{
      frames: 0,
      gaps: 0,
      behind: 0,
      isTailCut: false,
      lost: 0,
      slow: { pauses: 0, gaps: 0, closedAsSlow: 0, closedOtherwise: 0, waitedBytesMax: 0 },
    },
    watch: { cpuShare: 0.25, delay: delay.toSparse() },
    marketData: marketData.toSparse(),
    fanOut: counts().toSparse(),
  };
}

const HELD = counts([3_900, 100], [100, 700_000]);

test('market data that waited for its own listeners says so', () => {
  const [warning, ...others] = subscriberWarnings(report(HELD, counts([990, 900], [20, 894_000])));
  assert.match(warning!, /subscribers were the bottleneck.* p99 700\.0 ms of the 894\.0 ms/);
  assert.deepEqual(others, []);
});

test('a venue that is slow by itself is not excused, nor what is not measured blamed', () => {
  const slow = report(counts([3_900, 100], [100, 2_000]), counts([990, 900], [20, 894_000]));
  assert.deepEqual(subscriberWarnings(slow), []);
  assert.deepEqual(subscriberWarnings(report(HELD, counts())), []);
  const short = report(counts([4_000, 4_500]), counts([1_000, 5_000]));
  assert.deepEqual(subscriberWarnings(short), [], 'less than its watch can tell');
});

test('an end that was not heard is said', () => {
  const whole = report(counts([1_000, 100]), counts([1_000, 900]));
  assert.deepEqual(subscriberWarnings(whole), []);
  const cut = subscriberWarnings({ ...whole, isTailCut: true });
  assert.deepEqual(cut, ['market data came for so long that its end was not heard']);
  const behind = subscriberWarnings({ ...whole, isTailCut: true, behind: 2 });
  assert.deepEqual(behind, ['2 subscribers that kept reading never heard the last trades']);
});

test('processor and delay of the listeners are told', () => {
  const figures = subscriberFigures(report(HELD, counts()), 0);
  const values = new Map(figures.map(({ name, value }) => [name, value]));
  assert.equal(values.get('processor of the subscribers'), 0.25);
  assert.equal(values.get('delay of the subscribers’ own event loop, max'), 700);
});
