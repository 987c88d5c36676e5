import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bottleneckOf, type Punctuality } from './bottleneck.ts';

const WATCH = {
  lateSends: 0,
  cpuShare: 0.3,
  eventLoopDelayMaxMs: 2,
  eventLoopDelayP99Ms: 1,
  lastSendLateMs: 0.1,
  outstandingMax: 5,
};

function verdict(watch: Partial<typeof WATCH>, figures: Partial<Punctuality> = {}): string {
  const report = { watch: { ...WATCH, ...watch }, notSent: 0, lostConnections: 0 };
  const punctual = { measuredSends: 10_000, scheduleErrorP99Us: 200, ackP99Us: 1_000 };
  return bottleneckOf({ report, ...punctual, ...figures }) ?? 'kept';
}

test('a schedule that was kept is none', () => {
  assert.equal(verdict({}), 'kept');
  assert.equal(verdict({ lateSends: 100 }, { scheduleErrorP99Us: 900 }), 'kept');
});

test('a rate that was not offered is one, whatever else', () => {
  assert.match(
    verdict({ lastSendLateMs: 51, cpuShare: 0.97 }),
    /51 ms late; it used 97 % of a core/,
  );
  assert.match(verdict({ lastSendLateMs: 51, cpuShare: 0.2 }), /the machine is too busy/);
});

test('late sends are one when they make up most of what is shown as the latency', () => {
  const late = { lateSends: 101 };
  assert.match(verdict(late, { scheduleErrorP99Us: 501 }), /1\.0 % .* p99 0\.5 ms of 1\.0 ms/);
  assert.equal(verdict(late, { scheduleErrorP99Us: 500 }), 'kept');
  assert.equal(verdict(late, { scheduleErrorP99Us: 2_000, ackP99Us: 50_000 }), 'kept');
});

test('of a few requests the latest ones prove nothing', () => {
  const figures = { measuredSends: 60, scheduleErrorP99Us: 7_000, ackP99Us: 8_000 };
  assert.equal(verdict({ lateSends: 9 }, figures), 'kept');
  assert.notEqual(verdict({ lateSends: 10 }, figures), 'kept');
});
