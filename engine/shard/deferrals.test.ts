import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deferrals } from './deferrals.ts';

test('what waits runs in order, one change at a time, each once', () => {
  const deferrals = new Deferrals();
  const ran: number[] = [];
  assert.ok(!deferrals.hasWaiting(7));
  deferrals.begin(7);
  assert.ok(!deferrals.hasWaiting(7), 'a change under way waits for nothing');
  for (let number = 0; number < 5; number++) {
    deferrals.defer(7, () => {
      ran.push(number);
      // Two of them are refused at once and begin nothing.
      if (number !== 1 && number !== 2) deferrals.begin(7);
    });
  }
  deferrals.resume(7, deferrals.end(7));
  assert.deepEqual(ran, [0]);
  assert.ok(deferrals.hasWaiting(7) && !deferrals.hasWaiting(8));
  deferrals.defer(7, () => ran.push(5));
  deferrals.resume(7, deferrals.end(7));
  assert.deepEqual(ran, [0, 1, 2, 3]);
  deferrals.resume(7, deferrals.end(7));
  assert.deepEqual(ran, [0, 1, 2, 3, 4]);
  assert.ok(deferrals.hasWaiting(7), 'the fifth');
  assert.ok(deferrals.isUnderWay(7));
  deferrals.resume(7, deferrals.end(7));
  assert.deepEqual(ran, [0, 1, 2, 3, 4, 5]);
  assert.ok(!deferrals.isUnderWay(7));
});
