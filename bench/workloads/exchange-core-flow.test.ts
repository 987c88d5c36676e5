import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandKind } from './command-flow.ts';
import { makeExchangeCoreFlow, restingAlong } from './exchange-core-flow.ts';

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
  const along = restingAlong(3, 200_000, 1_000).slice(1);
  assert.ok(Math.min(...along) > 850 && Math.max(...along) < 1150, along.join(' '));
});
