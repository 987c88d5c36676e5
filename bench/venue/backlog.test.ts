import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backlogGrowth, delaysOf } from './backlog.ts';

const INTERVAL_MS = 0.001;

/** Commands offered at 1 / INTERVAL_MS and served one by one, each taking `serviceMs`, but for one pause. */
function delaysWhenServed(serviceMs: number, pauseAt = -1, pauseMs = 0): Float64Array {
  const answeredAtMs = new Float64Array(100_000);
  let freeAtMs = 0;
  answeredAtMs.forEach((_, index) => {
    const beginsAtMs = Math.max(freeAtMs, index * INTERVAL_MS) + (index === pauseAt ? pauseMs : 0);
    freeAtMs = beginsAtMs + serviceMs;
    answeredAtMs[index] = freeAtMs;
  });
  return delaysOf(answeredAtMs, 0, INTERVAL_MS);
}

test('a server that keeps up has no growing backlog, even after a pause or with a constant one', () => {
  assert.ok(Math.abs(backlogGrowth(delaysWhenServed(INTERVAL_MS * 0.9), INTERVAL_MS)) < 1e-9);
  const paused = delaysWhenServed(INTERVAL_MS * 0.9, 80_000, 1);
  assert.ok(Math.abs(backlogGrowth(paused, INTERVAL_MS)) < 1e-9);
  const behind = delaysWhenServed(INTERVAL_MS, 10, 5);
  assert.ok(Math.abs(backlogGrowth(behind, INTERVAL_MS)) < 1e-9);
});

test('of a server that is a tenth too slow a tenth of its time is added to the backlog', () => {
  const growth = backlogGrowth(delaysWhenServed(INTERVAL_MS * 1.1), INTERVAL_MS);
  assert.ok(Math.abs(growth - 0.1) < 0.001, `${growth}`);
});
