import { assert } from '../../engine/assert.ts';
import { ExactSum } from '../../engine/protocol/exact-sum.ts';
import { US_PER_MINUTE } from '../../engine/protocol/time-units.ts';

/** What a window's trades add up to. All prices are 0 for a market that never traded. */
export interface TickerStatistics {
  readonly firstPriceTicks: number;
  readonly lastPriceTicks: number;
  readonly highPriceTicks: number;
  readonly lowPriceTicks: number;
  readonly volumeLots: bigint;
  readonly quoteVolumeUnits: bigint;
  readonly tradeCount: number;
}

/** The trades of one bucket of a window. */
export interface TickerBucket extends TickerStatistics {
  readonly startUs: number;
}

interface Bucket {
  /** Its start, in buckets since the epoch. */
  readonly index: number;
  readonly firstPriceTicks: number;
  lastPriceTicks: number;
  highPriceTicks: number;
  lowPriceTicks: number;
  readonly volumeLots: ExactSum;
  readonly quoteVolumeUnits: ExactSum;
  tradeCount: number;
}

/** The window of `interval=1d`, and of the ticker stream. */
export const DAY_WINDOW: TickerWindow = { bucketUs: US_PER_MINUTE, bucketCount: 24 * 60 };
/** The window of `interval=1w`. */
export const WEEK_WINDOW: TickerWindow = { bucketUs: 60 * US_PER_MINUTE, bucketCount: 7 * 24 };

export interface TickerWindow {
  readonly bucketUs: number;
  /** Buckets in the window, the running one included. */
  readonly bucketCount: number;
}

/**
 * Statistics over a rolling window: the running bucket and the `bucketCount − 1` before it. Adding a
 * trade touches the running bucket only; the sum over the closed ones, which no trade can change, is
 * kept until a bucket closes or leaves the window.
 *
 * Buckets without trades do not exist. Time never goes backwards here: a trade older than the bucket of
 * the last one counts in that, and a reading earlier than another reads the later window.
 */
export class RollingTicker {
  readonly #window: TickerWindow;
  readonly #closed: Bucket[] = [];
  #closedSum: TickerStatistics | null = null;
  #running: Bucket | null = null;
  #newestIndex = 0;
  #lastPriceTicks: number;

  /** @param lastPriceTicks of the market's last trade so far, 0 when there was none */
  constructor(window: TickerWindow, lastPriceTicks = 0) {
    this.#window = window;
    this.#lastPriceTicks = lastPriceTicks;
  }

  /**
   * Brings the trades before the first that is added: what is known of each bucket that has any, oldest
   * first, and the price of the last one ever, which counts although its bucket may not know it. The last
   * bucket may go on.
   */
  restore(buckets: readonly TickerBucket[], lastPriceTicks: number): void {
    assert(this.#running === null && this.#closed.length === 0, 'a ticker has trades already');
    this.#lastPriceTicks = lastPriceTicks;
    for (const { startUs, volumeLots, quoteVolumeUnits, ...prices } of buckets) {
      if (this.#running !== null) this.#closed.push(this.#running);
      this.#moveTo(startUs);
      this.#running = {
        ...prices,
        index: this.#newestIndex,
        volumeLots: new ExactSum(volumeLots),
        quoteVolumeUnits: new ExactSum(quoteVolumeUnits),
      };
    }
    this.#closedSum = null;
    if (this.#running !== null) notePrice(this.#running, lastPriceTicks);
  }

  /** Price of the last trade ever, 0 before the first. */
  get lastPriceTicks(): number {
    return this.#lastPriceTicks;
  }

  add(priceTicks: number, quantityLots: number, quoteUnits: number, timeUs: number): void {
    this.#moveTo(timeUs);
    let bucket = this.#running;
    // By its own time: a reading may have come first, and be of the next bucket already.
    const index = Math.floor(timeUs / this.#window.bucketUs);
    if (bucket === null || bucket.index < index) {
      if (bucket !== null) this.#closed.push(bucket);
      this.#closedSum = null;
      bucket = openBucket(index, priceTicks);
      this.#running = bucket;
      this.#dropOld();
    }
    notePrice(bucket, priceTicks);
    bucket.volumeLots.add(quantityLots);
    bucket.quoteVolumeUnits.add(quoteUnits);
    bucket.tradeCount++;
    this.#lastPriceTicks = priceTicks;
  }

  /** The window that ends at `nowUs`. Without trades in it, its prices are those of the last trade. */
  at(nowUs: number): TickerStatistics {
    this.#moveTo(nowUs);
    this.#dropOld();
    this.#closedSum ??= sumOf(this.#closed);
    const running = this.#running;
    const sum = running === null ? this.#closedSum : withBucket(this.#closedSum, running);
    if (sum.tradeCount > 0) return sum;
    const price = this.#lastPriceTicks;
    return {
      ...sum,
      firstPriceTicks: price,
      lastPriceTicks: price,
      highPriceTicks: price,
      lowPriceTicks: price,
    };
  }

  #moveTo(timeUs: number): void {
    const index = Math.floor(timeUs / this.#window.bucketUs);
    if (index > this.#newestIndex) this.#newestIndex = index;
  }

  #dropOld(): void {
    const oldestIndex = this.#newestIndex - this.#window.bucketCount + 1;
    let dropped = 0;
    while (dropped < this.#closed.length && this.#closed[dropped]!.index < oldestIndex) dropped++;
    if (dropped > 0) {
      this.#closed.splice(0, dropped);
      this.#closedSum = null;
    }
    if (this.#running !== null && this.#running.index < oldestIndex) this.#running = null;
  }
}

function notePrice(bucket: Bucket, priceTicks: number): void {
  bucket.lastPriceTicks = priceTicks;
  if (priceTicks > bucket.highPriceTicks) bucket.highPriceTicks = priceTicks;
  if (priceTicks < bucket.lowPriceTicks) bucket.lowPriceTicks = priceTicks;
}

function openBucket(index: number, priceTicks: number): Bucket {
  return {
    index,
    firstPriceTicks: priceTicks,
    lastPriceTicks: priceTicks,
    highPriceTicks: priceTicks,
    lowPriceTicks: priceTicks,
    volumeLots: new ExactSum(),
    quoteVolumeUnits: new ExactSum(),
    tradeCount: 0,
  };
}

const NO_TRADES: TickerStatistics = {
  firstPriceTicks: 0,
  lastPriceTicks: 0,
  highPriceTicks: 0,
  lowPriceTicks: 0,
  volumeLots: 0n,
  quoteVolumeUnits: 0n,
  tradeCount: 0,
};

function sumOf(buckets: readonly Bucket[]): TickerStatistics {
  return buckets.reduce(withBucket, NO_TRADES);
}

/** `sum` and the bucket that follows it. */
function withBucket(sum: TickerStatistics, bucket: Bucket): TickerStatistics {
  const first = sum.tradeCount === 0;
  return {
    firstPriceTicks: first ? bucket.firstPriceTicks : sum.firstPriceTicks,
    lastPriceTicks: bucket.lastPriceTicks,
    highPriceTicks: Math.max(sum.highPriceTicks, bucket.highPriceTicks),
    lowPriceTicks: first ? bucket.lowPriceTicks : Math.min(sum.lowPriceTicks, bucket.lowPriceTicks),
    volumeLots: sum.volumeLots + bucket.volumeLots.total,
    quoteVolumeUnits: sum.quoteVolumeUnits + bucket.quoteVolumeUnits.total,
    tradeCount: sum.tradeCount + bucket.tradeCount,
  };
}
