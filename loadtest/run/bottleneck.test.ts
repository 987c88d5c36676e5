import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import { bottleneckOf, lateTailOf } from './bottleneck.ts';

const WATCH = {
  lateSends: 0,
  cpuShare: 0.3,
  eventLoopDelayMaxMs: 2,
  eventLoopDelayP99Ms: 1,
  lastSendLateMs: 0.1,
  outstandingMax: 5,
};

/** Counts of a share of values each, in µs. */
function counts(total: number, ...parts: readonly [share: number, us: number][]): LatencyCounts {
  const latencies = new LatencyCounts();
  for (const [share, us] of parts) {
    for (let left = Math.round(share * total); left > 0; left--) latencies.record(us);
  }
  return latencies;
}

const PUNCTUAL = counts(10_000, [1, 200]);
const QUICK = counts(10_000, [1, 1_000]);

function verdict(
  watch: Partial<typeof WATCH>,
  scheduleError = PUNCTUAL,
  latency: LatencyCounts | undefined = QUICK,
): string {
  const report = { watch: { ...WATCH, ...watch }, notSent: 0, lostConnections: 0 };
  return bottleneckOf({ report, scheduleError, latency }) ?? 'kept';
}

test('a schedule that was kept is none', () => {
  assert.equal(verdict({}), 'kept');
  assert.equal(verdict({}, counts(10_000, [1, 999])), 'kept', 'a millisecond is no lateness');
});

test('a rate that was not offered is one, whatever else', () => {
  assert.match(
    verdict({ lastSendLateMs: 51, cpuShare: 0.97 }),
    /51 ms late; it used 97 % of a core/,
  );
  assert.match(verdict({ lastSendLateMs: 51, cpuShare: 0.2 }), /the machine is too busy/);
});

test('late sends are one when they are over half of the latency, at p50 or p99', () => {
  const shown = counts(20_000, [0.98, 8_000], [0.018, 40_000], [0.002, 104_000]);
  const late = (...parts: readonly [number, number][]): string =>
    verdict({}, counts(20_000, ...parts), shown);
  assert.equal(late([0.98, 4_000], [0.018, 20_000], [0.002, 52_000]), 'kept');
  assert.match(late([1, 4_040]), /late, p50 4\.0 ms of the 8\.0 ms/);
  assert.match(late([0.98, 100], [0.02, 20_040]), /late, p99 20\.0 ms of the 40\.0 ms/);
});

test('late sends beyond p99 are told, and make no bottleneck', () => {
  const shown = counts(20_000, [0.98, 8_000], [0.018, 40_000], [0.002, 104_000]);
  const tail = (...parts: readonly [number, number][]): string | undefined => {
    const report = { watch: WATCH, notSent: 0, lostConnections: 0 };
    const lateness = { report, scheduleError: counts(20_000, ...parts), latency: shown };
    assert.equal(bottleneckOf(lateness), undefined);
    return lateTailOf(lateness);
  };
  assert.match(tail([0.998, 100], [0.002, 82_000])!, /^p99\.9 82\.0 ms of the 104\.0 ms/);
  assert.equal(tail([0.998, 100], [0.002, 52_000]), undefined);
  assert.equal(tail([0.9996, 100], [0.0004, 82_000]), undefined, 'eight sends in 20,000');
});

test('of a few requests the latest ones prove nothing', () => {
  const shown = counts(60, [1, 8_000]);
  assert.equal(verdict({}, counts(60, [51 / 60, 100], [9 / 60, 7_000]), shown), 'kept');
  assert.match(verdict({}, counts(60, [49 / 60, 100], [11 / 60, 7_000]), shown), /late, p83\.3 /);
  assert.equal(verdict({}, counts(10, [1, 7_000]), counts(10, [1, 8_000])), 'kept');
});

test('where nothing is shown as latency, only the rate can make it one', () => {
  const report = { watch: WATCH, notSent: 0, lostConnections: 0 };
  const scheduleError = counts(10_000, [1, 5_000]);
  assert.equal(bottleneckOf({ report, scheduleError, latency: undefined }), undefined);
});
