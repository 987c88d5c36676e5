import { setFlagsFromString } from 'node:v8';
import { compactJournal } from '../journal/compaction.ts';
import { nodeDisk } from '../journal/disk.ts';
import { cleanHistory, type Heard } from '../journal/history-cleaning.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import type { JournalDurability } from '../journal/journal-writer.ts';
import { syncSegments } from '../journal/segments.ts';
import type { SnapshotHeader } from '../journal/snapshot-layout.ts';
import { findSnapshots } from '../journal/snapshots.ts';
import { INLINING_OPTION } from './inlining.ts';
import { type FailureReport, reportOf } from './shard-failure.ts';

setFlagsFromString(INLINING_OPTION);

/** The care for one shard's snapshots and segments. */
export interface SnapshotTask {
  readonly shard: number;
  readonly shardCount: number;
  /** Of the shard's segments and snapshots. */
  readonly directory: string;
  readonly durability: JournalDurability;
  /** Of the last input that the next snapshot is to have, which is committed; 0 to make none. */
  readonly sequence: number;
  /** What the others hold of the shard, for what can go. */
  readonly heard: Heard;
}

/** How a shard's snapshots stand, and what was done. */
export interface SnapshotReport {
  /** Of all that are whole, the newest first. */
  readonly headers: readonly SnapshotHeader[];
  /** What is wrong with the others. */
  readonly refused: readonly string[];
  /** Inputs by which the new snapshot is ahead of the one it was made from; 0 when none was made. */
  readonly inputs: number;
  readonly snapshotsDeleted: number;
  readonly segmentsDeleted: number;
  readonly elapsedMs: number;
}

/**
 * The entry of the snapshots' thread: makes the next snapshot of a shard from its last one and its journal, beside the
 * shard, which takes no part in it; then deletes what no recovery will need. What goes wrong is answered as a
 * `FailureReport`; the snapshots and the journal are good for a recovery all the same.
 */
export default function keepSnapshots(task: SnapshotTask): SnapshotReport | FailureReport {
  try {
    return keep(task);
  } catch (error) {
    return reportOf(error);
  }
}

function keep({
  directory,
  durability,
  sequence,
  heard,
  ...identity
}: SnapshotTask): SnapshotReport {
  const startMs = performance.now();
  let inputs = 0;
  if (sequence > 0) {
    const reader = new JournalReader(nodeDisk, directory, identity);
    inputs = compactJournal(nodeDisk, directory, identity, (from, visit) => {
      if (from > sequence) return;
      reader.readRange(from, sequence, visit);
      // A snapshot that outlives a power cut must not be of inputs that do not.
      if (durability === 'os') syncSegments(nodeDisk, directory);
    }).entries;
  }
  const { whole, refused } = findSnapshots(nodeDisk, directory, identity);
  const { left, snapshots, segments } = cleanHistory(nodeDisk, directory, whole, heard);
  return {
    headers: left,
    refused: refused.map(({ error }) => error.message),
    inputs,
    snapshotsDeleted: snapshots,
    segmentsDeleted: segments,
    elapsedMs: performance.now() - startMs,
  };
}
