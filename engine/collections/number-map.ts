import { assert } from '../assert.ts';

/** What `get` and `delete` answer for a key that is not there. */
const ABSENT = -1;

const MIN_BUCKETS = 16;
/**
 * How full a table gets before it doubles. Linear probing looks at about 1.1 buckets for a hit and 1.3
 * for a miss at 3/16, at 1.8 and 4 at 5/8: small tables buy speed, large ones (above 1 MiB) save memory.
 */
const SMALL_BUCKETS = 2 ** 16;
const SMALL_LOAD = 3 / 16;
const LARGE_LOAD = 5 / 8;

/*
 * A bucket is 16 bytes, so that a probe touches one cache line: the key as a double, then value + 1
 * (0 = empty bucket, so fresh zero memory is an empty table), then the key's whole hash, which makes
 * growing and deleting independent of the keys.
 */
const VALUE = 2;
const HASH = 3;

/**
 * A hash map from whole numbers 0 … 2^53 − 1 to slots 0 … 2^31 − 2, without allocation but for growth.
 * Open addressing with linear probing; deletion shifts the rest of the run back (Knuth, TAOCP vol. 3,
 * 6.4, algorithm R), so there are no tombstones and the cost does not depend on history. A large
 * table takes 26 to 51 bytes for each of the most entries it ever held; it never shrinks.
 */
export class NumberMap {
  readonly #seed: number;
  #keys = new Float64Array(0);
  #words = new Int32Array(0);
  #mask = 0;
  /** A bucket number is the top bits of the hash. */
  #shift = 0;
  #size = 0;
  #sizeLimit = 0;

  /**
   * @param seed mixed into every hash: where outsiders choose the keys, one they do not know keeps them
   *   from choosing keys that fall together. It never shows in what the map answers, only in `forEach`'s order.
   */
  constructor(seed = 0) {
    this.#seed = seed;
    this.#reset(MIN_BUCKETS);
  }

  get size(): number {
    return this.#size;
  }

  /** The slot of `key`, −1 when absent. */
  get(key: number): number {
    const words = this.#words;
    const keys = this.#keys;
    const mask = this.#mask;
    let bucket = hashOf(key, this.#seed) >>> this.#shift;
    for (;;) {
      const stored = words[bucket * 4 + VALUE];
      if (stored === 0) return ABSENT;
      if (keys[bucket * 2] === key) return stored - 1;
      bucket = (bucket + 1) & mask;
    }
  }

  has(key: number): boolean {
    return this.get(key) !== ABSENT;
  }

  /** Sets or replaces the slot of `key`. */
  set(key: number, value: number): void {
    if (this.insert(key, value)) return;
    this.#words[this.#find(key) * 4 + VALUE] = value + 1;
  }

  /** Sets the slot of `key` if it is absent; answers whether it was. Probes once. */
  insert(key: number, value: number): boolean {
    if (this.#size >= this.#sizeLimit) this.#grow();
    const words = this.#words;
    const keys = this.#keys;
    const mask = this.#mask;
    const hash = hashOf(key, this.#seed);
    let bucket = hash >>> this.#shift;
    while (words[bucket * 4 + VALUE] !== 0) {
      if (keys[bucket * 2] === key) return false;
      bucket = (bucket + 1) & mask;
    }
    keys[bucket * 2] = key;
    words[bucket * 4 + VALUE] = value + 1;
    words[bucket * 4 + HASH] = hash;
    this.#size++;
    return true;
  }

  /** Removes `key`; answers the slot it had, −1 when absent. */
  delete(key: number): number {
    const bucket = this.#find(key);
    if (bucket === ABSENT) return ABSENT;
    const value = this.#words[bucket * 4 + VALUE] - 1;
    this.#closeGap(bucket);
    this.#size--;
    return value;
  }

  /** Visits every entry, in an order that depends on history. The map must not change meanwhile. */
  forEach(visit: (key: number, value: number) => void): void {
    for (let bucket = 0; bucket <= this.#mask; bucket++) {
      const stored = this.#words[bucket * 4 + VALUE];
      if (stored !== 0) visit(this.#keys[bucket * 2], stored - 1);
    }
  }

  /** Forgets every entry and gives the memory back. */
  clear(): void {
    this.#reset(MIN_BUCKETS);
  }

  #find(key: number): number {
    const words = this.#words;
    const keys = this.#keys;
    const mask = this.#mask;
    let bucket = hashOf(key, this.#seed) >>> this.#shift;
    for (;;) {
      if (words[bucket * 4 + VALUE] === 0) return ABSENT;
      if (keys[bucket * 2] === key) return bucket;
      bucket = (bucket + 1) & mask;
    }
  }

  /** Moves back what a probe could no longer reach across the empty bucket, to the end of the run. */
  #closeGap(emptied: number): void {
    const words = this.#words;
    const keys = this.#keys;
    const mask = this.#mask;
    const shift = this.#shift;
    let gap = emptied;
    let bucket = (gap + 1) & mask;
    while (words[bucket * 4 + VALUE] !== 0) {
      const home = words[bucket * 4 + HASH] >>> shift;
      if (((bucket - home) & mask) >= ((bucket - gap) & mask)) {
        keys[gap * 2] = keys[bucket * 2];
        words[gap * 4 + VALUE] = words[bucket * 4 + VALUE];
        words[gap * 4 + HASH] = words[bucket * 4 + HASH];
        gap = bucket;
      }
      bucket = (bucket + 1) & mask;
    }
    words[gap * 4 + VALUE] = 0;
  }

  #reset(buckets: number): void {
    assert(buckets <= 2 ** 28, 'number map above 2^28 buckets');
    const memory = new ArrayBuffer(buckets * 16);
    this.#keys = new Float64Array(memory);
    this.#words = new Int32Array(memory);
    this.#mask = buckets - 1;
    this.#shift = Math.clz32(buckets) + 1;
    this.#size = 0;
    this.#sizeLimit = buckets * (buckets <= SMALL_BUCKETS ? SMALL_LOAD : LARGE_LOAD);
  }

  #grow(): void {
    const keys = this.#keys;
    const words = this.#words;
    const size = this.#size;
    this.#reset((this.#mask + 1) * 2);
    for (let old = 0; old * 4 < words.length; old++) {
      if (words[old * 4 + VALUE] === 0) continue;
      let bucket = words[old * 4 + HASH] >>> this.#shift;
      while (this.#words[bucket * 4 + VALUE] !== 0) bucket = (bucket + 1) & this.#mask;
      this.#keys[bucket * 2] = keys[old * 2];
      this.#words[bucket * 4 + VALUE] = words[old * 4 + VALUE];
      this.#words[bucket * 4 + HASH] = words[old * 4 + HASH];
    }
    this.#size = size;
  }
}

/**
 * All 53 bits of the key into 32. Every input bit must reach the top bits, which choose the bucket:
 * ids are dense, or strided by a power of two. (Multiply, fold, multiply as in MurmurHash3's finaliser.)
 */
export function hashOf(key: number, seed: number): number {
  let hash = Math.imul((key | 0) ^ Math.imul((key * 2 ** -32) | 0, 0x85ebca6b), 0x9e3779b1) + seed;
  hash ^= hash >>> 15;
  return Math.imul(hash, 0xc2b2ae35);
}
