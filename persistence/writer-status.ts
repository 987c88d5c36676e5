/** How the projection stands. Counts begin with the writer thread, unless they say otherwise. */
export interface WriterStatus {
  readonly connected: boolean;
  /** The projection has stopped for good: `lastError` says why. Events are dropped from then on. */
  readonly failed: boolean;
  /** Events taken from the rings and not yet committed, or passed over. */
  readonly lagEvents: number;
  /** Events that came although their rows were committed before: a replayed journal's. */
  readonly skippedEvents: number;
  /** Events that the database would not take, since the projection began: see `refused_events`. */
  readonly refusedEvents: number;
  /** Bytes of events taken from the rings that wait, on disk included. */
  readonly queuedBytes: number;
  readonly spooledBytes: number;
  /** The last committed event per shard. */
  readonly committedSequences: readonly number[];
  readonly rowsWritten: number;
  /** Of the thread: see `ownThreadId`. */
  readonly threadId: number;
  /** Garbage collections of the thread, and the time they took, µs. */
  readonly collections: number;
  readonly collectionUs: number;
  /** The last trouble with the database, also after it has passed. */
  readonly lastError: string | null;
}

const FIELDS = [
  'connected',
  'failed',
  'lagEvents',
  'skippedEvents',
  'refusedEvents',
  'queuedBytes',
  'spooledBytes',
  'rowsWritten',
  'threadId',
  'collections',
  'collectionUs',
] as const;
type Field = (typeof FIELDS)[number];

/** Whether the projection is as far as somebody needs it: it is, it is not yet, or nothing is written now. */
export type Reach = 'reached' | 'behind' | 'away';

/** Who waits for rows looks this often whether any will ever be written. */
const LOOK_MS = 100;

/**
 * The numbers of a `WriterStatus` in shared memory: one thread writes, any reads without asking. The
 * error text travels by message.
 */
export class SharedStatus {
  readonly shared: SharedArrayBuffer;
  readonly #cells: BigInt64Array;

  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#cells = new BigInt64Array(shared);
  }

  static allocate(shardCount: number): SharedArrayBuffer {
    return new SharedArrayBuffer((FIELDS.length + shardCount) * 8);
  }

  /** @param value a whole number */
  set(field: Field, value: number): void {
    Atomics.store(this.#cells, FIELDS.indexOf(field), BigInt(value));
  }

  /** Counts one garbage collection of the writing thread. */
  collected(durationUs: number): void {
    Atomics.add(this.#cells, FIELDS.indexOf('collections'), 1n);
    Atomics.add(this.#cells, FIELDS.indexOf('collectionUs'), BigInt(Math.round(durationUs)));
  }

  setCommitted(shard: number, sequence: number): void {
    Atomics.store(this.#cells, FIELDS.length + shard, BigInt(sequence));
    Atomics.notify(this.#cells, FIELDS.length + shard);
  }

  /** Whether the rows of a shard's events up to `sequence` are committed. */
  isCommitted(shard: number, sequence: number): boolean {
    return Atomics.load(this.#cells, FIELDS.length + shard) >= sequence;
  }

  /** Resolves once the rows of a shard's events up to `sequence` are committed, or to why they are not in time. */
  async reach(shard: number, sequence: number, timeoutMs: number): Promise<Reach> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const index = FIELDS.length + shard;
      const committed = Atomics.load(this.#cells, index);
      if (committed >= sequence) return 'reached';
      if (this.#isSet('failed')) return 'away';
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) return this.#isSet('connected') ? 'behind' : 'away';
      const moved = Atomics.waitAsync(this.#cells, index, committed, Math.min(leftMs, LOOK_MS));
      if (moved.async) await moved.value;
    }
  }

  #isSet(field: Field): boolean {
    return Atomics.load(this.#cells, FIELDS.indexOf(field)) === 1n;
  }

  read(lastError: string | null): WriterStatus {
    const cell = (field: Field) => Number(Atomics.load(this.#cells, FIELDS.indexOf(field)));
    const committedSequences: number[] = [];
    for (let index = FIELDS.length; index < this.#cells.length; index++) {
      committedSequences.push(Number(Atomics.load(this.#cells, index)));
    }
    return {
      connected: cell('connected') === 1,
      failed: cell('failed') === 1,
      lagEvents: cell('lagEvents'),
      skippedEvents: cell('skippedEvents'),
      refusedEvents: cell('refusedEvents'),
      queuedBytes: cell('queuedBytes'),
      spooledBytes: cell('spooledBytes'),
      rowsWritten: cell('rowsWritten'),
      threadId: cell('threadId'),
      collections: cell('collections'),
      collectionUs: cell('collectionUs'),
      committedSequences,
      lastError,
    };
  }
}
