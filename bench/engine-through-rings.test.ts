import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runEngineThroughRings } from './engine-through-rings.ts';

test('the same seed gives the same trades, every command is answered', async () => {
  const first = await runEngineThroughRings(7, 15_000, 5_000);
  const second = await runEngineThroughRings(7, 15_000, 5_000);
  assert.equal(first.resultHash, second.resultHash);
  assert.ok(first.trades > 500);
  const other = await runEngineThroughRings(8, 15_000, 5_000);
  assert.notEqual(other.resultHash, first.resultHash);
});
