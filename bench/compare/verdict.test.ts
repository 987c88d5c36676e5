import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../engine/collections/random.ts';
import { nextGaussian } from '../workloads/distributions.ts';
import { judge, LOOKS, Trial, type Verdict } from './verdict.ts';

const THRESHOLD = 0.05;

/** A pair's log ratio: a true change, the noise of a pair, and now and then a pair that is spoilt. */
function drawLogRatio(random: Random, change: number, deviation: number): number {
  const isSpoilt = random.below(12) === 0;
  return Math.log1p(change) + nextGaussian(random) * deviation * (isSpoilt ? 6 : 1);
}

/** Verdicts of whole trials, with as many pairs as they want. */
function runTrials(count: number, seed: number, change: number, deviation: number) {
  const random = new Random(seed);
  const tally: Record<Verdict, number> = { slower: 0, faster: 0, same: 0, 'not decidable': 0 };
  let pairs = 0;
  for (let run = 0; run < count; run++) {
    const trial = new Trial(THRESHOLD);
    let verdict: Verdict | null = null;
    while (verdict === null) verdict = trial.add(drawLogRatio(random, change, deviation));
    tally[verdict]++;
    pairs += trial.pairs;
  }
  return { ...tally, pairs: pairs / count };
}

test('a program against itself is next to never found slower, in quiet and in noise', () => {
  for (const deviation of [0.01, 0.03, 0.1]) {
    const { slower, faster } = runTrials(2000, 1, 0, deviation);
    assert.ok(slower === 0, `${slower} of 2000 at a deviation of ${deviation}`);
    // This is said after one round: of that, each look may be wrong in half a percent.
    assert.ok(faster <= 50, `${faster} of 2000 at a deviation of ${deviation}`);
  }
});

test('a slowdown of 10 % and of 30 % is found', () => {
  for (const deviation of [0.01, 0.03]) {
    assert.ok(runTrials(500, 2, 0.1, deviation).slower >= 495, `at a deviation of ${deviation}`);
  }
  assert.ok(runTrials(500, 3, 0.3, 0.1).slower >= 475);
});

test('what is quicker by 10 % is faster, and what is the same needs few pairs in quiet', () => {
  assert.ok(runTrials(500, 4, -0.1, 0.03).faster >= 490);
  const quiet = runTrials(500, 5, 0, 0.01);
  assert.ok(quiet.same >= 495 && quiet.pairs < 12, JSON.stringify(quiet));
});

test('a slowdown below the threshold is called the same, as long as the interval is within it', () => {
  const { slower, same } = runTrials(500, 6, 0.02, 0.01);
  assert.ok(slower === 0 && same >= 490);
});

test('a verdict follows from where the interval lies', () => {
  const at = (low: number, value: number, high: number) => judge({ low, value, high }, THRESHOLD);
  assert.equal(at(0.02, 0.1, 0.2), 'slower');
  assert.equal(at(-0.01, 0.1, 0.2), 'not decidable');
  assert.equal(at(0.01, 0.03, 0.06), 'not decidable');
  assert.equal(at(0.01, 0.03, 0.04), 'same');
  assert.equal(at(-0.04, 0, 0.04), 'same');
  assert.equal(at(-0.2, -0.1, -0.02), 'faster');
});

test('who is found slower is measured again from nothing, and the second round decides', () => {
  const slow = Array.from({ length: LOOKS[0]! }, (_, at) => 0.1 + at / 1000);
  const confirmed = new Trial(THRESHOLD);
  const verdicts = [...slow, ...slow].map((logRatio) => confirmed.add(logRatio));
  assert.deepEqual(verdicts.filter(Boolean), ['slower']);
  assert.equal(verdicts.at(-1), 'slower');
  const cleared = new Trial(THRESHOLD);
  const even = slow.map((_, at) => (at % 2 === 0 ? 0.01 : -0.01));
  assert.equal([...slow, ...even].map((logRatio) => cleared.add(logRatio)).at(-1), 'same');
  assert.ok(cleared.isSuspected);
  assert.ok(Math.abs(cleared.estimate!.value) < 0.01, 'the ratio is that of the second round');
});

test('when the time is up a suspicion without confirmation is no verdict', () => {
  const trial = new Trial(THRESHOLD);
  for (let pair = 0; pair < LOOKS[0]! - 1; pair++) trial.add(0.1);
  assert.equal(trial.conclude(), 'not decidable');
  const late = new Trial(THRESHOLD);
  for (let pair = 0; pair < LOOKS[0]!; pair++) late.add(pair === 0 ? -0.01 : 0.1 + pair / 1000);
  for (let pair = 0; pair < 2; pair++) late.add(0.1);
  assert.ok(!late.isSuspected);
  assert.equal(late.conclude(), 'not decidable');
  assert.ok(late.isSuspected);
});
