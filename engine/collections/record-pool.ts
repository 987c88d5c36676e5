import { assert } from '../assert.ts';

/** Not a record. */
const NONE = -1;
const FIRST_CAPACITY = 64;
/** The integer of a free record that holds the next free one. */
const NEXT_FREE = 4;

/**
 * Records of 32 bytes in one block of memory: two doubles, then four 32-bit integers. Record `r` has its
 * doubles at `doubles[4r]`, `doubles[4r + 1]` and its integers at `ints[8r + 4]` … `ints[8r + 7]`.
 * Freed records are used again first; the block grows by half and never shrinks. `allocate` may replace
 * both views: read them afresh after it.
 */
export class RecordPool {
  doubles = new Float64Array(FIRST_CAPACITY * 4);
  ints = new Int32Array(this.doubles.buffer);
  #capacity = FIRST_CAPACITY;
  #used = 0;
  #firstFree = NONE;

  /** A record with whatever its last user left in it. */
  allocate(): number {
    const record = this.#firstFree;
    if (record !== NONE) {
      this.#firstFree = this.ints[record * 8 + NEXT_FREE];
      return record;
    }
    if (this.#used === this.#capacity) this.#grow();
    return this.#used++;
  }

  release(record: number): void {
    this.ints[record * 8 + NEXT_FREE] = this.#firstFree;
    this.#firstFree = record;
  }

  /** Records in use. Counts the free ones; for checks only. */
  countUsed(): number {
    let free = 0;
    for (let at = this.#firstFree; at !== NONE; at = this.ints[at * 8 + NEXT_FREE]) free++;
    return this.#used - free;
  }

  #grow(): void {
    this.#capacity += this.#capacity >>> 1;
    assert(this.#capacity <= 2 ** 28, 'record pool above 2^28 records');
    const doubles = new Float64Array(this.#capacity * 4);
    doubles.set(this.doubles);
    this.doubles = doubles;
    this.ints = new Int32Array(doubles.buffer);
  }
}
