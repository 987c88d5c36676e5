import { Hash64 } from './hash64.ts';
import { MultisetHash } from './multiset-hash.ts';

/** Where a `RecordDigest` reads the records it is of. */
export interface RecordSource {
  /** Visits every record in use, once. */
  forEachRecord(visit: (record: number) => void): void;
  /** Adds what a record says to `hash`; answers false when it is not in use or says nothing. */
  addRecord(record: number, hash: Hash64): boolean;
}

/** Marks there is room for, however few records there are. */
const MARKS_MIN = 256;

/**
 * The multiset hash of a store's records, kept up lazily. The store says which records it changed, with
 * `touch`; `update` hashes those again and no others. What a record says must name it (an id, not its
 * number), so that equal states have equal hashes wherever their records lie.
 *
 * It costs who asks: until the first `update`, which reads every record, `touch` does nothing. It does
 * nothing again once more than half of the records have changed with nobody asking, and the memory,
 * 9 bytes per record and 4 per mark, is given back: then the next `update` reads every record.
 */
export class RecordDigest {
  #isKept = false;
  readonly #sum = new MultisetHash();
  readonly #hash = new Hash64();
  /** What each record added to the sum, 0 and 0 when it is not in use. */
  #highs = new Int32Array(0);
  #lows = new Int32Array(0);
  /** Whether a record stands in the first `#markCount` of `#marks`. */
  #isMarked = new Uint8Array(0);
  #marks = new Int32Array(0);
  #markCount = 0;

  /** A record changed, came into use or went out of it; or perhaps it did not. */
  touch(record: number): void {
    if (this.#isKept) this.#mark(record);
  }

  /** Brings the hash up to date and answers it; it is overwritten by the next update. */
  update(source: RecordSource): Readonly<MultisetHash> {
    if (!this.#isKept) {
      this.#readAll(source);
      return this.#sum;
    }
    for (let at = 0; at < this.#markCount; at++) {
      const record = this.#marks[at]!;
      this.#isMarked[record] = 0;
      this.#read(record, source);
    }
    this.#markCount = 0;
    return this.#sum;
  }

  #mark(record: number): void {
    if (record >= this.#isMarked.length) this.#grow(record);
    if (this.#isMarked[record] !== 0) return;
    if (this.#markCount === this.#marks.length) {
      this.#forget();
      return;
    }
    this.#isMarked[record] = 1;
    this.#marks[this.#markCount++] = record;
  }

  #readAll(source: RecordSource): void {
    let records = 0;
    this.#sum.high = 0;
    this.#sum.low = 0;
    source.forEachRecord((record) => {
      if (record >= this.#isMarked.length) this.#grow(record);
      this.#read(record, source);
      records++;
    });
    this.#marks = new Int32Array(Math.max(MARKS_MIN, records >>> 1));
    this.#isKept = true;
  }

  /** Puts what the record says now in the place of what it said before. */
  #read(record: number, source: RecordSource): void {
    const hash = this.#hash;
    const sum = this.#sum;
    let high = 0;
    let low = 0;
    hash.reset();
    if (source.addRecord(record, hash)) {
      hash.finish();
      high = hash.high;
      low = hash.low;
    }
    sum.high = (sum.high - this.#highs[record]! + high) | 0;
    sum.low = (sum.low - this.#lows[record]! + low) | 0;
    this.#highs[record] = high;
    this.#lows[record] = low;
  }

  #forget(): void {
    this.#isKept = false;
    this.#highs = new Int32Array(0);
    this.#lows = new Int32Array(0);
    this.#isMarked = new Uint8Array(0);
    this.#marks = new Int32Array(0);
    this.#markCount = 0;
  }

  #grow(record: number): void {
    const size = Math.max(MARKS_MIN, record + 1 + (record >>> 1));
    const [highs, lows, isMarked] = [this.#highs, this.#lows, this.#isMarked];
    this.#highs = new Int32Array(size);
    this.#lows = new Int32Array(size);
    this.#isMarked = new Uint8Array(size);
    this.#highs.set(highs);
    this.#lows.set(lows);
    this.#isMarked.set(isMarked);
  }
}
