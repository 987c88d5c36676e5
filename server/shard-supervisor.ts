import type { RecoveryBoard } from '../engine/shard/recovery-board.ts';
import type { ShardFailure } from '../engine/shard/shard-failure.ts';
import type { ShardPool } from '../engine/shard/shard-pool.ts';
import type { JournalTask } from '../engine/shard/shard-thread.ts';
import type { HaltedShard } from './admin/venue-status.ts';
import type { EngineClient } from './engine/engine-client.ts';
import { firstLine, type Log } from './log.ts';
import { RestartPauses } from './restart-pauses.ts';
import { inWords, reportTornEnd } from './snapshots/report-recovery.ts';

/** What another start would find again. */
const LASTING: ReadonlySet<string> = new Set([
  ...['JOURNAL_DAMAGED', 'SNAPSHOT_MISSING', 'HISTORY_MISMATCH', 'REPLAY_FAILED'],
]);

/** What a venue has that keeps journals. */
export interface SupervisedHistory {
  /** By shard. */
  readonly tasks: readonly JournalTask[];
  readonly board: RecoveryBoard;
  /** By shard: the last event that the database holds, now. */
  readonly positions: () => readonly number[];
}

interface SupervisorParts {
  readonly pool: ShardPool;
  readonly engine: EngineClient;
  /** Null: no shard can start again. */
  readonly history: SupervisedHistory | null;
  readonly log: Log;
}

/** One shard's lives. */
interface Watched {
  /** Of the present one, or the last. */
  stopped: Promise<void>;
  readonly pauses: RestartPauses;
  timer: NodeJS.Timeout | undefined;
  /** Names the message of another shard that it failed on last. */
  lastPoison: string | null;
}

/**
 * Sees to it that a shard that fails halts its own markets only, and comes back by recovery: at once, then after
 * growing pauses, unless another start would find the same again. An input of the gateway's that a shard fails on is
 * gone with it; a message of another shard's comes again, since its sender has booked it, so a shard that fails on one
 * a second time stays halted.
 */
export class ShardSupervisor {
  /** By shard: rejects when it has failed and the venue cannot be without it. */
  readonly fatal: readonly Promise<void>[];
  /** By shard: how often it has come back. */
  readonly restarts: number[];
  readonly #parts: SupervisorParts;
  readonly #shards: readonly Watched[];
  readonly #halted = new Map<number, HaltedShard>();
  /** Told before anybody is served: then a failure is one of the start. */
  #isServing = false;
  #isStopping = false;
  #hasLost = false;

  constructor(parts: SupervisorParts) {
    const { stopped } = parts.pool;
    this.#parts = parts;
    this.restarts = stopped.map(() => 0);
    this.#shards = stopped.map((end) => ({
      stopped: end,
      pauses: new RestartPauses(performance.now()),
      timer: undefined,
      lastPoison: null,
    }));
    this.fatal = stopped.map((_end, shard) => {
      return new Promise((_resolve, reject) => this.#watch(shard, reject));
    });
    for (const fatal of this.fatal) fatal.catch(() => {});
    parts.engine.onShardReturned((shard) => this.#returned(shard));
  }

  /** Those that do not run, by number. */
  get halted(): HaltedShard[] {
    return [...this.#halted.values()].sort((a, b) => a.shard - b.shard);
  }

  /**
   * The ends of those that run; of all of them when one is lost for good, so that its loss is told. Of none when that
   * was before anybody was served: they wait for the lost one, and have said nothing.
   */
  get running(): Map<number, Promise<void>> {
    if (this.#hasLost && !this.#isServing) return new Map();
    const entries = this.#shards.map(({ stopped }, shard) => [shard, stopped] as const);
    return new Map(entries.filter(([shard]) => this.#hasLost || !this.#halted.has(shard)));
  }

  /** Whether one has failed that the venue cannot be without: nobody answers what it was asked. */
  get hasLost(): boolean {
    return this.#hasLost;
  }

  /** From now on a failure is no longer the end of the start. */
  serve(): void {
    this.#isServing = true;
  }

  /** Starts no shard any more, and ends those that have not come back. What they have not said the next start says. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const { timer } of this.#shards) clearTimeout(timer);
    await Promise.all([...this.#halted.keys()].map((shard) => this.#parts.pool.end(shard)));
  }

  #watch(shard: number, onFatal: (failure: unknown) => void): void {
    this.#shards[shard]!.stopped.catch((error: ShardFailure) => {
      // It had not come back, and was ended by `stop`.
      if (this.#isStopping && this.#halted.has(shard)) return;
      if (!this.#failed(shard, error)) onFatal(error);
      else this.#scheduleRestart(shard, onFatal);
    });
  }

  /** Halts what the shard has; false when the venue must end. */
  #failed(shard: number, error: ShardFailure): boolean {
    const { engine, history, log } = this.#parts;
    const watched = this.#shards[shard]!;
    const isReturning = !this.#isStopping && this.#mayReturn(watched, error);
    const quarantineFile =
      error.details.file && error.code === 'POISONED_INPUT' ? String(error.details.file) : null;
    const message = firstLine(error);
    const isLost = history === null || !this.#isServing;
    // What it has said is heard first, perhaps that it has returned.
    if (!isLost) engine.shardDown(shard);
    this.#halted.set(shard, { shard, code: error.code, message, quarantineFile, isReturning });
    if (isLost) {
      this.#hasLost = true;
      return false;
    }
    const { board, tasks } = history!;
    board.setDown(shard, true);
    reportTornEnd(board, shard, tasks[shard]!.directory, log);
    const kept = quarantineFile === null ? '' : ` The input is kept in ${quarantineFile}.`;
    const next = isReturning ? 'it is started again' : 'it stays halted';
    log.error(
      `Shard ${shard} has failed (${error.code}): ${message}.${kept} Its markets are halted; ${next}.`,
    );
    return true;
  }

  #mayReturn(watched: Watched, { code, details }: ShardFailure): boolean {
    if (LASTING.has(code)) return false;
    if (code !== 'POISONED_INPUT' || Number(details.source) < 0) return true;
    const poison = `${details.source} ${details.sequence} ${details.file}`;
    const isRepeated = poison === watched.lastPoison;
    watched.lastPoison = poison;
    return !isRepeated;
  }

  #scheduleRestart(shard: number, onFatal: (failure: unknown) => void): void {
    const watched = this.#shards[shard]!;
    if (!this.#halted.get(shard)!.isReturning) return;
    const pauseMs = watched.pauses.next(performance.now());
    watched.timer = setTimeout(() => this.#restart(shard, onFatal), pauseMs);
  }

  #restart(shard: number, onFatal: (failure: unknown) => void): void {
    const { pool, engine, history } = this.#parts;
    const { tasks, positions } = history!;
    const watched = this.#shards[shard]!;
    const projectedSequence = positions()[shard]!;
    const heardSequence = engine.lastSequence(shard);
    watched.stopped = pool.restart(shard, { ...tasks[shard]!, projectedSequence, heardSequence });
    this.#watch(shard, onFatal);
  }

  #returned(shard: number): void {
    // It is being ended.
    if (this.#isStopping) return;
    const { history, log } = this.#parts;
    const { board, tasks } = history!;
    this.#shards[shard]!.pauses.returned(performance.now());
    this.#halted.delete(shard);
    this.restarts[shard]!++;
    const recovered = inWords(shard, tasks[shard]!.directory, board.recovered(shard));
    log.info(`Shard ${shard} is back: ${recovered}.`);
    board.forgetTornEnd(shard);
  }
}
