import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recorder } from '../generator/recorder.ts';
import { RequestKind } from '../generator/request-draft.ts';
import { Timeline } from './timeline.ts';

test('what two processes tell in many pieces is, second by second, what happened', () => {
  const timeline = new Timeline([40, 40]);
  const recorders = [new Recorder(1, 2_000), new Recorder(1, 2_000)];
  for (let request = 0; request < 80; request++) {
    const recorder = recorders[request % 2]!;
    const intendedMs = request * 25;
    recorder.sent(RequestKind.Place, intendedMs, intendedMs + (request + 0.5) / 1000);
    if (request % 10 === 9) {
      recorder.refused('BUSY', intendedMs);
    } else {
      recorder.acknowledged(RequestKind.Place, 0, 0, intendedMs, intendedMs + 60);
      recorder.answered(intendedMs, 1_000 + request, 900 + request);
    }
    // Told at odd moments, so that a second comes in several pieces, and late.
    if (request % 3 === 0)
      timeline.add({ ...{ lateSends: 0, outstanding: 0 }, seconds: recorder.takeSeconds() });
  }
  for (const recorder of recorders) {
    timeline.add({ ...{ lateSends: 0, outstanding: 0 }, seconds: recorder.takeSeconds() });
  }
  // The last one was acknowledged after the end.
  assert.deepEqual(
    recorders.map(({ measured, acknowledgedInTime }) => [
      measured.acknowledged,
      acknowledgedInTime,
    ]),
    [
      [40, 39],
      [32, 32],
    ],
  );
  assert.deepEqual(timeline.points(), [
    {
      ...{ atMs: 0, intended: 40, sent: 40, sentThen: 40, acknowledged: 36, refused: 4 },
      ...{ ackP50Us: 1_018, ackP99Us: 1_038, ackMaxUs: 1_038, ackFromSendP99Us: 938 },
      scheduleErrorP99Us: 39,
    },
    {
      ...{ atMs: 1000, intended: 40, sent: 40, sentThen: 40, acknowledged: 36, refused: 4 },
      ...{ ackP50Us: 1_058, ackP99Us: 1_078, ackMaxUs: 1_078, ackFromSendP99Us: 978 },
      scheduleErrorP99Us: 79,
    },
  ]);
});

test('a second in which nothing was answered has no percentiles', () => {
  assert.deepEqual(new Timeline([3]).points(), [
    { atMs: 0, intended: 3, sent: 0, sentThen: 0, acknowledged: 0, refused: 0 },
  ]);
});

test('a request that is never answered is in its second, as long as it was waited for', () => {
  const timeline = new Timeline([2, 1]);
  const recorder = new Recorder(1, 2_000);
  for (const intendedMs of [100, 900, 1_500]) {
    recorder.sent(RequestKind.Place, intendedMs, intendedMs);
  }
  recorder.acknowledged(RequestKind.Place, 0, 0, 100, 101);
  recorder.answered(100, 1_000, 1_000);
  for (const intendedMs of [900, 1_500]) {
    recorder.unknown(0, intendedMs);
    recorder.answered(intendedMs, 2_000_000, 1_900_000);
  }
  timeline.add({ lateSends: 0, outstanding: 0, seconds: recorder.takeSeconds() });
  const points = timeline.points();
  assert.deepEqual(
    points.map(({ sent, acknowledged, unknown, ackMaxUs }) => [
      ...[sent, acknowledged, unknown, ackMaxUs],
    ]),
    [
      [2, 1, 1, 2_000_000],
      [1, 0, 1, 2_000_000],
    ],
  );
  assert.equal(recorder.span.ack.count, 3);
  assert.equal(recorder.measured.unknown, 2);
});

test('requests before the measured part are counted, and not measured', () => {
  const recorder = new Recorder(2, 1_000);
  recorder.sent(RequestKind.Place, -5, -5);
  recorder.acknowledged(RequestKind.Place, 1, 2, -5, 3);
  recorder.sent(RequestKind.Cancel, Number.NEGATIVE_INFINITY, 900);
  recorder.unknown(0, Number.NEGATIVE_INFINITY);
  assert.deepEqual(recorder.takeSeconds(), []);
  assert.equal(recorder.measured.sent, 0);
  const { sent, acknowledged, unknown, orders, cancels, fills } = recorder.all;
  assert.deepEqual([sent, acknowledged, unknown, orders, cancels, fills], [2, 1, 1, 1, 1, 2]);
  assert.deepEqual(recorder.connectionCounts(), [
    { ordersAcknowledged: 0, unknown: 1 },
    { ordersAcknowledged: 1, unknown: 0 },
  ]);
});

test('what is sent late is of the second in which it went out as well', () => {
  const timeline = new Timeline([2, 2]);
  const recorder = new Recorder(1, 2_000);
  for (const [intendedMs, sentMs] of [
    // Of the warm-up, and late: it takes the place of what should go out now.
    [-10, 5],
    [100, 100],
    [900, 1_200],
    [1_500, 1_500],
    [1_900, 2_100],
  ] as const) {
    recorder.sent(RequestKind.Place, intendedMs, sentMs);
  }
  recorder.answeredInLoop(1_500, 700);
  timeline.add({ lateSends: 0, outstanding: 0, seconds: recorder.takeSeconds() });
  const points = timeline.points();
  assert.deepEqual(
    points.map(({ intended, sent, sentThen }) => [intended, sent, sentThen]),
    [
      [2, 2, 2],
      [2, 2, 2],
    ],
  );
  assert.deepEqual(
    points.map(({ ackClosedLoopP99Us }) => ackClosedLoopP99Us),
    [undefined, 700],
  );
});
