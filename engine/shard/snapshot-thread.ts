import { setFlagsFromString } from 'node:v8';
import { nodeDisk } from '../journal/disk.ts';
import { type HistoryCare, keepHistory } from '../journal/history-keeping.ts';
import type { SnapshotHeader } from '../journal/snapshot-layout.ts';
import { INLINING_OPTION } from './inlining.ts';
import { type FailureReport, reportOf } from './shard-failure.ts';

setFlagsFromString(INLINING_OPTION);

export interface SnapshotTask extends HistoryCare {
  readonly shard: number;
  readonly shardCount: number;
  /** Of the shard's segments and snapshots. */
  readonly directory: string;
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

function keep({ shard, shardCount, directory, ...care }: SnapshotTask): SnapshotReport {
  const startMs = performance.now();
  const kept = keepHistory(nodeDisk, directory, { shard, shardCount }, care);
  return {
    headers: kept.left,
    refused: kept.refused.map(({ error }) => error.message),
    inputs: kept.inputs,
    snapshotsDeleted: kept.snapshots,
    segmentsDeleted: kept.segments,
    elapsedMs: performance.now() - startMs,
  };
}
