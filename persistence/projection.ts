import { setTimeout as delay } from 'node:timers/promises';
import { assert } from '../engine/assert.ts';
import { Backlog, MemoryBudget } from './backlog.ts';
import { Batch } from './batch.ts';
import { BatchWriter } from './batch-writer.ts';
import { describeError, isRefusal } from './database-errors.ts';
import { EventProjector } from './event-projector.ts';
import { Listings } from './listings.ts';
import { ShardStream } from './shard-stream.ts';
import { prepareSpoolDirectory, Spool } from './spool.ts';
import type { WriterMessage, WriterSettings } from './writer-messages.ts';
import { SharedStatus } from './writer-status.ts';

/** A batch is what came in while the one before was written, at most this many events. */
const BATCH_EVENTS_MAX = 16_384;

/**
 * A trickle of events is gathered for this long since the batch before: a batch costs some 3 ms of
 * processor time on both sides, however small it is. After a quiet time a batch starts at once.
 */
const BATCH_INTERVAL_MS = 20;
/** Waiting bytes that are worth a batch at any time, some 500 events. */
const BATCH_WORTH_BYTES = 128 * 1024;

const BACKOFF_FIRST_MS = 25;
const BACKOFF_MAX_MS = 1000;

/** Rows that the database will never take, or a broken promise of ours: no retry can help. */
class ProjectionFailure extends Error {
  override name = 'ProjectionFailure';
}

/**
 * Writes the shards' recorded events to the database, each exactly once. `drain` moves events out of
 * the rings and is called whenever there may be some; `run` writes them in batches until it is told to
 * stop. The database may come and go: draining goes on without it.
 */
export class Projection {
  readonly #streams: readonly ShardStream[];
  readonly #writer: BatchWriter;
  readonly #listings = new Listings();
  readonly #projector = new EventProjector(this.#listings);
  readonly #status: SharedStatus;
  readonly #send: (message: WriterMessage) => void;
  #isTroubled = false;
  readonly #batch: Batch;
  /** The committed position per shard; null before the first connection. */
  #positions: readonly number[] | null = null;
  #committedEvents = 0;
  #rowsWritten = 0;
  #isFailed = false;
  #stopAtMs: number | null = null;
  readonly #stopDue = new AbortController();
  #nextBatchAtMs = 0;
  /** Less than this is not worth waking `run` for. */
  #wakeAtBytes = 0;
  #wake: () => void = () => {};

