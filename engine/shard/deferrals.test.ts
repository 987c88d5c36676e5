import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReduceOrder } from '../protocol/commands.ts';
import { Deferrals, type Waiting } from './deferrals.ts';

test('what waits runs in order, one change at a time, each once', () => {
  const ran: number[] = [];
  const deferrals = new Deferrals(({ reduce }) => {
    const number = reduce!.requestId;
    ran.push(number);
    // Some of them are refused at once and begin nothing.
    if (![1, 2, 5].includes(number)) deferrals.begin(7);
  });
  const defer = (requestId: number) => {
    deferrals.defer(7, { reduce: { ...ReduceOrder.create(), requestId } });
  };
  assert.ok(!deferrals.hasWaiting(7));
  deferrals.begin(7);
  assert.ok(!deferrals.hasWaiting(7), 'a change under way waits for nothing');
  for (let number = 0; number < 5; number++) defer(number);
  deferrals.resume(7, deferrals.end(7));
  assert.deepEqual(ran, [0]);
  assert.ok(deferrals.hasWaiting(7) && !deferrals.hasWaiting(8));
  defer(5);
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

test('who always has one more waiting does not keep what has run', () => {
  const deferrals = new Deferrals(() => deferrals.begin(7));
  const defer = () => deferrals.defer(7, { reduce: ReduceOrder.create() });
  deferrals.begin(7);
  defer();
  defer();
  let kept: Waiting | undefined;
  for (let round = 0; round < 1_000; round++) {
    kept = deferrals.end(7);
    deferrals.resume(7, kept);
    defer();
  }
  assert.ok(kept!.changes.length <= 4, `${kept!.changes.length} changes are kept`);
});
