import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShrinkBudget, shrink } from './shrink.fixture.ts';

const ITEMS = Array.from({ length: 1_000 }, (_, item) => item);

/** Fails with both of these, and counts how often it was asked. */
function failsWith(one: number, other: number) {
  const fails = (items: readonly number[]) => {
    fails.runs++;
    return items.includes(one) && items.includes(other);
  };
  fails.runs = 0;
  return fails;
}

test('a failing list shrinks to what makes it fail', () => {
  assert.deepEqual(shrink(ITEMS, failsWith(77, 901)), [77, 901]);
});

test('shrinking ends when its runs are used up, with what fails and is shorter', () => {
  const fails = failsWith(77, 901);
  const left = shrink(ITEMS, fails, new ShrinkBudget(10));
  assert.equal(fails.runs, 10);
  assert.ok(left.length < ITEMS.length && left.length > 2, `${left.length} items left`);
  assert.ok(fails(left));
  // Nothing can be taken out: without a budget this asks once for each run of each size.
  const none = (items: readonly number[]) => items.length === ITEMS.length;
  assert.equal(shrink(ITEMS, none).length, ITEMS.length);
});

test('shrinking ends when its caller says so', () => {
  const fails = failsWith(77, 901);
  const left = shrink(ITEMS, fails, new ShrinkBudget(1_000, () => fails.runs < 3));
  assert.equal(fails.runs, 3);
  assert.ok(fails(left));
});
