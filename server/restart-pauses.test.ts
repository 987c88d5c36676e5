import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RestartPauses } from './restart-pauses.ts';

test('pauses double up to half a minute, and begin again after a long life', () => {
  const pauses = new RestartPauses(0);
  let nowMs = 0;
  const fail = (lifeMs: number): number => {
    pauses.returned(nowMs);
    nowMs += lifeMs;
    return pauses.next(nowMs);
  };
  const short = Array.from({ length: 11 }, () => fail(60_000));
  assert.deepEqual(short.slice(0, 3), [100, 200, 400]);
  assert.deepEqual(short.slice(-2), [30_000, 30_000]);
  assert.deepEqual([fail(60_001), fail(1)], [100, 200]);
});

test('a start that takes long and does not come back is no life', () => {
  const pauses = new RestartPauses(0);
  assert.deepEqual(
    [1, 100_000, 200_000].map((nowMs) => pauses.next(nowMs)),
    [100, 200, 400],
  );
});
