import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hash64 } from './hash64.ts';
import { MultisetHash } from './multiset-hash.ts';
import { Random } from './random.ts';
import { RecordDigest, type RecordSource } from './record-digest.ts';

/** Records that say one number each, or nothing; it counts how often one is read. */
class Store implements RecordSource {
  readonly digest = new RecordDigest();
  readonly values = new Map<number, number>();
  reads = 0;

  set(record: number, value: number | null): void {
    if (value === null) this.values.delete(record);
    else this.values.set(record, value);
    this.digest.touch(record);
  }

  forEachRecord(visit: (record: number) => void): void {
    for (const record of this.values.keys()) visit(record);
  }

  addRecord(record: number, hash: Hash64): boolean {
    this.reads++;
    const value = this.values.get(record);
    if (value === undefined) return false;
    hash.add(value);
    return true;
  }

  hash(): string {
    return this.digest.update(this).text();
  }

  /** By a digest that has never been asked before. */
  hashAfresh(): string {
    return new RecordDigest().update(this).text();
  }
}

test('after any changes the hash kept up is the one of reading everything', () => {
  for (const [seed, records] of [100, 1_000, 5_000].entries()) {
    const random = new Random(seed);
    const store = new Store();
    for (let round = 0; round < 60; round++) {
      // From no change at all to more changes than there are marks.
      for (let left = random.below(4) * random.below(records); left > 0; left--) {
        const value = random.below(3) === 0 ? null : random.below(1_000);
        store.set(random.below(records), value);
      }
      assert.equal(store.hash(), store.hashAfresh(), `round ${round}`);
      assert.equal(store.hash(), store.hashAfresh(), `round ${round}, again`);
    }
  }
});

test('equal contents give equal hashes in other records and by another history', () => {
  const one = new Store();
  const other = new Store();
  const hashes = new Set([one.hash()]);
  other.set(5_000, 77);
  assert.notEqual(other.hash(), one.hash());
  for (const value of [1, 2, 3]) {
    one.set(value, value);
    other.set(900 - value, value);
    hashes.add(one.hash());
  }
  other.set(5_000, null);
  assert.equal(other.hash(), one.hash());
  assert.equal(hashes.size, 4);
  one.set(1, null);
  one.set(2, null);
  one.set(3, null);
  assert.equal(one.hash(), new MultisetHash().text());
});

test('equal records add up and do not cancel', () => {
  const store = new Store();
  const hashes = [store.hash()];
  for (const record of [1, 2, 3, 4]) {
    store.set(record, 77);
    hashes.push(store.hash());
  }
  assert.equal(new Set(hashes).size, 5);
});

test('asking costs what changed since it was last asked', () => {
  const store = new Store();
  for (let record = 0; record < 10_000; record++) store.set(record, record);
  assert.equal(store.reads, 0);
  store.hash();
  assert.equal(store.reads, 10_000);
  store.reads = 0;
  store.hash();
  assert.equal(store.reads, 0);
  for (let change = 0; change < 1_000; change++) store.set(change % 50, change);
  store.hash();
  assert.equal(store.reads, 50);
});

test('when more than half has changed with nobody asking, it stops taking note and reads everything', () => {
  const store = new Store();
  for (let record = 0; record < 10_000; record++) store.set(record, record);
  store.hash();
  const readsAfter = (changes: number) => {
    store.reads = 0;
    for (let record = 0; record < changes; record++) store.set(record, record + changes);
    const hash = store.hash();
    const { reads } = store;
    assert.equal(hash, store.hashAfresh());
    return reads;
  };
  assert.equal(readsAfter(5_000), 5_000);
  assert.equal(readsAfter(5_001), 10_000);
  assert.equal(readsAfter(9_000), 10_000);
  assert.equal(readsAfter(5_000), 5_000);
});

test('records that come after the first time are marked like the others', () => {
  const store = new Store();
  store.hash();
  for (let record = 0; record < 200; record++) store.set(record * 1_000, record);
  store.reads = 0;
  assert.equal(store.hash(), store.hashAfresh());
  assert.equal(store.reads, 400);
});