  /** @param send is told of trouble and of its end */
  constructor(settings: WriterSettings, send: (message: WriterMessage) => void) {
    const { topology, spoolDirectory } = settings;
    prepareSpoolDirectory(spoolDirectory);
    const budget = new MemoryBudget(settings.memoryBudgetBytes);
    this.#streams = topology.shardToPersistence.map((link, shard) => {
      const spool = new Spool(spoolDirectory, `shard-${shard}`);
      return new ShardStream(link, new Backlog(budget, spool));
    });
    this.#batch = new Batch(this.#streams.map(() => 0));
    this.#send = send;
    this.#status = new SharedStatus(settings.status);
    this.#writer = new BatchWriter(settings.databaseUrl, topology.shardCount, (error) => {
      this.#report(`the database connection was lost: ${describeError(error)}`);
      this.#wake();
    });
  }

  /** Takes what the rings hold; answers whether that was anything. */
  drain(): boolean {
    let taken = 0;
    try {
      for (const stream of this.#streams) taken += stream.drainRing();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#fail(`the spool cannot be used: ${error.message}`);
    }
    if (taken > 0) {
      if (this.#isFailed) for (const stream of this.#streams) stream.discard();
      this.#publishStatus();
      if (this.#pendingBytes() >= this.#wakeAtBytes) this.#wake();
    }
    return taken > 0;
  }

  /** Makes `run` end when everything is written, or after `timeoutMs`. */
  stop(timeoutMs: number): void {
    this.#stopAtMs = performance.now() + timeoutMs;
    setTimeout(() => {
      // A statement that hangs would hold `run` beyond its time.
      this.#writer.disconnect();
      this.#stopDue.abort();
      this.#wake();
    }, timeoutMs).unref();
    this.#wake();
  }

  /** The committed positions; zeros when the database was never reached. */
  get positions(): readonly number[] {
    return this.#positions ?? this.#streams.map(() => 0);
  }

  /** Writes until stopped. Answers whether everything that came in was written. */
  async run(): Promise<boolean> {
    try {
      while (!this.#isStopDue() && !this.#isFailed) {
        if (!this.#writer.isConnected && !(await this.#connect())) break;
        await this.#gather();
        this.#fillBatch();
        if (this.#batch.eventCount > 0) await this.#commitBatch();
        else if (this.#isStopping && !this.#hasPending()) break;
        else {
          // Answers that were passed over are no lag.
          this.#publishStatus();
          await this.#sleep();
        }
      }
    } catch (error) {
      if (!(error instanceof ProjectionFailure)) throw error;
      this.#fail(error.message);
    }
    while (this.#isFailed && !this.#isStopping) await this.#sleep();
    const isDrained = !this.#isFailed && !this.#hasPending();
    this.#close();
    return isDrained;
  }

  #close(): void {
    this.#writer.disconnect();
    for (const stream of this.#streams) stream.discard();
    this.#publishStatus();
  }

  /** Stops projecting for good and frees what waits; trading goes on. */
  #fail(reason: string): void {
    if (this.#isFailed) return;
    this.#isFailed = true;
    this.#close();
    const message = `the projection has stopped, rows will be missing from here on: ${reason}`;
    this.#send({ type: 'trouble', message });
    this.#wake();
  }

  get #isStopping(): boolean {
    return this.#stopAtMs !== null;
  }

  #isStopDue(): boolean {
    return this.#stopAtMs !== null && performance.now() >= this.#stopAtMs;
  }

  #hasPending(): boolean {
    if (this.#batch.eventCount > 0) return true;
    return this.#streams.some((stream) => stream.pendingBytes > 0 || stream.ringBytes > 0);
  }

  async #sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Connects, trying again with growing pauses; false when the time to stop came first. */
  async #connect(): Promise<boolean> {
    let pauseMs = BACKOFF_FIRST_MS;
    while (!this.#isStopDue() && !this.#isFailed) {
      if (this.#isStopping && !this.#hasPending()) return false;
      try {
        this.#takeUp(await this.#writer.connect());
        if (this.#isTroubled) this.#send({ type: 'recovered' });
        this.#isTroubled = false;
        this.#publishStatus();
        return true;
      } catch (error) {
        if (error instanceof ProjectionFailure) throw error;
        if (isRefusal(error)) throw new ProjectionFailure(describeError(error), { cause: error });
        this.#report(`the database cannot be reached: ${describeError(error)}`);
      }
      await delay(pauseMs, undefined, { signal: this.#stopDue.signal }).catch(() => {});
      pauseMs = Math.min(pauseMs * 2, BACKOFF_MAX_MS);
    }
    return false;
  }

  /**
   * Compares the positions in the database with what this writer knows. They can be ahead by exactly
   * the batch whose COMMIT got no answer; any other difference means that the database lost committed
   * rows (a crash without sync, a restored backup), and there is no way to write those again.
   */
  #takeUp(found: readonly number[]): void {
    const known = this.#positions;
    if (known === null) {
      this.#positions = found;
      return;
    }
    const { toSequences, eventCount } = this.#batch;
    if (eventCount > 0 && areEqual(found, toSequences)) this.#finishBatch();
    else if (!areEqual(found, known)) {
      const difference = `it is at ${found.join(', ')} and was at ${known.join(', ')}`;
      throw new ProjectionFailure(`the database is not where it was left: ${difference}`);
    }
  }

  /** Waits for the next batch to be due or worth its cost. */
  async #gather(): Promise<void> {
    const leftMs = this.#nextBatchAtMs - performance.now();
    if (leftMs <= 0 || this.#isStopping || this.#pendingBytes() >= BATCH_WORTH_BYTES) return;
    const timer = setTimeout(() => this.#wake(), leftMs);
    this.#wakeAtBytes = BATCH_WORTH_BYTES;
    await this.#sleep();
    this.#wakeAtBytes = 0;
    clearTimeout(timer);
  }

  #pendingBytes(): number {
    let bytes = 0;
    for (const stream of this.#streams) bytes += stream.pendingBytes;
    return bytes;
  }

  /** Starts the next batch, unless one waits to be written again. */
  #fillBatch(): void {
    const batch = this.#batch;
    if (batch.eventCount > 0) return;
    const positions = this.#positions;
    assert(positions !== null, 'events before the first connection');
    batch.clear(positions);
    let isProgress = true;
    // A listing from one shard can release events of another, hence the rounds.
    while (isProgress && batch.eventCount < BATCH_EVENTS_MAX) {
      isProgress = false;
      for (let shard = 0; shard < this.#streams.length; shard++) {
        if (this.#takeEvents(shard, positions[shard]!)) isProgress = true;
      }
    }
    if (batch.eventCount > 0) batch.seal(this.#listings);
  }

  /** Takes a shard's events into the batch until there are no more, one must wait, or it is full. */
  #takeEvents(shard: number, position: number): boolean {
    const stream = this.#streams[shard]!;
    const batch = this.#batch;
    const quota = Math.ceil(BATCH_EVENTS_MAX / this.#streams.length);
    let taken = 0;
    while (taken < quota && batch.eventCount < BATCH_EVENTS_MAX && stream.next(position)) {
      const { reader } = stream;
      const isProjected = reader.sequence <= position;
      if (!this.#projector.apply(reader, isProjected ? null : batch)) {
        stream.putBack();
        break;
      }
      taken++;
      if (isProjected) {
        this.#committedEvents++;
      } else {
        batch.toSequences[shard] = reader.sequence;
        batch.eventCount++;
      }
    }
    return taken > 0;
  }

  async #commitBatch(): Promise<void> {
    this.#nextBatchAtMs = performance.now() + BATCH_INTERVAL_MS;
    try {
      await this.#writer.write(this.#batch);
      this.#finishBatch();
    } catch (error) {
      if (isRefusal(error)) {
        const { fromSequences, toSequences } = this.#batch;
        const range = `events ${fromSequences.join(', ')} to ${toSequences.join(', ')} by shard`;
        throw new ProjectionFailure(`${describeError(error)} (${range})`, { cause: error });
      }
      this.#report(`a batch was not written: ${describeError(error)}`);
    }
  }

  #finishBatch(): void {
    const batch = this.#batch;
    this.#positions = [...batch.toSequences];
    this.#committedEvents += batch.eventCount;
    for (const rows of Object.values(batch.tables)) this.#rowsWritten += rows.count;
    batch.eventCount = 0;
    this.#publishStatus();
  }

  #report(message: string): void {
    // What follows a failure is its consequence, and would hide it in the status.
    if (!this.#isFailed) this.#send({ type: 'trouble', message });
    this.#isTroubled = true;
    this.#publishStatus();
  }

  #publishStatus(): void {
    const status = this.#status;
    let received = 0;
    let queued = 0;
    let spooled = 0;
    for (const stream of this.#streams) {
      received += stream.receivedFrames;
      queued += stream.pendingBytes;
      spooled += stream.spooledBytes;
    }
    status.set('connected', this.#writer.isConnected ? 1 : 0);
    status.set('failed', this.#isFailed ? 1 : 0);
    status.set('lagEvents', received - this.#committedEvents);
    status.set('queuedBytes', queued);
    status.set('spooledBytes', spooled);
    status.set('rowsWritten', this.#rowsWritten);
    this.positions.forEach((sequence, shard) => {
      status.setCommitted(shard, sequence);
    });
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function areEqual(left: readonly number[], right: readonly number[]): boolean {
  return left.every((value, index) => value === right[index]);
}
