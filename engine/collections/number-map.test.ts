import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf, NumberMap } from './number-map.ts';
import { Random } from './random.ts';

function contents(map: NumberMap): Map<number, number> {
  const entries = new Map<number, number>();
  map.forEach((key, value) => {
    assert(!entries.has(key), `key ${key} visited twice`);
    entries.set(key, value);
  });
  return entries;
}

const keyShapes: Record<string, (n: number) => number> = {
  dense: (n) => n,
  'strided by 64': (n) => n * 64 + 3,
  'strided by 2^32': (n) => n * 2 ** 32,
  'strided by 2^40, dense below': (n) => (n % 64) * 2 ** 40 + n,
  'up to the largest safe integer': (n) => Number.MAX_SAFE_INTEGER - n,
};

for (const [shape, keyOf] of Object.entries(keyShapes)) {
  test(`keys ${shape}: every operation answers as Map does`, () => {
    const random = new Random(7);
    const map = new NumberMap();
    const twin = new Map<number, number>();
    for (let step = 0; step < 60_000; step++) {
      // Alternating growth and decay, so that deletion meets full and empty runs.
      const growing = step % 20_000 < 10_000;
      const key = keyOf(random.below(3_000));
      const value = random.below(2 ** 31 - 1);
      const roll = random.below(10);
      if (roll < (growing ? 5 : 1)) {
        map.set(key, value);
        twin.set(key, value);
      } else if (roll < (growing ? 6 : 2)) {
        assert.equal(map.insert(key, value), !twin.has(key));
        if (!twin.has(key)) twin.set(key, value);
      } else if (roll < 8) {
        assert.equal(map.delete(key), twin.get(key) ?? -1);
        twin.delete(key);
      } else {
        assert.equal(map.get(key), twin.get(key) ?? -1);
        assert.equal(map.has(key), twin.has(key));
      }
      assert.equal(map.size, twin.size);
      if (step % 5_000 === 0) assert.deepEqual(contents(map), twin);
    }
    assert.deepEqual(contents(map), twin);
  });
}

test('ids of any common stride spread over the buckets like random numbers', () => {
  // 65,536 balls into 131,072 bins at random hit 51,573 of them, give or take 150.
  for (const stride of [1, 2, 64, 4096, 2 ** 16, 2 ** 20, 2 ** 26, 2 ** 31, 2 ** 32, 2 ** 36]) {
    const buckets = new Set<number>();
    for (let n = 0; n < 65_536; n++) buckets.add(hashOf(n * stride, 0) >>> 15);
    assert(buckets.size > 50_000, `stride ${stride} hits ${buckets.size} buckets`);
  }
});

test('clear forgets everything and the map works on', () => {
  const map = new NumberMap();
  for (let key = 0; key < 1_000; key++) map.set(key, key);
  map.clear();
  assert.equal(map.size, 0);
  assert.equal(map.get(5), -1);
  map.set(5, 6);
  assert.deepEqual(contents(map), new Map([[5, 6]]));
});
