import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from './random.ts';
import { hashOf, RecordIndex } from './record-index.ts';

const STRIDE = 4;
const OFFSET = 1;

/** Records whose only content is their key, and the index of them. */
class Indexed {
  readonly keys = new Float64Array(4_000 * STRIDE);
  readonly index: RecordIndex;

  constructor(seed = 0) {
    this.index = new RecordIndex(STRIDE, OFFSET, seed);
  }

  insert(key: number, record: number): boolean {
    this.keys[record * STRIDE + OFFSET] = key;
    return this.index.insert(record, this.keys);
  }

  contents(): Map<number, number> {
    const entries = new Map<number, number>();
    this.index.forEach((record) => {
      const key = this.keys[record * STRIDE + OFFSET]!;
      assert(!entries.has(key), `key ${key} visited twice`);
      entries.set(key, record);
    });
    return entries;
  }
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
    const indexed = new Indexed(random.nextUint32());
    const { index, keys } = indexed;
    const twin = new Map<number, number>();
    // Records in use move about: a free one is taken from anywhere.
    const free = Array.from({ length: 4_000 }, (_, record) => record);
    for (let step = 0; step < 60_000; step++) {
      // Alternating growth and decay, so that deletion meets full and empty runs.
      const growing = step % 20_000 < 10_000;
      const key = keyOf(random.below(3_000));
      const roll = random.below(10);
      if (roll < (growing ? 6 : 2)) {
        const at = random.below(free.length);
        const record = free[at]!;
        assert.equal(indexed.insert(key, record), !twin.has(key));
        if (!twin.has(key)) {
          twin.set(key, record);
          free[at] = free.at(-1)!;
          free.pop();
        }
      } else if (roll < 8) {
        const record = index.delete(key, keys);
        assert.equal(record, twin.get(key) ?? -1);
        if (twin.delete(key)) free.push(record);
      } else {
        assert.equal(index.find(key, keys), twin.get(key) ?? -1);
      }
      assert.equal(index.size, twin.size);
      if (step % 5_000 === 0) assert.deepEqual(indexed.contents(), twin);
    }
    assert.deepEqual(indexed.contents(), twin);
  });
}

test('ids of any common stride spread over the buckets like random numbers', () => {
  // 65,536 balls into 131,072 bins at random hit 51,573 of them, give or take 150.
  for (const stride of [1, 2, 64, 4096, 2 ** 16, 2 ** 20, 2 ** 26, 2 ** 31, 2 ** 32, 2 ** 36]) {
    const buckets = new Set<number>();
    for (let n = 0; n < 65_536; n++) buckets.add(hashOf(n * stride, 0) >>> 15);
    assert.ok(buckets.size > 50_000, `stride ${stride} hits ${buckets.size} buckets`);
  }
});

test('keys whose hashes are equal are told apart by the records', () => {
  // Found by search: 32 bits of hash cannot tell all numbers apart.
  const byHash = new Map<number, number>();
  let pair: [number, number] | null = null;
  for (let key = 0; pair === null; key++) {
    const known = byHash.get(hashOf(key * 7_919_777, 0));
    if (known === undefined) byHash.set(hashOf(key * 7_919_777, 0), key * 7_919_777);
    else pair = [known, key * 7_919_777];
  }
  const indexed = new Indexed();
  assert.ok(indexed.insert(pair[0], 0));
  assert.equal(indexed.index.find(pair[1], indexed.keys), -1);
  assert.ok(indexed.insert(pair[1], 1));
  assert.equal(indexed.index.find(pair[0], indexed.keys), 0);
  assert.equal(indexed.index.delete(pair[1], indexed.keys), 1);
  assert.equal(indexed.index.find(pair[0], indexed.keys), 0);
});

test('keys that fall together under one seed do not under another', () => {
  // Pairs (high word, low word) made to cancel where the seed is only added at the end.
  const keys = Array.from({ length: 1_000 }, (_, high) => {
    const low = (Math.imul(high + 1, 0x85ebca6b) ^ 0x1234) >>> 0;
    return (high + 1) * 2 ** 32 + low;
  });
  const under = (seed: number) => new Set(keys.map((key) => hashOf(key, seed))).size;
  const random = new Random(3);
  for (let trial = 0; trial < 20; trial++) assert.ok(under(random.nextUint32()) > 990);
});
