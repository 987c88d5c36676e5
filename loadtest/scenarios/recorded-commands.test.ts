import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestKind } from '../generator/request-draft.ts';
import { CommandKind, commandsOf } from '../replay/commands.ts';
import { syntheticDay } from '../replay/synthetic-day.ts';
import { recordedRequests } from './recorded-commands.ts';

const day = syntheticDay();
const list = commandsOf(day);
const WHOLE_DAY_SECONDS = 86_400;

test('every command of the day is a request, at a moment of the day, in order', () => {
  const { flow, timesMs } = recordedRequests(day, list, WHOLE_DAY_SECONDS);
  assert.equal(timesMs.length, list.commands.length);
  assert.deepEqual(
    [...timesMs],
    [...timesMs].toSorted((a, b) => a - b),
  );
  const { timeNs, rows } = day.messages;
  assert.ok(timesMs[0]! >= timeNs[0]! / 1e6 && timesMs.at(-1)! <= timeNs[rows - 1]! / 1e6);
  const kinds = new Set<number>();
  list.commands.forEach((command, index) => {
    const kind = flow.requestKind[index]!;
    kinds.add(kind);
    assert.equal(kind === RequestKind.Cancel, command.kind === CommandKind.Cancel);
    assert.equal(kind === RequestKind.Reduce, command.kind === CommandKind.Reduce);
    assert.equal(flow.connection[index], command.account);
    assert.equal(flow.quantityLots[index], command.size * 1_000);
    assert.equal(flow.priceTicks[index]! * 100, command.price);
    if (command.kind === CommandKind.PlaceIoc) assert.equal(flow.isImmediateOrCancel[index], 1);
    if (command.clientId !== 0) assert.equal(flow.clientId[index], command.clientId);
  });
  assert.ok(kinds.has(RequestKind.Place) && kinds.size > 1);
});

test('ids that are given to aggressors are nobody else’s', () => {
  const { flow } = recordedRequests(day, list, WHOLE_DAY_SECONDS);
  const own = [...flow.clientId].filter((_, index) => list.commands[index]!.clientId === 0);
  const recorded = new Set(list.commands.map(({ clientId }) => clientId));
  assert.ok(own.length > 0);
  assert.equal(new Set(own).size, own.length);
  assert.ok(own.every((id) => !recorded.has(id)));
});

test('the start of a day is what was recorded in its first seconds', () => {
  const whole = recordedRequests(day, list, WHOLE_DAY_SECONDS).timesMs;
  const seconds = (whole.at(-1)! - whole[0]!) / 2000;
  const { timesMs, flow } = recordedRequests(day, list, seconds);
  assert.ok(timesMs.length > 0 && timesMs.length < whole.length);
  assert.ok(timesMs.at(-1)! < whole[0]! + seconds * 1000);
  assert.ok(whole[timesMs.length]! >= whole[0]! + seconds * 1000);
  assert.equal(flow.requestKind.length, timesMs.length);
});
