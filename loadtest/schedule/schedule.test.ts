import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  countsPerSecond,
  durationMs,
  type Schedule,
  type ScheduleSpec,
  scheduleOf,
} from './schedule.ts';
import { SharedSchedule, WarmedSchedule } from './share.ts';

function momentsOf(schedule: Schedule): number[] {
  const moments: number[] = [];
  for (let at = schedule.next(); at !== Number.POSITIVE_INFINITY; at = schedule.next()) {
    moments.push(at);
  }
  assert.equal(schedule.next(), Number.POSITIVE_INFINITY, 'it stays at its end');
  return moments;
}

const moments = (spec: ScheduleSpec): number[] => momentsOf(scheduleOf(spec));

const SPECS: readonly ScheduleSpec[] = [
  { kind: 'constant', rate: 333, seconds: 2.5 },
  { kind: 'ramp', fromRate: 0, toRate: 1000, seconds: 2 },
  { kind: 'ramp', fromRate: 1000, toRate: 10, seconds: 2 },
  { kind: 'ramp', fromRate: 200, toRate: 200, seconds: 2 },
  { kind: 'steps', rates: [100, 0.5, 400], stepSeconds: 1.5 },
  { kind: 'poisson', rate: 500, seconds: 3, seed: 4 },
  {
    kind: 'microbursts',
    rate: 100,
    burstRequests: 50,
    burstMs: 5,
    everyMs: 400,
    seconds: 2,
  },
  { kind: 'recorded', timesMs: Float64Array.of(5000, 5000, 5100, 8000), speed: 10 },
];

for (const spec of SPECS) {
  test(`${spec.kind} ascends within its time, is the same twice, and its seconds add up`, () => {
    const first = moments(spec);
    assert.ok(first.length > 0);
    assert.deepEqual(moments(spec), first);
    assert.deepEqual(
      first,
      first.toSorted((a, b) => a - b),
    );
    assert.ok(first[0]! >= 0 && first.at(-1)! <= durationMs(spec));
    const counts = countsPerSecond(spec);
    assert.equal(counts.length, Math.max(1, Math.ceil(durationMs(spec) / 1000)));
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      first.length,
    );
    assert.equal(
      counts[0],
      first.filter((at) => at < 1000).length +
        (counts.length === 1 ? first.filter((at) => at >= 1000).length : 0),
    );
  });

  test(`the parts of ${spec.kind} for three processes are the whole, each moment once`, () => {
    const parts = [0, 1, 2].map((process) =>
      momentsOf(new SharedSchedule(scheduleOf(spec), process, 3)),
    );
    const whole = moments(spec);
    parts.forEach((part, process) => {
      assert.deepEqual(
        part,
        whole.filter((_, index) => index % 3 === process),
      );
    });
  });
}

test('a constant rate is evenly spaced', () => {
  assert.deepEqual(moments({ kind: 'constant', rate: 4, seconds: 1 }), [0, 250, 500, 750]);
});

test('a ramp has sent at every moment what the integral of its rate says', () => {
  const sent = moments({ kind: 'ramp', fromRate: 100, toRate: 300, seconds: 10 });
  assert.equal(sent.length, 2000);
  for (const seconds of [1, 2.5, 7, 9.9]) {
    const expected = 100 * seconds + (20 * seconds ** 2) / 2;
    const actual = sent.filter((at) => at < seconds * 1000).length;
    assert.ok(Math.abs(actual - expected) <= 1, `${actual} at ${seconds} s, not ${expected}`);
  }
});

test('steps follow one another, each at its rate', () => {
  const counts = countsPerSecond({ kind: 'steps', rates: [10, 30, 20], stepSeconds: 1 });
  assert.deepEqual(counts, [10, 30, 20]);
});

test('Poisson arrivals have the rate, and gaps as spread as their mean', () => {
  const at = moments({ kind: 'poisson', rate: 1000, seconds: 20, seed: 9 });
  assert.ok(Math.abs(at.length - 20_000) < 5 * Math.sqrt(20_000));
  const gaps = at.slice(1).map((moment, index) => moment - at[index]!);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  assert.ok(Math.abs(Math.sqrt(variance) / mean - 1) < 0.05);
  const other = moments({ kind: 'poisson', rate: 1000, seconds: 20, seed: 10 });
  assert.notDeepEqual(other.slice(0, 5), at.slice(0, 5));
});

test('a burst is on top of the base, and within its milliseconds', () => {
  const spec = {
    kind: 'microbursts',
    rate: 10,
    burstRequests: 100,
    burstMs: 20,
    everyMs: 500,
    seconds: 1,
  } as const;
  const at = moments(spec);
  assert.equal(at.length, 10 + 2 * 100);
  assert.equal(at.filter((moment) => moment < 20).length, 100 + 1);
  assert.equal(at.filter((moment) => moment >= 500 && moment < 520).length, 100 + 1);
});

test('a recording begins at once and keeps its gaps, divided by the speed', () => {
  const timesMs = Float64Array.of(1000, 1200, 1200, 1500);
  assert.deepEqual(moments({ kind: 'recorded', timesMs, speed: 2 }), [0, 100, 100, 250]);
  assert.deepEqual(moments({ kind: 'recorded', timesMs: new Float64Array(0), speed: 1 }), []);
});

test('a warm-up goes before the start, at the first rate', () => {
  const schedule = scheduleOf({ kind: 'constant', rate: 2, seconds: 1 });
  assert.deepEqual(momentsOf(new WarmedSchedule(schedule, 2, 1)), [-1000, -500, 0, 500]);
});
