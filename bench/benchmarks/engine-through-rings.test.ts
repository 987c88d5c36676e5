import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineThroughRings } from './engine-through-rings.ts';

test('through rings every command is answered, and the same flow trades the same', async () => {
  const outcome = await engineThroughRings.run('test');
  assert.ok(outcome.ok, outcome.checks.join('\n'));
});
