import { assert } from '../assert.ts';

/** What a search answers for a key that is not there. */
const ABSENT = -1;

const MIN_BUCKETS = 16;
/**
 * How full a table gets before it doubles. Linear probing looks at 1.1 buckets for a hit at 3/16, at 1.8
 * for one at 5/8 (and 4 for a miss): tables that fit the nearest caches buy speed, larger ones memory.
 */
const SMALL_BUCKETS = 2 ** 16;
const SMALL_LOAD = 3 / 16;
const LARGE_LOAD = 5 / 8;

/*
 * A bucket is two integers, eight to a cache line: record + 1 (0 = empty bucket, so fresh zero memory is
 * an empty table), then the key's whole hash, which makes growing and deleting independent of the keys.
 */
const HASH = 1;

/**
 * A hash index of records by a key they contain: a whole number 0 … 2^53 − 1. The index holds only record
 * numbers and hashes; the key of record `r` is `keys[r × stride + offset]` of the array that every call
 * is given, so an entry takes 13 to 26 bytes in a large table and a hit ends in the cache line that the caller
 * wants anyway. Nothing is allocated but for growth, and it never shrinks.
 *
 * Open addressing with linear probing; deletion shifts the rest of the run back (Knuth, TAOCP vol. 3, 6.4,
 * algorithm R), so there are no tombstones and the cost does not depend on history.
 * The probe stands in each operation: one shared by them costs the book nearly a tenth of its rate.
 */
export class RecordIndex {
  readonly #stride: number;
  readonly #offset: number;
  readonly #seed: number;
  #words = new Int32Array(0);
  #mask = 0;
  /** A bucket number is the top bits of the hash. */
  #shift = 0;
  #size = 0;
  #sizeLimit = 0;

  /**
   * @param stride doubles in a record
   * @param offset of the key among them
   * @param seed mixed into every hash: where outsiders choose the keys, one they do not know keeps them
   *   from choosing keys that fall together. It never shows in answers, only in `forEach`'s order.
   */
  constructor(stride: number, offset: number, seed = 0) {
    this.#stride = stride;
    this.#offset = offset;
    this.#seed = seed;
    this.#reset(MIN_BUCKETS);
  }

  get size(): number {
    return this.#size;
  }

  /** The record of `key`, −1 when absent. */
  find(key: number, keys: Float64Array): number {
    const words = this.#words;
    const mask = this.#mask;
    const hash = hashOf(key, this.#seed);
    let bucket = hash >>> this.#shift;
    for (;;) {
      const stored = words[bucket * 2]!;
      if (stored === 0) return ABSENT;
      if (
        words[bucket * 2 + HASH] === hash &&
        keys[(stored - 1) * this.#stride + this.#offset] === key
      ) {
        return stored - 1;
      }
      bucket = (bucket + 1) & mask;
    }
  }

  /** Adds a record under the key it contains; false, with nothing changed, if the key is there already. */
  insert(record: number, keys: Float64Array): boolean {
    if (this.#size >= this.#sizeLimit) this.#grow();
    const words = this.#words;
    const mask = this.#mask;
    const key = keys[record * this.#stride + this.#offset]!;
    const hash = hashOf(key, this.#seed);
    let bucket = hash >>> this.#shift;
    for (;;) {
      const stored = words[bucket * 2]!;
      if (stored === 0) break;
      if (
        words[bucket * 2 + HASH] === hash &&
        keys[(stored - 1) * this.#stride + this.#offset] === key
      ) {
        return false;
      }
      bucket = (bucket + 1) & mask;
    }
    words[bucket * 2] = record + 1;
    words[bucket * 2 + HASH] = hash;
    this.#size++;
    return true;
  }

  /** Takes the record of `key` out and answers it, −1 when absent. */
  delete(key: number, keys: Float64Array): number {
    const words = this.#words;
    const mask = this.#mask;
    const hash = hashOf(key, this.#seed);
    let bucket = hash >>> this.#shift;
    for (;;) {
      const stored = words[bucket * 2]!;
      if (stored === 0) return ABSENT;
      if (
        words[bucket * 2 + HASH] === hash &&
        keys[(stored - 1) * this.#stride + this.#offset] === key
      ) {
        this.#closeGap(bucket);
        this.#size--;
        return stored - 1;
      }
      bucket = (bucket + 1) & mask;
    }
  }

  /** Visits every record, in an order that depends on history. The index must not change meanwhile. */
  forEach(visit: (record: number) => void): void {
    for (let bucket = 0; bucket <= this.#mask; bucket++) {
      const stored = this.#words[bucket * 2]!;
      if (stored !== 0) visit(stored - 1);
    }
  }

  /** Moves back what a probe could no longer reach across the empty bucket, to the end of the run. */
  #closeGap(emptied: number): void {
    const words = this.#words;
    const mask = this.#mask;
    const shift = this.#shift;
    let gap = emptied;
    let bucket = (gap + 1) & mask;
    while (words[bucket * 2] !== 0) {
      const hash = words[bucket * 2 + HASH]!;
      const home = hash >>> shift;
      if (((bucket - home) & mask) >= ((bucket - gap) & mask)) {
        words[gap * 2] = words[bucket * 2]!;
        words[gap * 2 + HASH] = hash;
        gap = bucket;
      }
      bucket = (bucket + 1) & mask;
    }
    words[gap * 2] = 0;
  }

  #reset(buckets: number): void {
    assert(buckets <= 2 ** 28, 'record index above 2^28 buckets');
    this.#words = new Int32Array(buckets * 2);
    this.#mask = buckets - 1;
    this.#shift = Math.clz32(buckets) + 1;
    this.#sizeLimit = buckets * (buckets <= SMALL_BUCKETS ? SMALL_LOAD : LARGE_LOAD);
  }

  #grow(): void {
    const old = this.#words;
    this.#reset((this.#mask + 1) * 2);
    const words = this.#words;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] === 0) continue;
      const hash = old[at + HASH]!;
      let bucket = hash >>> this.#shift;
      while (words[bucket * 2] !== 0) bucket = (bucket + 1) & this.#mask;
      words[bucket * 2] = old[at]!;
      words[bucket * 2 + HASH] = hash;
    }
  }
}

/**
 * All 53 bits of the key into 32. Every input bit must reach the top bits, which choose the bucket:
 * ids are dense, or strided by a power of two. (Multiply, fold, multiply as in MurmurHash3's finaliser, one
 * word after the other.) The seed goes in before the first fold, which is not linear: without it nobody can
 * say which low word cancels which high one.
 */
export function hashOf(key: number, seed: number): number {
  let hash = Math.imul((key | 0) ^ seed, 0x9e3779b1);
  hash ^= hash >>> 15;
  hash = Math.imul(hash ^ ((key * 2 ** -32) | 0), 0x85ebca6b);
  hash ^= hash >>> 13;
  return Math.imul(hash, 0xc2b2ae35);
}
