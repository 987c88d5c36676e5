/**
 * Counts of whole microseconds in the buckets of an HDR histogram with 3 significant digits (2,048 sub-buckets, see
 * http://hdrhistogram.org): the recording half of `hdr-histogram-js`, which computes everything else
 * (`span-summary.ts`). The library's own `recordValue` takes 210 to 260 ns, 70 to 90 ns in WebAssembly, and ten of them
 * go into every reply; this one took 16 to 50 ns on the same busy machine.
 */
const SUB_BUCKET_BITS = 11;
const SUB_BUCKET_MASK = 2 ** SUB_BUCKET_BITS - 1;
const HALF_BITS = SUB_BUCKET_BITS - 1;
const LEADING_ZEROS_BASE = 32 - SUB_BUCKET_BITS;

/** What is longer counts as this: 35 minutes. */
export const LATENCY_US_MAX = 2 ** 31 - 1;

/** Clocks of one machine may differ by as much. */
const CLOCK_DIFFERENCE_US = 10;

const COUNTS_LENGTH = indexOf(LATENCY_US_MAX) + 1;

/** The bucket of a whole number from 0 to `LATENCY_US_MAX`. */
function indexOf(us: number): number {
  const bucket = LEADING_ZEROS_BASE - Math.clz32(us | SUB_BUCKET_MASK);
  return (bucket << HALF_BITS) + (us >>> bucket);
}

/** The least value of a bucket. */
export function valueAt(index: number): number {
  if (index <= SUB_BUCKET_MASK) return index;
  const bucket = (index >>> HALF_BITS) - 1;
  return (index - (bucket << HALF_BITS)) * 2 ** bucket;
}

/** Counts as pairs of bucket and count: what goes to another process. */
export type SparseCounts = Float64Array;

export class LatencyCounts {
  /** Sums stay exact far beyond any run. */
  readonly #counts = new Float64Array(COUNTS_LENGTH);
  #last = -1;
  #count = 0;
  #negative = 0;
  #sumUs = 0;
  #minUs = Number.POSITIVE_INFINITY;
  #maxUs = 0;

  get count(): number {
    return this.#count;
  }

  /** Of the values themselves, not of their buckets. */
  get maxUs(): number {
    return this.#maxUs;
  }

  /** Values that were more than 10 µs below 0: of two clocks that differ, one of which is wrong. */
  get negative(): number {
    return this.#negative;
  }

  /** Parts of a microsecond are dropped; what is negative, by clocks that differ, counts as 0. */
  record(us: number): void {
    if (us < -CLOCK_DIFFERENCE_US) this.#negative++;
    const whole = us >= LATENCY_US_MAX ? LATENCY_US_MAX : us > 0 ? us | 0 : 0;
    const index = indexOf(whole);
    this.#counts[index]! += 1;
    this.#count++;
    this.#sumUs += whole;
    if (index > this.#last) this.#last = index;
    if (whole > this.#maxUs) this.#maxUs = whole;
    if (whole < this.#minUs) this.#minUs = whole;
  }

  /** A copy of what is counted, with its sum, least and greatest value and how many were negative in front. */
  toSparse(): SparseCounts {
    let used = 0;
    for (let index = 0; index <= this.#last; index++) if (this.#counts[index] !== 0) used++;
    const sparse = new Float64Array(HEADER + 2 * used);
    sparse[0] = this.#sumUs;
    sparse[1] = this.#minUs;
    sparse[2] = this.#maxUs;
    sparse[3] = this.#negative;
    let at = HEADER;
    for (let index = 0; index <= this.#last; index++) {
      const count = this.#counts[index]!;
      if (count === 0) continue;
      sparse[at++] = index;
      sparse[at++] = count;
    }
    return sparse;
  }

  /** Adds what another one, perhaps of another process, has counted. */
  add(sparse: SparseCounts): void {
    this.#sumUs += sparse[0]!;
    this.#minUs = Math.min(this.#minUs, sparse[1]!);
    this.#maxUs = Math.max(this.#maxUs, sparse[2]!);
    this.#negative += sparse[3]!;
    for (let at = HEADER; at < sparse.length; at += 2) {
      const index = sparse[at]!;
      const count = sparse[at + 1]!;
      this.#counts[index]! += count;
      this.#count += count;
      if (index > this.#last) this.#last = index;
    }
  }

  /** Mean of the values themselves; 0 of none. */
  get meanUs(): number {
    return this.#count === 0 ? 0 : this.#sumUs / this.#count;
  }

  get minUs(): number {
    return this.#count === 0 ? 0 : this.#minUs;
  }

  /** The value that `percentile` per cent are not above: the greatest of its bucket, as HDR histograms answer it; 0 of none. */
  percentileUs(percentile: number): number {
    if (this.#count === 0) return 0;
    // 99.9 % of a thousand is a little more than 999 in doubles: what is nearly whole is taken for whole.
    const wanted = Math.max(1, Math.ceil((percentile / 100) * this.#count * (1 - ROUNDING)));
    let seen = 0;
    for (let index = 0; index <= this.#last; index++) {
      seen += this.#counts[index]!;
      if (seen >= wanted) return Math.min(valueAt(index + 1) - 1, this.#maxUs);
    }
    return this.#maxUs;
  }

  clear(): void {
    this.#counts.fill(0, 0, this.#last + 1);
    this.#last = -1;
    this.#count = 0;
    this.#negative = 0;
    this.#sumUs = 0;
    this.#minUs = Number.POSITIVE_INFINITY;
    this.#maxUs = 0;
  }

  /** Calls `use` for every bucket that is not empty, with its least value and its count, ascending. */
  forEachBucket(use: (us: number, count: number) => void): void {
    for (let index = 0; index <= this.#last; index++) {
      const count = this.#counts[index]!;
      if (count !== 0) use(valueAt(index), count);
    }
  }
}

const HEADER = 4;
/** More than a product of two doubles is off by, and less than one of any count that there is. */
const ROUNDING = 2 ** -50;
