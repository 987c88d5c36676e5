import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Topology } from '../engine/ring/topology.ts';
import type { HistoryBegin } from './history.ts';
import type {
  HurryWriter,
  ReleaseWriter,
  StopWriter,
  WriterMessage,
  WriterSettings,
} from './writer-messages.ts';
import { type Reach, SharedStatus, type WriterStatus } from './writer-status.ts';

const MEMORY_BUDGET_BYTES = 32 * 2 ** 20;
const STOP_TIMEOUT_MS = 10_000;
/** Of the time to stop, what the thread needs to leave; after that it is ended by force. */
const LEAVE_MS = 500;

export interface WriterOptions {
  readonly topology: Topology;
  /** A database on which `prepareDatabase` or `resetDatabase` has run. */
  readonly databaseUrl: string;
  /**
   * Of the journal, as given to `adoptHistory`: a database of another one is not written to. Null, the
   * default, for a venue without a journal.
   */
  readonly historyId?: string | null;
  /** The venue's data dir; events that memory has no room for wait in `spool` under it. */
  readonly dataDir: string;
  /**
   * Whether the database is left alone until `release`: events wait as they do while it is away, and those of a writer
   * that is never released are nobody's loss. Not held by default.
   */
  readonly isHeld?: boolean;
  /** Bytes of events kept in memory while the database is away or slow; 32 MiB by default. */
  readonly memoryBudgetBytes?: number;
  /**
   * Days that what is over is kept: older trades, fills, prevented matches, ended orders and candles of a second are
   * dropped by whole months. Null, the default: for ever.
   */
  readonly retentionDays?: number | null;
  /** Takes a line about each trouble with the database; stderr by default. */
  readonly log?: (line: string) => void;
}

/** The persistence thread, as the main thread sees it. */
export interface Writer {
  /** Reads shared memory: costs nothing on the other thread. */
  status(): WriterStatus;
  /** See `SharedStatus`; what is waited for is written at once. */
  reach(shard: number, sequence: number, timeoutMs: number): Promise<Reach>;
  /** By shard: where the rows of its events begin, once old ones were dropped; null before. */
  readonly historyBegins: readonly HistoryBegin[] | null;
  /** Lets a held writer write. */
  release(): void;
  /**
   * Writes everything that is in the rings and the queue, then ends the thread, in time or by force.
   * The shards must have flushed their last events before. `drained` is false when events were left.
   */
  stop(timeoutMs?: number): Promise<{ drained: boolean }>;
  /** Resolves after `stop`; rejects when the thread dies by itself. */
  readonly ended: Promise<void>;
}

/**
 * Starts the persistence thread, which goes on behind the positions it finds in the database. It keeps
 * trying when the database is away.
 */
export async function startWriter(options: WriterOptions): Promise<Writer> {
  const status = new SharedStatus(SharedStatus.allocate(options.topology.shardCount));
  const settings: WriterSettings = {
    topology: options.topology,
    databaseUrl: options.databaseUrl,
    historyId: options.historyId ?? null,
    spoolDirectory: join(options.dataDir, 'spool'),
    isHeld: options.isHeld ?? false,
    retentionDays: options.retentionDays ?? null,
    memoryBudgetBytes: options.memoryBudgetBytes ?? MEMORY_BUDGET_BYTES,
    status: status.shared,
  };
  const worker = new Worker(new URL('./writer-thread.js', import.meta.url), {
    name: 'persistence',
    workerData: settings,
  });
  const thread = new WriterThread(worker, status, options.log ?? ((line) => console.error(line)));
  await thread.ready;
  return thread;
}

class WriterThread implements Writer {
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
  historyBegins: readonly HistoryBegin[] | null = null;
  readonly #worker: Worker;
  readonly #status: SharedStatus;
  readonly #stopped: Promise<{ drained: boolean }>;
  #lastError: string | null = null;
  #isForced = false;

  constructor(worker: Worker, status: SharedStatus, log: (line: string) => void) {
    this.#worker = worker;
    this.#status = status;
    const ready = withResolvers<void>();
    const stopped = withResolvers<{ drained: boolean }>();
    const ended = withResolvers<void>();
    let isStopped = false;
    let lastLine: string | null = null;
    const die = (error: Error) => {
      this.#lastError = error.message;
      for (const end of [ready, stopped, ended]) end.reject(error);
    };
    worker.on('message', (message: WriterMessage) => {
      if (message.type === 'ready') ready.resolve();
      if (message.type === 'stopped') {
        isStopped = true;
        stopped.resolve({ drained: message.drained });
      }
      if (message.type === 'trouble') {
        this.#lastError = message.message;
        if (message.message !== lastLine) log(`persistence: ${message.message}`);
        lastLine = message.message;
      }
      if (message.type === 'dropped') this.historyBegins = message.begins;
      if (message.type === 'refused') log(`persistence: ${message.message}`);
      if (message.type === 'recovered') {
        log('persistence: the database is connected again');
        lastLine = null;
      }
    });
    worker.once('error', die);
    worker.once('exit', (code) => {
      if (this.#isForced) stopped.resolve({ drained: false });
      if (isStopped || this.#isForced) ended.resolve();
      else die(new Error(`the persistence thread ended with code ${code}`));
    });
    this.ready = ready.promise;
    this.ended = ended.promise;
    this.#stopped = stopped.promise;
    // Whoever awaits them hears of a failure; it need not be everyone.
    this.ended.catch(() => {});
    this.#stopped.catch(() => {});
  }

  status(): WriterStatus {
    return this.#status.read(this.#lastError);
  }

  reach(shard: number, sequence: number, timeoutMs: number): Promise<Reach> {
    if (!this.#status.isCommitted(shard, sequence)) {
      this.#worker.postMessage({ type: 'hurry' } satisfies HurryWriter);
    }
    return this.#status.reach(shard, sequence, timeoutMs);
  }

  release(): void {
    this.#worker.postMessage({ type: 'release' } satisfies ReleaseWriter);
  }

  async stop(timeoutMs = STOP_TIMEOUT_MS): Promise<{ drained: boolean }> {
    const drainMs = Math.max(0, timeoutMs - LEAVE_MS);
    this.#worker.postMessage({ type: 'stop', timeoutMs: drainMs } satisfies StopWriter);
    const force = setTimeout(() => {
      this.#isForced = true;
      void this.#worker.terminate();
    }, drainMs + LEAVE_MS);
    try {
      const answer = await this.#stopped;
      await this.ended;
      return answer;
    } finally {
      clearTimeout(force);
    }
  }
}

interface Resolvers<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

/** `Promise.withResolvers`, which Node 20 has not. */
function withResolvers<T>(): Resolvers<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((resolvePromise, rejectPromise) => {
    resolve = resolvePromise;
    reject = rejectPromise;
  });
  return { promise, resolve, reject };
}
