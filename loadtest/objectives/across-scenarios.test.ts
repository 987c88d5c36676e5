import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRunResult } from '../report/run-result.fixture.ts';
import type { ScenarioResult } from '../result/run-result.ts';
import { acrossScenarios } from './across-scenarios.ts';
import { evaluateObjectives } from './evaluate.ts';
import { parseObjective } from './objective.ts';

const { scenarios } = makeRunResult({ seconds: 3 });
const of = (name: string): ScenarioResult => scenarios.find((each) => each.name === name)!;
const STEADY = of('steady-mix');
/** Without generators and `ack`. */
const CONNECTS: ScenarioResult = {
  ...of('connect-storm'),
  ...{ generators: [], warnings: [], audit: { clean: true, checks: [] } },
  counts: { ...STEADY.counts, sent: 500, acknowledged: 500, refused: {} },
};

/** Whether each passed, and the objectives that were held against it. */
function outcome(results: readonly ScenarioResult[], ...texts: string[]) {
  const objectives = texts.map(parseObjective);
  const evaluated = results.map((result) => ({
    ...result,
    objectives: evaluateObjectives(objectives, result),
  }));
  return acrossScenarios(objectives, evaluated).map(({ passed, objectives: applied }) => [
    passed,
    ...applied.map(({ text, held }) => `${text} ${held}`),
  ]);
}

test('an objective is of the scenarios that have its span', () => {
  assert.deepEqual(outcome([STEADY, CONNECTS], 'ack.p50<10s', 'connect.p50<10s'), [
    [true, 'ack.p50<10s true'],
    [true, 'connect.p50<10s true'],
  ]);
  assert.deepEqual(outcome([STEADY, CONNECTS], 'ack.p50<1ns', 'unknown=0'), [
    [false, 'ack.p50<1ns false', 'unknown=0 true'],
    [true, 'unknown=0 true'],
  ]);
  assert.deepEqual(outcome([STEADY, CONNECTS], 'late<100%'), [[true, 'late<100% true'], [true]]);
});

test('one that no scenario has was held by none', () => {
  const [steady, connects] = outcome([STEADY, CONNECTS], 'rest.p50<10s');
  assert.deepEqual([steady, connects], Array(2).fill([false, 'rest.p50<10s false']));
});

test('a scenario in which nothing was acknowledged is not let off', () => {
  const mute = { ...CONNECTS, counts: { ...CONNECTS.counts, acknowledged: 0 } };
  assert.deepEqual(outcome([STEADY, mute], 'ack.p50<10s')[1], [false, 'ack.p50<10s false']);
});
