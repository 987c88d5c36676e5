import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import type { OwnLateness } from '../result/run-result.ts';
import { bottleneckOf, lateTailOf, ownLatenessOf } from './bottleneck.ts';

const WATCH = {
  lateSends: 0,
  cpuShare: 0.3,
  eventLoopDelayMaxMs: 2,
  eventLoopDelayP99Ms: 1,
  lastSendLateMs: 0.1,
  outstandingMax: 5,
};

/** Requests that were so late, and took so long from their actual send; in µs. */
type Part = readonly [requests: number, lateUs: number, tookUs: number];

function lateness(...parts: readonly Part[]): OwnLateness[] {
  const shown = new LatencyCounts();
  const fromSend = new LatencyCounts();
  for (const [requests, lateUs, tookUs] of parts) {
    for (let left = requests; left > 0; left--) {
      shown.record(lateUs + tookUs);
      fromSend.record(tookUs);
    }
  }
  return ownLatenessOf(shown, fromSend);
}

function verdict(ownLateness: readonly OwnLateness[], watch: Partial<typeof WATCH> = {}): string {
  const report = { watch: { ...WATCH, ...watch } };
  return bottleneckOf({ report, ownLateness }) ?? 'kept';
}

test('a schedule that was kept is none', () => {
  assert.equal(verdict(lateness([10_000, 200, 800])), 'kept');
  assert.equal(verdict(lateness([10_000, 990, 100])), 'kept', 'a millisecond is no lateness');
});

test('a rate that was not offered is one, whatever else', () => {
  const punctual = lateness([10_000, 200, 800]);
  const behind = { lastSendLateMs: 51 };
  assert.match(verdict(punctual, { ...behind, cpuShare: 0.97 }), /51 ms late; it used 97 % of a/);
  assert.match(verdict(punctual, { ...behind, cpuShare: 0.2 }), /the machine is too busy/);
  assert.match(verdict([], behind), /51 ms late/, 'also where nothing is shown as latency');
});

test('late sends are one when a quarter of what is shown at p50 or p99 is gone without them', () => {
  assert.equal(verdict(lateness([10_000, 1_990, 6_000])), 'kept');
  assert.match(
    verdict(lateness([10_000, 2_100, 6_000])),
    /sent late, p50 8\.1 ms as shown, 6\.0 ms from the actual send; its event loop was held up/,
  );
  const common: Part = [9_800, 100, 6_000];
  assert.equal(verdict(lateness(common, [200, 9_900, 30_000])), 'kept');
  assert.match(
    verdict(lateness(common, [200, 10_100, 30_000])),
    /sent late, p99 40\.\d ms as shown, 30\.0 ms from the actual send/,
  );
});

test('a generator that is late with other requests than those that take long is none', () => {
  // As a recorded day has it: lateness has a p99 of 7 ms, latency one of 13, and they are of different bursts.
  const apart = lateness([9_600, 300, 1_500], [200, 7_000, 1_500], [200, 300, 13_000]);
  assert.equal(verdict(apart), 'kept');
  const p99 = apart.find(({ percentile }) => percentile === 99)!;
  assert.ok(p99.shownUs - p99.fromSendUs <= 310, JSON.stringify(p99));
  // The same lateness and nearly the same latency, of the same requests.
  const together = lateness([9_600, 300, 1_500], [200, 7_000, 6_000], [200, 300, 1_500]);
  assert.match(verdict(together), /p99 13\.0 ms as shown, 6\.0 ms from the actual send/);
});

test('replies that waited for the event loop are one, however punctual the sends', () => {
  const report = { watch: WATCH };
  const ownLateness = lateness([10_000, 200, 40_000]);
  const heldUp = 'p99 30.0 ms of the 40.0 ms that are shown';
  assert.match(
    bottleneckOf({ report, ownLateness, heldUp })!,
    /^replies waited for the generator, p99 30\.0 ms of the 40\.0 ms that are shown; its event loop/,
  );
});

test('late sends beyond p99 are told, and make no bottleneck', () => {
  const of = (requests: number, lateUs: number): OwnLateness[] =>
    lateness([20_000 - 400 - requests, 100, 8_000], [400, 100, 40_000], [requests, lateUs, 41_000]);
  const late = of(40, 80_000);
  assert.equal(verdict(late), 'kept');
  assert.match(lateTailOf(late)!, /^p99\.9 121\.\d ms as shown, 41\.0 ms from the actual send$/);
  assert.equal(lateTailOf(of(40, 12_000)), undefined);
  assert.equal(lateTailOf(of(8, 80_000)), undefined, 'eight requests of 20,000');
});

test('of a few requests the latest ones prove nothing', () => {
  assert.equal(verdict(lateness([51, 100, 1_000], [9, 7_000, 1_000])), 'kept');
  assert.match(verdict(lateness([49, 100, 1_000], [11, 7_000, 1_000])), /late, p83\.3 8\.0 ms/);
  assert.deepEqual(lateness([10, 7_000, 1_000]), []);
});
