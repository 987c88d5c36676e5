import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReduceOrder } from '../protocol/commands.ts';
import { savedBytes, sourceOf } from '../snapshot/snapshot-bytes.fixture.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import { Deferrals, type DeferredChange, type Waiting } from './deferrals.ts';

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

const NO_CANCEL = [...[0, 0, 0, 0, 0, -1], ...[0, 0, 0, 0, 0]];
/** An order, then whether there is a reduce, a replace, a cancel or a part of a cancel-all, each with its fields. */
const WAITING_BEFORE = [
  [7, ...[0, 0, 0, 0, 0, -1, 0], ...[1, 51, 2, 1, 0, 300, 91, 4], ...NO_CANCEL],
  [7, ...[1, 52, 2, 1, 0, 300, 3], ...[0, 0, 0, 0, 0, -1, 0, 0], ...NO_CANCEL],
];

test('a snapshot of before a replace could expire is read as of one that never does', () => {
  const save = (writer: SnapshotWriter) => {
    const underWay = writer.table('changes under way', 1);
    underWay.put(7);
    underWay.end();
    const row = writer.table('deferred changes', WAITING_BEFORE[0]!.length);
    for (const cell of WAITING_BEFORE.flat()) row.put(cell);
    row.end();
  };
  const ran: DeferredChange[] = [];
  const deferrals = new Deferrals((change) => ran.push(change));
  const reader = new SnapshotReader(sourceOf(savedBytes({ save })));
  deferrals.load(reader);
  assert.ok(reader.isAtEnd);
  deferrals.resume(7, deferrals.end(7));
  const named = { accountId: 2, marketId: 1, orderId: 0, clientId: 300 };
  const nothing = { reduce: null, replace: null, cancel: null, cancelResting: null };
  const terms = { priceTicks: 91, quantityLots: 4, expiresAtUs: 0 };
  assert.deepEqual(ran, [
    { ...nothing, replace: { requestId: 51, ...named, ...terms } },
    { ...nothing, reduce: { requestId: 52, ...named, quantityLots: 3 } },
  ]);
});
