import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Line, tune } from './tuning.ts';

/** A part of which the call alone costs 8 %, and a step a fifth of a percent; to a hundredth, as it is measured. */
async function measure(steps: number) {
  const value = 1.08 + 0.002 * steps;
  return { value, low: value - 0.01, high: value + 0.01 };
}

/** What two probes made of it: too steep, so that ten percent seem to need no step at all. */
const LINE: Line = { steps: 60, share: 0.22, sharePerStep: 0.003 };

test('a slowdown is tuned until a long measurement agrees', async () => {
  for (const share of [0.1, 0.3]) {
    const { steps, measured } = await tune(share, LINE, measure);
    assert.ok(measured.low <= 1 + share && 1 + share <= measured.high, `${share}: ${steps} steps`);
    assert.deepEqual(measured, await measure(steps));
  }
});

test('a slowdown that the call alone exceeds has no steps, and says what it is', async () => {
  const { steps, measured } = await tune(0.03, LINE, measure);
  assert.equal(steps, 0);
  assert.equal(measured.value, 1.08);
});

test('a part that cannot be measured twice alike is tuned no longer than a few times', async () => {
  let calls = 0;
  const { measured } = await tune(0.1, LINE, async () => {
    const value = ++calls % 2 === 0 ? 1.5 : 1.01;
    return { value, low: value, high: value };
  });
  assert.equal(calls, 4);
  assert.equal(measured.value, 1.5);
});
