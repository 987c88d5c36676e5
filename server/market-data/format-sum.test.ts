import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExactSum } from '../../engine/protocol/exact-sum.ts';
import { formatSum, formatSumPadded, parseSum } from './format-sum.ts';

const cent = { decimals: 2, stepUnits: 1 };
const nickel = { decimals: 2, stepUnits: 5 };
const whole = { decimals: 0, stepUnits: 10 };

test('a sum stays exact beyond the largest safe integer', () => {
  const sum = new ExactSum();
  let expected = 0n;
  for (const amount of [1, Number.MAX_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER - 1, 7, 3]) {
    sum.add(amount);
    expected += BigInt(amount);
    assert.equal(sum.total, expected);
  }
});

test('sums of every size read as decimals, trimmed or padded', () => {
  assert.equal(formatSum(10020n, cent), '100.2');
  assert.equal(formatSumPadded(10020n, cent), '100.20');
  const large = 10n ** 20n;
  assert.equal(formatSum(large, cent), '1000000000000000000');
  assert.equal(formatSumPadded(large, cent), '1000000000000000000.00');
  assert.equal(formatSum(large + 1n, nickel), '5000000000000000000.05');
  assert.equal(formatSum(large, whole), '1000000000000000000000');
  assert.equal(formatSumPadded(large, whole), '1000000000000000000000');
});

test('a sum reads back from what it was written as', () => {
  for (const scale of [cent, nickel, whole, { decimals: 6, stepUnits: 1 }]) {
    for (const steps of [0n, 1n, 7n, 100n, 10_020n, 2n ** 53n + 1n, 10n ** 21n + 3n]) {
      assert.equal(parseSum(formatSum(steps, scale), scale), steps);
      assert.equal(parseSum(formatSumPadded(steps, scale), scale), steps);
    }
  }
  assert.throws(() => parseSum('0.001', cent));
  assert.throws(() => parseSum('0.03', nickel));
});
