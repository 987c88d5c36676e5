import { assert } from '../assert.ts';
import type { Random } from '../collections/random.ts';
import type { Disk } from '../journal/disk.ts';
import { type Heard, isHeard } from '../journal/history-cleaning.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import type { JournalDurability } from '../journal/journal-writer.ts';
import { listSegments } from '../journal/segments.ts';
import type { SimulatedDisk } from '../journal/simulated-disk.fixture.ts';
import { findSnapshots } from '../journal/snapshots.ts';
import type { RecoveryBoard } from '../shard/recovery-board.ts';
import type { RecoveryParts } from './crash-conditions.ts';
import type { ArchivedEntry } from './journal-audit.ts';

/**
 * Has snapshots made and old segments deleted as a venue's own keeper does, at moments of the seed's choice; before that
 * puts all that may go into an archive, which only the simulation's audits read.
 */
export class HistoryKeeper {
  /** By what came of it: snapshots, deleted snapshots and segments, snapshots that rotted. */
  readonly counts = new Map<string, number>();
  readonly #shardCount: number;
  readonly #disk: SimulatedDisk;
  readonly #durability: JournalDurability;
  readonly #keep: RecoveryParts['keepHistory'];
  readonly #archives: readonly ArchivedEntry[][];

  constructor(
    shardCount: number,
    disk: SimulatedDisk,
    durability: JournalDurability,
    keep: RecoveryParts['keepHistory'],
  ) {
    this.#shardCount = shardCount;
    this.#disk = disk;
    this.#durability = durability;
    this.#keep = keep;
    this.#archives = Array.from({ length: shardCount }, () => []);
  }

  /** A shard's first entries. */
  archive(shard: number): readonly ArchivedEntry[] {
    return this.#archives[shard]!;
  }

  /**
   * Makes the next snapshot of a shard, with all that is committed, and cleans up.
   *
   * @param disk on which the process may die
   * @param committed sequence of the last entry
   * @param projectedSequence the last event that the database holds
   */
  keep(
    shard: number,
    disk: Disk,
    committed: number,
    projectedSequence: number,
    board: RecoveryBoard,
  ): void {
    this.#fillArchive(shard, committed);
    const identity = { shard, shardCount: this.#shardCount };
    const heard = this.#heard(shard, projectedSequence, board);
    const care = { durability: this.#durability, sequence: committed, heard };
    const kept = this.#keep(disk, directoryOf(shard), identity, care);
    this.#count('snapshots', Number(kept.inputs > 0));
    this.#count('snapshots deleted', kept.snapshots);
    this.#count('segments deleted', kept.segments);
  }

  /** Between two processes: perhaps the newest snapshot of a shard rots, if another will do. */
  rot(shard: number, random: Random, projectedSequence: number, board: RecoveryBoard): void {
    const directory = directoryOf(shard);
    const identity = { shard, shardCount: this.#shardCount };
    const [newest, ...older] = findSnapshots(this.#disk, directory, identity).whole;
    if (newest === undefined) return;
    const heard = this.#heard(shard, projectedSequence, board);
    const isOtherLeft = older.some(({ header }) => isHeard(header.positions, heard));
    const isWholeJournal = listSegments(this.#disk, directory)[0]?.firstSequence === 1;
    if (!isOtherLeft && !isWholeJournal) return;
    const bits = this.#disk.contentOf(newest.path).length * 8;
    this.#disk.flipBit(newest.path, random.below(bits));
    this.#count('rotten snapshots', 1);
  }

  #fillArchive(shard: number, committed: number): void {
    const archive = this.#archives[shard]!;
    if (committed <= archive.length) return;
    const identity = { shard, shardCount: this.#shardCount };
    const reader = new JournalReader(this.#disk, directoryOf(shard), identity);
    const first = archive.length + 1;
    reader.readRange(first, committed, (sequence, source, timeUs, bytes, start, end) => {
      assert(sequence === archive.length + 1, 'an archive with a gap');
      archive.push({ source, timeUs, frame: Uint8Array.from(bytes.subarray(start, end)) });
    });
  }

  /** As a venue's keeper knows it: from the board, which begins anew with the process, and from the snapshots. */
  #heard(shard: number, events: number, board: RecoveryBoard): Heard {
    const messages = Array.from({ length: this.#shardCount }, (_, to) => {
      const identity = { shard: to, shardCount: this.#shardCount };
      const [newest] = findSnapshots(this.#disk, directoryOf(to), identity).whole;
      const inSnapshot = newest?.header.positions.consumedFrom[shard] ?? 0;
      return Math.max(inSnapshot, board.consumed(to, shard));
    });
    return { events, messages };
  }

  #count(what: string, times: number): void {
    if (times > 0) this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }
}

/** Of a shard's segments and snapshots on the simulated disk. */
export function directoryOf(shard: number): string {
  return `/shard-${shard}`;
}
