import assert from 'node:assert/strict';
import { test } from 'node:test';
import { badPhases, phaseAt } from './phases.ts';

const PHASES = { lengthMs: 3_000, settleMs: 1_000 };

test('phases take turns, a quiet one first, and settle before they count', () => {
  const at = (ms: number) => phaseAt(PHASES, ms);
  assert.deepEqual([-1, 0, 999, 1_000, 2_999, 3_000, 4_000, 5_999, 6_500, 7_000].map(at), [
    undefined,
    undefined,
    undefined,
    'quiet',
    'quiet',
    undefined,
    'bad',
    'bad',
    undefined,
    'quiet',
  ]);
});

test('bad clients are there in every second phase, as far as it is whole', () => {
  assert.deepEqual(badPhases(PHASES, 12_500), [
    { fromMs: 3_000, toMs: 6_000 },
    { fromMs: 9_000, toMs: 12_000 },
  ]);
  assert.deepEqual(badPhases(PHASES, 5_000), []);
});
