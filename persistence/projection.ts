import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type pg from 'pg';
import { Backlog, MemoryBudget } from './backlog.ts';
import { Batch } from './batch.ts';
import { BatchSource } from './batch-source.ts';
import { BatchWriter } from './batch-writer.ts';
import { describeError, describeRefusal, isRefusal, isRowRefusal } from './database-errors.ts';
import { ProjectionFailure } from './projection-failure.ts';
import { RefusalAllowance } from './refusal-allowance.ts';
import { firstMonthKept } from './retention.ts';
import { ShardStream } from './shard-stream.ts';
import { prepareSpoolDirectory, Spool } from './spool.ts';
import type { WriterMessage, WriterSettings } from './writer-messages.ts';
import { SharedStatus } from './writer-status.ts';

/** Events taken in one go: those of a whole batch, or while another is written, when the connection needs turns. */
const TAKEN_EVENTS_MAX = 16_384;
const AHEAD_EVENTS_MAX = 1024;

/**
 * Events are gathered for this long since the batch before: a batch costs some 3 ms of processor time on both sides,
 * however small it is, and a sync of the disk that the journals are on; and of an order that ends within one, one row
 * is written instead of two. After a quiet time a batch starts at once, and for who waits for rows it starts at any
 * time.
 */
const BATCH_INTERVAL_MS = 500;
/** Waiting bytes that are worth a batch at any time, some 8,000 events. */
const BATCH_WORTH_BYTES = 2 * 2 ** 20;

/** Between attempts to drop what is old; twice as long after each that fails. */
const RETENTION_PAUSE_FIRST_MS = 60_000;
const RETENTION_PAUSE_MAX_MS = 6 * 3_600_000;

const BACKOFF_FIRST_MS = 25;
const BACKOFF_MAX_MS = 1000;

/**
 * Writes the shards' recorded events to the database, each exactly once. `drain` moves events out of
 * the rings and is called whenever there may be some; `run` writes them in batches until it is told to
 * stop. The database may come and go: draining goes on without it.
 *
 * It goes on behind the positions that it finds in the database. An event that the database refuses
 * for good is left out, and written down as refused.
 */
export class Projection {
  readonly #streams: readonly ShardStream[];
  readonly #writer: BatchWriter;
  readonly #source: BatchSource;
  readonly #allowance = new RefusalAllowance();
  readonly #status: SharedStatus;
  readonly #send: (message: WriterMessage) => void;
  /** How long what is over is kept; null: for ever. */
  readonly #retentionDays: number | null;
  /** What is older is not in the tables. */
  #firstMonth = Number.NEGATIVE_INFINITY;
  #nextRetentionAtMs = 0;
  #retentionPauseMs = RETENTION_PAUSE_FIRST_MS;
  /** Of all committed events, and of these and those of the sealed batch. */
  #newestUs = 0;
  #sealedNewestUs = 0;
  /** Whether the database is left alone. */
  #isHeld: boolean;
  #isTroubled = false;
  /** The batch to be written next, or under way, and the one that is filled meanwhile. */
  #batch: Batch;
  #ahead: Batch;
  /** The committed position per shard; null before the first connection. */
  #positions: readonly number[] | null = null;
  /** Whether memory does not hold what the events up to the positions have listed. */
  #isPastUnknown = true;
  #committedEvents = 0;
  #refusedEvents = 0;
  #rowsWritten = 0;
  #isFailed = false;
  #stopAtMs: number | null = null;
  readonly #stopDue = new AbortController();
  #nextBatchAtMs = 0;
  /** Somebody waits for the rows of what has come. */
  #isHurried = false;
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
    this.#source = new BatchSource(this.#streams);
    this.#batch = new Batch(this.positions);
    this.#ahead = new Batch(this.positions);
    this.#isHeld = settings.isHeld;
    this.#retentionDays = settings.retentionDays;
    this.#send = send;
    this.#status = new SharedStatus(settings.status);
    const { shardCount } = topology;
    const history = { shardCount, historyId: settings.historyId };
    this.#writer = new BatchWriter(settings.databaseUrl, history, (error) => {
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

  /** Lets `run` begin, if it was held. */
  release(): void {
    this.#isHeld = false;
    this.#wake();
  }

