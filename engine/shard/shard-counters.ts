import { US_PER_SECOND } from '../protocol/time-units.ts';
/** Upper bounds of the histogram of sync times, µs; a last bucket has all that took longer. */
export const SYNC_BUCKETS_US = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000] as const;

const FIELDS = [
  'threadId',
  'turns',
  'inputs',
  'commits',
  'journalInputs',
  'journalBytes',
  'syncs',
  'syncUs',
  'syncSecond',
  'syncMaxUs',
  'syncMaxBeforeUs',
  'collections',
  'collectionUs',
] as const;
type Field = (typeof FIELDS)[number];

const CELLS = FIELDS.length + SYNC_BUCKETS_US.length + 1;

/** What one shard's thread has done. Counts go on when a shard starts again; times are in µs. */
export interface ShardCounts {
  /** See `ownThreadId`; 0 before the thread has begun. */
  readonly threadId: number;
  /** Rounds in which something was applied, and the inputs of them. */
  readonly turns: number;
  readonly inputs: number;
  /** Batches, and what was in them. */
  readonly commits: number;
  readonly journalInputs: number;
  readonly journalBytes: number;
  /** Of the journal's files; with durability `os` there are none but at the ends of segments. */
  readonly syncs: number;
  readonly syncUs: number;
  /** The longest sync that ended in this or the last second. */
  readonly syncMaxUs: number;
  /** Syncs by bucket, not cumulated, the last one beyond all bounds. */
  readonly syncBuckets: readonly number[];
  readonly collections: number;
  readonly collectionUs: number;
}

/**
 * What the shards' threads have done, in shared memory: each shard counts its own, any thread reads all. Plain stores
 * of doubles in cells that one thread writes: a reader may find one count ahead of another, and each of them whole.
 */
export class ShardCounters {
  readonly shared: SharedArrayBuffer;
  readonly #cells: Float64Array;

  constructor(shared: SharedArrayBuffer, shard: number) {
    this.shared = shared;
    this.#cells = new Float64Array(shared, shard * CELLS * 8, CELLS);
  }

  static allocate(shardCount: number): SharedArrayBuffer {
    return new SharedArrayBuffer(shardCount * CELLS * 8);
  }

  /** A thread takes the shard over. */
  begun(threadId: number): void {
    this.#cells[THREAD_ID] = threadId;
  }

  turned(inputs: number): void {
    this.#cells[TURNS]! += 1;
    this.#cells[INPUTS]! += inputs;
  }

  committed(inputs: number, bytes: number): void {
    this.#cells[COMMITS]! += 1;
    this.#cells[JOURNAL_INPUTS]! += inputs;
    this.#cells[JOURNAL_BYTES]! += bytes;
  }

  /** @param endUs when the sync ended, of the epoch */
  synced(durationUs: number, endUs: number): void {
    const cells = this.#cells;
    cells[SYNCS]! += 1;
    cells[SYNC_US]! += durationUs;
    let bucket = 0;
    while (bucket < SYNC_BUCKETS_US.length && durationUs > SYNC_BUCKETS_US[bucket]!) bucket++;
    cells[FIELDS.length + bucket]! += 1;
    const second = Math.floor(endUs / US_PER_SECOND);
    const last = cells[SYNC_SECOND]!;
    if (second !== last) {
      cells[SYNC_MAX_BEFORE_US] = second === last + 1 ? cells[SYNC_MAX_US]! : 0;
      cells[SYNC_MAX_US] = 0;
      cells[SYNC_SECOND] = second;
    }
    cells[SYNC_MAX_US] = Math.max(cells[SYNC_MAX_US]!, durationUs);
  }

  collected(durationUs: number): void {
    this.#cells[COLLECTIONS]! += 1;
    this.#cells[COLLECTION_US]! += durationUs;
  }

  /** @param atUs now, of the epoch */
  read(atUs: number): ShardCounts {
    const cells = this.#cells;
    const secondsAgo = Math.floor(atUs / US_PER_SECOND) - cells[SYNC_SECOND]!;
    const isRecent = secondsAgo <= 1;
    const before = secondsAgo <= 0 ? cells[SYNC_MAX_BEFORE_US]! : 0;
    return {
      threadId: cells[THREAD_ID]!,
      turns: cells[TURNS]!,
      inputs: cells[INPUTS]!,
      commits: cells[COMMITS]!,
      journalInputs: cells[JOURNAL_INPUTS]!,
      journalBytes: cells[JOURNAL_BYTES]!,
      syncs: cells[SYNCS]!,
      syncUs: cells[SYNC_US]!,
      syncMaxUs: isRecent ? Math.max(cells[SYNC_MAX_US]!, before) : 0,
      syncBuckets: [...cells.subarray(FIELDS.length)],
      collections: cells[COLLECTIONS]!,
      collectionUs: cells[COLLECTION_US]!,
    };
  }
}

const cellOf = (field: Field): number => FIELDS.indexOf(field);
const THREAD_ID = cellOf('threadId');
const TURNS = cellOf('turns');
const INPUTS = cellOf('inputs');
const COMMITS = cellOf('commits');
const JOURNAL_INPUTS = cellOf('journalInputs');
const JOURNAL_BYTES = cellOf('journalBytes');
const SYNCS = cellOf('syncs');
const SYNC_US = cellOf('syncUs');
const SYNC_SECOND = cellOf('syncSecond');
const SYNC_MAX_US = cellOf('syncMaxUs');
const SYNC_MAX_BEFORE_US = cellOf('syncMaxBeforeUs');
const COLLECTIONS = cellOf('collections');
const COLLECTION_US = cellOf('collectionUs');
