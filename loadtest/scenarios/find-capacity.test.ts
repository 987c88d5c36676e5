import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateObjectives } from '../objectives/evaluate.ts';
import { parseObjective } from '../objectives/objective.ts';
import { makeRunResult } from '../report/run-result.fixture.ts';
import type { RequestCounts, ScenarioResult } from '../result/run-result.ts';
import { DEFAULT_OBJECTIVES, whyNotHeld } from './find-capacity.ts';

const [good] = makeRunResult({ seconds: 5 }).scenarios as [ScenarioResult];

function step(counts: Partial<RequestCounts>, asked: readonly string[] = []): boolean {
  const acknowledged = counts.acknowledged ?? good.counts.sent;
  const result = {
    ...good,
    counts: { ...good.counts, refused: {}, acknowledged, unknown: 0, ...counts },
  };
  const objectives = asked.map(parseObjective);
  const measured = { ...result, objectives: evaluateObjectives(objectives, result) };
  return whyNotHeld(measured, objectives) === undefined;
}

test('a rate at which requests are refused is beyond the capacity, unless another objective is asked for', () => {
  assert.equal(step({}, DEFAULT_OBJECTIVES), true);
  assert.equal(step({ refused: { BUSY: 1 } }, DEFAULT_OBJECTIVES), false);
  assert.equal(step({ refused: { BUSY: 1 } }, ['ack.p99<20ms', 'errors<1%']), true);
});

test('without answers nothing has held, whatever the objectives', () => {
  assert.equal(step({}), true);
  assert.equal(step({ unknown: 1 }), false);
  assert.equal(step({ acknowledged: 0 }), false);
});