  /** Makes `run` write what has come without gathering more. */
  hurry(): void {
    this.#isHurried = true;
    this.#wake();
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

  /**
   * Writes from its release until stopped. Answers whether everything that came in was written; of what came to one
   * that was never released, nothing was to be.
   */
  async run(): Promise<boolean> {
    while (this.#isHeld && !this.#isStopping) await this.#sleep();
    if (this.#isHeld) {
      this.#close();
      return true;
    }
    try {
      while (!this.#isStopDue() && !this.#isFailed) {
        if (!this.#isReady && !(await this.#getReady())) break;
        await this.#dropOld();
        if (!this.#isReady) continue;
        if (!this.#batch.isSealed && !this.#source.hasAgain) await this.#gather();
        const hasMovedOn =
          !this.#batch.isSealed && this.#source.fill(this.#batch, TAKEN_EVENTS_MAX);
        if (this.#batch.eventCount > 0) await this.#commitBatch();
        else if (hasMovedOn) await nextTurn();
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
    if (this.#batch.eventCount > 0 || this.#source.hasAgain) return true;
    return this.#streams.some((stream) => stream.pendingBytes > 0 || stream.ringBytes > 0);
  }

  async #sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  get #isReady(): boolean {
    return this.#writer.isConnected && !this.#isPastUnknown;
  }

  /**
   * Connects and reads the past, as far as they are needed, trying again with growing pauses; false
   * when the time to stop came first.
   */
  async #getReady(): Promise<boolean> {
    let pauseMs = BACKOFF_FIRST_MS;
    while (!this.#isStopDue() && !this.#isFailed) {
      if (this.#isStopping && !this.#hasPending()) return false;
      try {
        if (!this.#writer.isConnected) this.#takeUp(await this.#writer.connect());
        if (this.#isPastUnknown) await this.#loadPast();
        if (this.#isTroubled) this.#send({ type: 'recovered' });
        this.#isTroubled = false;
        this.#publishStatus();
        return true;
      } catch (error) {
        if (error instanceof ProjectionFailure) throw error;
        if (isRefusal(error)) throw failureOf(error);
        this.#writer.disconnect();
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
   * rows (a crash without sync, a restored backup): those are written again by a venue that starts
   * and replays its journal, not by this one.
   */
  #takeUp(found: readonly number[]): void {
    const known = this.#positions;
    if (known === null) {
      this.#positions = found;
      this.#source.begin(found);
      return;
    }
    const { toSequences, isSealed } = this.#batch;
    if (isSealed && areEqual(found, toSequences)) this.#finishBatch();
    else if (!areEqual(found, known)) {
      const difference = `it is at ${found.join(', ')} and was at ${known.join(', ')}`;
      throw new ProjectionFailure(`the database is not where it was left: ${difference}`);
    }
  }

  /** Waits for the next batch to be due or worth its cost. */
  async #gather(): Promise<void> {
    const leftMs = this.#nextBatchAtMs - performance.now();
    const waitingBytes = this.#batch.held.byteLength + this.#pendingBytes();
    const isDue = leftMs <= 0 || waitingBytes >= BATCH_WORTH_BYTES;
    if (!isDue && !this.#isStopping && !this.#isHurried) {
      const timer = setTimeout(() => this.#wake(), leftMs);
      this.#wakeAtBytes = BATCH_WORTH_BYTES;
      await this.#sleep();
      this.#wakeAtBytes = 0;
      clearTimeout(timer);
    }
    this.#isHurried = false;
  }

  #pendingBytes(): number {
    let bytes = 0;
    for (const stream of this.#streams) bytes += stream.pendingBytes;
    return bytes;
  }

  /**
   * Drops the months that are not kept, when there may be some. Their age is told by the newest event, and never by
   * more than the clock: one that was wrong for a moment costs nothing, and a venue that stands still keeps what it
   * has.
   */
  async #dropOld(): Promise<void> {
    if (this.#retentionDays === null || this.#isStopping || !this.#isReady) return;
    const nowUs = Math.min(Date.now() * 1000, this.#newestUs);
    const month = firstMonthKept(nowUs, this.#retentionDays);
    if (month <= this.#firstMonth || performance.now() < this.#nextRetentionAtMs) return;
    try {
      const begins = await this.#writer.dropBefore(month);
      if (begins !== null) this.#send({ type: 'dropped', begins });
      this.#firstMonth = month;
      this.#retentionPauseMs = RETENTION_PAUSE_FIRST_MS;
    } catch (error) {
      this.#nextRetentionAtMs = performance.now() + this.#retentionPauseMs;
      this.#retentionPauseMs = Math.min(this.#retentionPauseMs * 2, RETENTION_PAUSE_MAX_MS);
      this.#report(`what is old was not dropped: ${describeError(error)}`);
    }
  }

  async #loadPast(): Promise<void> {
    const { listings, months, refusedEvents } = await this.#writer.loadPast();
    this.#source.projector.listings = listings;
    this.#source.projector.months = months;
    this.#newestUs = Math.max(this.#newestUs, months.newestUs);
    this.#refusedEvents = refusedEvents;
    this.#isPastUnknown = false;
  }

  async #commitBatch(): Promise<void> {
    this.#nextBatchAtMs = performance.now() + BATCH_INTERVAL_MS;
    const batch = this.#batch;
    if (!batch.isSealed) {
      batch.seal(this.#source.projector.listings);
      this.#sealedNewestUs = this.#source.projector.months.newestUs;
    }
    const outcome = this.#writer.write(batch).then(
      () => null,
      (error: unknown) => ({ error }),
    );
    await this.#fillAhead(outcome);
    const failed = await outcome;
    if (failed === null) this.#finishBatch();
    else if (isRowRefusal(failed.error)) this.#takeRefusal(failed.error);
    else if (isRefusal(failed.error)) throw failureOf(failed.error, rangeOf(batch));
    else this.#report(`a batch was not written: ${describeError(failed.error)}`);
  }

  /** Fills the next batch until this one's outcome is known. */
  async #fillAhead(outcome: Promise<unknown>): Promise<void> {
    let isKnown = false;
    void outcome.then(() => {
      isKnown = true;
    });
    while (!isKnown && this.#source.fill(this.#ahead, AHEAD_EVENTS_MAX)) await nextTurn();
  }

  /** Goes on with smaller batches, until the one event is found that has to be left out. */
  #takeRefusal(error: pg.DatabaseError & { code: string }): void {
    const batch = this.#batch;
    if (batch.isLeftOut) throw failureOf(error, 'a refused event cannot be written down');
    if (batch.eventCount > 1) {
      this.#source.split([batch, this.#ahead], this.positions);
      this.#isPastUnknown = true;
    } else if (this.#allowance.spend()) {
      batch.leaveOut(error.code, error.message);
    } else {
      throw failureOf(error, `too many refusals in a row to leave out ${rangeOf(batch)} too`);
    }
  }

  #finishBatch(): void {
    const batch = this.#batch;
    this.#positions = [...batch.toSequences];
    this.#newestUs = this.#sealedNewestUs;
    this.#committedEvents += batch.eventCount;
    if (batch.isLeftOut) {
      this.#refusedEvents++;
      const { shard, sequence, name } = batch.onlyEvent();
      const event = `event ${sequence} of shard ${shard}, ${name},`;
      this.#send({ type: 'refused', message: `the database refuses ${event} which is left out` });
    } else {
      this.#rowsWritten += batch.rowCount;
      this.#allowance.earn(batch.eventCount);
    }
    this.#source.grow();
    batch.clear(this.#positions);
    this.#batch = this.#ahead;
    this.#ahead = batch;
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
    let skipped = 0;
    for (const stream of this.#streams) {
      received += stream.receivedFrames;
      queued += stream.pendingBytes;
      spooled += stream.spooledBytes;
      skipped += stream.skippedFrames;
    }
    status.set('connected', this.#writer.isConnected ? 1 : 0);
    status.set('failed', this.#isFailed ? 1 : 0);
    status.set('lagEvents', received - skipped - this.#committedEvents);
    status.set('skippedEvents', skipped);
    status.set('refusedEvents', this.#refusedEvents);
    status.set('queuedBytes', queued);
    status.set('spooledBytes', spooled);
    status.set('rowsWritten', this.#rowsWritten);
    this.positions.forEach((sequence, shard) => {
      status.setCommitted(shard, sequence);
    });
  }
}

/** What no other batch would get past. */
function failureOf(error: pg.DatabaseError, ...about: string[]): ProjectionFailure {
  return new ProjectionFailure([describeRefusal(error), ...about].join('; '), { cause: error });
}

function rangeOf({ fromSequences, toSequences }: Batch): string {
  return `events behind ${fromSequences.join(', ')} to ${toSequences.join(', ')} by shard`;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function areEqual(left: readonly number[], right: readonly number[]): boolean {
  return left.every((value, index) => value === right[index]);
}
