import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandKind } from './command-flow.ts';
import { ExchangeCoreFlow, makeExchangeCoreFlow } from './exchange-core-flow.ts';

test('the exchange-core flow keeps its mix', () => {
  const flow = makeExchangeCoreFlow(3, 50_000);
  const counts = [0, 0, 0, 0, 0];
  flow.kind.subarray(1000).forEach((kind) => {
    counts[kind]!++;
  });
  const expected = new Map<CommandKind, number>([
    [CommandKind.Place, 0.12],
    [CommandKind.PlaceImmediate, 0.02],
    [CommandKind.Cancel, 0.07],
    [CommandKind.Reduce, 0.07],
    [CommandKind.Replace, 0.72],
  ]);
  for (const [kind, share] of expected) {
    const actual = counts[kind]! / 49_000;
    assert.ok(Math.abs(actual - share) < 0.006, `kind ${kind}: ${actual}, not ${share}`);
  }
});

test('about a thousand orders rest all along', () => {
  const flow = new ExchangeCoreFlow(3);
  flow.next(2_000);
  for (let step = 0; step < 200; step++) {
    flow.next(1_000);
    assert.ok(flow.restingCount > 850 && flow.restingCount < 1150, `${flow.restingCount} rest`);
  }
});

test('a flow taken in pieces is the flow taken whole', () => {
  const pieces = new ExchangeCoreFlow(3);
  const whole = makeExchangeCoreFlow(3, 3_000);
  for (const from of [0, 1_500]) {
    const piece = pieces.next(1_500);
    assert.deepEqual(piece.clientId, whole.clientId.slice(from, from + 1_500));
    assert.deepEqual(piece.priceTicks, whole.priceTicks.slice(from, from + 1_500));
  }
});
