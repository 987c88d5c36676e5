import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { RecordPool } from '../collections/record-pool.ts';
import { PriceIndex } from './price-index.ts';

const NONE = -1;
const LARGEST = Number.MAX_SAFE_INTEGER;

/** How the prices of a case come about. */
const crowds: Record<string, (random: Random) => number> = {
  dense: (random) => 1_000 + random.below(200),
  'of every magnitude': (random) =>
    Math.min(LARGEST, 1 + Math.floor(random.nextUnit() * 2 ** random.below(54))),
  'in far-apart clusters': (random) => (random.below(5) + 1) * 2 ** 49 + random.below(60),
  'at digit borders': (random) => 2 ** (1 + random.below(52)) - 1 + random.below(3),
};

function walk(index: PriceIndex, levels: RecordPool): number[] {
  const prices: number[] = [];
  for (let level = index.best; level !== NONE; level = index.nextWorse(level)) {
    prices.push(levels.doubles[level * 4]);
  }
  return prices;
}

for (const [crowd, priceOf] of Object.entries(crowds)) {
  for (const lowestIsBest of [true, false]) {
    const side = lowestIsBest ? 'asks' : 'bids';
    test(`${side} with prices ${crowd} stay in order through inserts and removals`, () => {
      const random = new Random(11);
      const levels = new RecordPool();
      const index = new PriceIndex(levels, lowestIsBest);
      const twin = new Map<number, number>();
      for (let step = 0; step < 6_000; step++) {
        const price = priceOf(random);
        assert.equal(index.find(price), twin.get(price) ?? NONE);
        const growing = step % 2_000 < 1_000;
        if (random.below(3) < (growing ? 2 : 1)) {
          const level = index.findOrInsert(price);
          assert.equal(level, twin.get(price) ?? level);
          twin.set(price, level);
        } else {
          const level = twin.get(price) ?? (growing ? undefined : twin.values().next().value);
          if (level === undefined) continue;
          twin.delete(levels.doubles[level * 4]);
          index.remove(level);
        }
        if (step % 100 > 0) continue;
        index.checkInvariants();
        const inOrder = [...twin.keys()].sort((a, b) => (lowestIsBest ? a - b : b - a));
        assert.deepEqual(walk(index, levels), inOrder);
        const cursor = priceOf(random);
        const worse = inOrder.find((other) => (lowestIsBest ? other > cursor : other < cursor));
        assert.equal(index.firstWorseThan(cursor), twin.get(worse ?? 0) ?? NONE);
      }
      for (const level of twin.values()) index.remove(level);
      index.checkInvariants();
      assert.deepEqual([index.size, index.best, levels.countUsed()], [0, NONE, 0]);
    });
  }
}
