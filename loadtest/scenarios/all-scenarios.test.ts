import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENARIOS } from './all-scenarios.ts';

test('a scenario measures order entry without the cost of listeners unless it is asked to', () => {
  const choices = SCENARIOS.flatMap(({ parameters }) => parameters['private-streams'] ?? []);
  assert.ok(choices.length > 10);
  for (const choice of choices) assert.equal(choice.default, 'no');
});
