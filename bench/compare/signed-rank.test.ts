import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../engine/collections/random.ts';
import { nextGaussian } from '../workloads/distributions.ts';
import {
  averagesOutside,
  estimateCentre,
  signedRankChances,
  walshAverages,
} from './signed-rank.ts';

/** By going through all signs of the ranks. */
function countedChances(count: number): number[] {
  const chances = new Array<number>((count * (count + 1)) / 2 + 1).fill(0);
  for (let signs = 0; signs < 2 ** count; signs++) {
    let sum = 0;
    for (let rank = 1; rank <= count; rank++) if ((signs >> (rank - 1)) & 1) sum += rank;
    chances[sum]! += 2 ** -count;
  }
  return chances;
}

test('the chances of the signed-rank statistic are those of all signs counted', () => {
  for (const count of [1, 2, 5, 10]) {
    assert.deepEqual([...signedRankChances(count)], countedChances(count));
  }
});

test('the intervals are those of the published tables', () => {
  // Critical values of the signed-rank test: n, one-sided level, largest statistic that is rejected.
  for (const [count, level, critical] of [
    [8, 0.005, 0],
    [10, 0.005, 3],
    [12, 0.005, 7],
    [16, 0.005, 19],
    [20, 0.025, 52],
    [25, 0.025, 89],
    [7, 0.005, -1],
  ] as const) {
    assert.equal(averagesOutside(count, level), critical, `n = ${count}`);
  }
});

test('the estimate is the median of the means of all pairs', () => {
  assert.deepEqual([...walshAverages([1, 2, 6])], [1, 1.5, 2, 3.5, 4, 6]);
  const { value, low, high } = estimateCentre([1, 2, 6], 0.2);
  assert.deepEqual([value, low, high], [2.75, 1, 6]);
});

test('too few differences support no interval', () => {
  const { low, high } = estimateCentre([1, 2, 3], 0.005);
  assert.deepEqual([low, high], [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
});

test('one wild difference among many moves the estimate little', () => {
  const differences = Array.from({ length: 15 }, (_, at) => at / 100);
  const before = estimateCentre(differences, 0.005).value;
  const after = estimateCentre([...differences, 1e6], 0.005).value;
  assert.ok(Math.abs(after - before) < 0.01);
});

test('the interval misses the centre as seldom as it says, with heavy tails too', () => {
  const random = new Random(1);
  const draws = [
    () => nextGaussian(random),
    // Some of the pairs are spoilt: a tenth vary ten times as much.
    () => nextGaussian(random) * (random.below(10) === 0 ? 10 : 1),
  ];
  const samples = 4000;
  for (const draw of draws) {
    let below = 0;
    let above = 0;
    for (let sample = 0; sample < samples; sample++) {
      const { low, high } = estimateCentre(Array.from({ length: 12 }, draw), 0.025);
      if (high < 0) below++;
      if (low > 0) above++;
    }
    // 2.5 % of 4,000 are 100 with a standard deviation of 10.
    assert.ok(below <= 140 && above <= 140, `${below} and ${above} of ${samples}`);
    assert.ok(below >= 40 && above >= 40, `${below} and ${above} of ${samples}`);
  }
});
