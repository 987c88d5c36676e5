import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRunResult } from '../report/run-result.fixture.ts';
import type { ScenarioResult } from '../result/run-result.ts';
import { SLOW_CLOSED, SLOW_LOST } from '../run/subscriber-figures.ts';
import { closedOrWarned } from './slow-consumers.ts';

const [steady] = makeRunResult({ seconds: 5 }).scenarios as [ScenarioResult];

/** What is warned of, of four slow subscribers. */
function warned(closed: number, lost: number, measuredMs = 14_000): string {
  const figures = [
    { name: SLOW_CLOSED, value: closed, unit: 'sockets' },
    { name: SLOW_LOST, value: lost, unit: 'sockets' },
  ];
  const run = { ...steady, warnings: [], passed: true, figures, measuredMs };
  const { warnings, passed } = closedOrWarned(run, 4);
  assert.equal(passed, warnings.length === 0);
  return warnings.join();
}

test('every slow subscriber must have been closed with 1008', () => {
  assert.equal(warned(4, 0), '');
  assert.match(warned(3, 0), /^1 of 4 slow .* fitted into buffers/);
  assert.match(warned(0, 0), /^4 of 4 slow .* fitted into buffers/);
  assert.match(warned(3, 1), /^1 of 4 slow .*: they lost their connections otherwise$/);
});

test('in a long run they may have been torn down after it, for taking nothing', () => {
  assert.equal(warned(0, 4, 20_000), '');
  assert.equal(warned(1, 3, 20_000), '');
  assert.match(warned(1, 2, 20_000), /^1 of 4 slow .* fitted into buffers/);
});

test('where nobody is slow nothing was seen', () => {
  assert.deepEqual(closedOrWarned({ ...steady, warnings: [] }, 0).warnings, [
    'no subscriber was slow',
  ]);
});
