import type { Shard } from '../shard/shard.ts';
import { compactJournal } from './compaction.ts';
import type { Disk } from './disk.ts';
import { type Cleaning, cleanHistory, type Heard } from './history-cleaning.ts';
import type { JournalIdentity } from './journal-layout.ts';
import { JournalReader } from './journal-reader.ts';
import type { JournalDurability } from './journal-writer.ts';
import { syncSegments } from './segments.ts';
import { findSnapshots, type RefusedSnapshot } from './snapshots.ts';

/** The care for a shard's snapshots and segments, while its journal is written. */
export interface HistoryCare {
  readonly durability: JournalDurability;
  /** Of the last input that the next snapshot is to have, which is committed; 0 to make none. */
  readonly sequence: number;
  /** What the others hold of the shard, for what can go. */
  readonly heard: Heard;
  /** Only snapshots go; the journal stays whole. */
  readonly keepsSegments?: boolean;
}

/** What was done, and what there is now. */
export interface KeptHistory extends Cleaning {
  /** Snapshots that are of no use, the newest first; they stay until newer ones replace them. */
  readonly refused: readonly RefusedSnapshot[];
  /** Inputs by which the new snapshot is ahead of the one it was made from; 0 when none was made. */
  readonly inputs: number;
}

/**
 * Makes the next snapshot of a shard from its last one and its journal, then deletes what no recovery will need. May be
 * broken off at any moment: what there is then is as good for a recovery.
 *
 * @param makeReplica see `compactJournal`
 * @throws SnapshotError, JournalFailure, JournalDamage; or what the replica asserts
 */
export function keepHistory(
  disk: Disk,
  directory: string,
  identity: JournalIdentity,
  { durability, sequence, heard, keepsSegments }: HistoryCare,
  makeReplica?: () => Shard,
): KeptHistory {
  let inputs = 0;
  if (sequence > 0) {
    const reader = new JournalReader(disk, directory, identity);
    inputs = compactJournal(
      disk,
      directory,
      identity,
      (from, visit) => {
        if (from > sequence) return;
        reader.readRange(from, sequence, visit);
        // A snapshot that outlives a power cut must not be of inputs that do not.
        if (durability === 'os') syncSegments(disk, directory);
      },
      makeReplica,
    ).entries;
  }
  const { whole, refused } = findSnapshots(disk, directory, identity);
  return { ...cleanHistory(disk, directory, whole, heard, keepsSegments), refused, inputs };
}
