import { type Heard, isHeard, oldestNeeded } from '../../engine/journal/history-cleaning.ts';
import type { SnapshotHeader } from '../../engine/journal/snapshot-layout.ts';
import { JournalPositions } from '../../engine/shard/journal-positions.ts';
import type { RecoveryBoard } from '../../engine/shard/recovery-board.ts';
import { SnapshotPool } from '../../engine/shard/snapshot-pool.ts';
import type { SnapshotReport } from '../../engine/shard/snapshot-thread.ts';
import type { ShardSnapshots, SnapshotStatus } from '../admin/venue-status.ts';
import type { History } from '../history.ts';
import { firstLine, type Log } from '../log.ts';

const CHECK_INTERVAL_MS = 500;
/** After a failure, which has seldom passed a moment later. */
const RETRY_MS = 60_000;

/** Snapshots of a shard that somebody has not heard out yet: with so many, it waits for him before it makes another. */
const UNHEARD_MAX = 3;

/** What the keeper knows of one shard. */
interface Kept {
  /** Whole snapshots, the newest first; null before anybody has looked. */
  headers: readonly SnapshotHeader[] | null;
  /** Of the oldest snapshot that was needed when it was last cleaned up. */
  cleanedTo: number;
  refused: readonly string[];
}

/** What the keeper is told. */
export interface SnapshotKeeperOptions {
  readonly history: History;
  /** `JournalPositions` of the running shards. */
  readonly journals: SharedArrayBuffer;
  readonly board: RecoveryBoard;
  /** By shard: the last event whose rows are committed. */
  readonly projected: () => readonly number[];
  /** The last event of a shard that the gateway has heard. */
  readonly heard: (shard: number) => number;
  /** A shard's snapshot is due when its journal has so many inputs more than the one before; 0 = never. */
  readonly inputsPerSnapshot: number;
  /** Journals stay whole. */
  readonly keepsSegments: boolean;
  readonly log: Log;
}

/**
 * Has snapshots made when they are due, and what they replace deleted, on a thread of their own. Nothing of trading
 * depends on it: when it fails, the journals grow, and it says so.
 *
 * When one shard's snapshot is due, every shard with news gets one, one shard after the other: it is by each other's
 * snapshots that shards prove which messages they have for good.
 */
export class SnapshotKeeper implements SnapshotStatus {
  failures = 0;
  lastError: string | null = null;
  readonly #options: SnapshotKeeperOptions;
  readonly #journals: JournalPositions;
  readonly #pool = new SnapshotPool();
  readonly #kept: readonly Kept[];
  readonly #timer: NodeJS.Timeout;
  #isBusy = false;
  #isStopped = false;
  #notBeforeMs = 0;

  constructor(options: SnapshotKeeperOptions) {
    this.#options = options;
    this.#journals = new JournalPositions(options.journals);
    this.#kept = options.history.directories.map(() => ({
      ...{ headers: null, cleanedTo: 0, refused: [] },
    }));
    this.#timer = setInterval(() => void this.#check(), CHECK_INTERVAL_MS);
  }

  get shards(): ShardSnapshots[] {
    return this.#kept.map((_kept, shard) => {
      const snapshotPosition = this.#newest(shard);
      const journalPosition = this.#journals.committed(shard);
      return { journalPosition, snapshotPosition };
    });
  }

  /** Ends also what is being made; the last snapshots stay as they are. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#pool.close();
  }

  async #check(): Promise<void> {
    if (this.#isBusy || performance.now() < this.#notBeforeMs) return;
    this.#isBusy = true;
    try {
      const isDue = this.#kept.some((_kept, shard) => this.#isDue(shard));
      const failuresBefore = this.failures;
      let cared = 0;
      for (const shard of this.#kept.keys()) cared += Number(await this.#care(shard, isDue));
      if (cared > 0 && this.failures === failuresBefore) this.lastError = null;
    } catch (error) {
      this.#fail(`snapshots: ${firstLine(error)}`);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Does what is to be done for a shard; answers whether there was anything. */
  async #care(shard: number, isRound: boolean): Promise<boolean> {
    const committed = this.#journals.committed(shard);
    if (this.#isStopped || committed === null) return false;
    const isToMake = isRound && committed > this.#newest(shard) && this.#hasRoom(shard);
    if (!isToMake && !this.#isToClean(shard)) return false;
    const heard = this.#heard(shard);
    const { history, keepsSegments } = this.#options;
    const { directories, durability } = history;
    const answer = await this.#pool.run({
      ...{ shard, shardCount: directories.length, directory: directories[shard]!, durability },
      ...{ sequence: isToMake ? committed : 0, heard },
      keepsSegments,
    });
    if ('headers' in answer) this.#take(shard, answer, heard);
    else this.#fail(`snapshot of shard ${shard}: ${answer.code}: ${answer.message}`);
    return true;
  }

  /** @param heard what the shard's files were cleaned up by */
  #take(shard: number, report: SnapshotReport, heard: Heard): void {
    const kept = this.#kept[shard]!;
    const { headers, refused } = report;
    for (const reason of refused) {
      if (!kept.refused.includes(reason)) this.#options.log.error(`shard ${shard}: ${reason}`);
    }
    kept.headers = headers;
    kept.refused = refused;
    kept.cleanedTo = oldestNeeded(headers, heard)?.journalSequence ?? 0;
  }

  #fail(what: string): void {
    if (this.#isStopped) return;
    this.failures++;
    this.lastError = what;
    this.#notBeforeMs = performance.now() + RETRY_MS;
    this.#options.log.error(what);
  }

  #isDue(shard: number): boolean {
    const committed = this.#journals.committed(shard);
    const { inputsPerSnapshot } = this.#options;
    if (committed === null || inputsPerSnapshot === 0 || !this.#hasRoom(shard)) return false;
    return committed - this.#newest(shard) >= inputsPerSnapshot;
  }

  /** Of the last input in its newest snapshot; 0 when it has none. */
  #newest(shard: number): number {
    const { headers } = this.#kept[shard]!;
    if (headers !== null) return headers[0]?.journalSequence ?? 0;
    return this.#options.board.recovered(shard).snapshotSequence;
  }

  #hasRoom(shard: number): boolean {
    const { headers } = this.#kept[shard]!;
    const heard = this.#heard(shard);
    const unheard = headers?.filter(({ positions }) => !isHeard(positions, heard)) ?? [];
    return unheard.length < UNHEARD_MAX;
  }

  #isToClean(shard: number): boolean {
    const { headers, cleanedTo } = this.#kept[shard]!;
    const needed = oldestNeeded(headers ?? [], this.#heard(shard));
    return needed !== null && needed.journalSequence > cleanedTo;
  }

  /**
   * What the others hold of a shard for good: events whose rows are committed and that the gateway has heard, since a
   * shard that starts again by itself must be able to say to it what it has not; and messages that were in the
   * receiver's journal when it was read or are in a snapshot of the receiver. Without syncs a power cut may take from a
   * journal, but not what a snapshot was made of.
   */
  #heard(shard: number): Heard {
    const { history, board, projected, heard } = this.#options;
    const isSynced = history.durability === 'fsync';
    const messages = this.#kept.map(({ headers }, to) => {
      const inSnapshot = headers?.[0]?.positions.consumedFrom[shard] ?? 0;
      return Math.max(inSnapshot, isSynced ? board.consumed(to, shard) : 0);
    });
    return { events: Math.min(projected()[shard]!, heard(shard)), messages };
  }
}
