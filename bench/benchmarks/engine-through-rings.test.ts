import { test } from 'node:test';
import { engineThroughRings } from './engine-through-rings.ts';
import { runTest } from './run-test.fixture.ts';

test('through rings every command is answered, and both flows trade as their books do', async () => {
  await runTest(engineThroughRings);
});
