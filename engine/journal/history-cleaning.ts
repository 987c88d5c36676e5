import type { ShardPositions } from '../shard/shard-hash.ts';
import type { Disk } from './disk.ts';
import { deleteSegmentsBefore } from './segments.ts';
import type { SnapshotHeader } from './snapshot-layout.ts';
import { deleteSnapshotsBefore, type WholeSnapshot } from './snapshots.ts';

/** What the others hold for good of what a shard said. */
export interface Heard {
  /** The last of its events whose rows are committed in the database. */
  readonly events: number;
  /** By shard: the last of its messages that the receiver's journal, or a snapshot of the receiver, has. */
  readonly messages: readonly number[];
}

/**
 * Whether a shard can go on from this state for good: nothing that it had said by then will ever be asked for again. A
 * shard that replays from here causes only what is behind, so what the others lack must be behind too.
 */
export function isHeard({ eventSequence, sentTo }: ShardPositions, heard: Heard): boolean {
  return eventSequence <= heard.events && sentTo.every((sent, to) => sent <= heard.messages[to]!);
}

/** What is left of the snapshots, the newest first, and how many files were deleted. */
export interface Cleaning {
  readonly left: readonly SnapshotHeader[];
  readonly snapshots: number;
  readonly segments: number;
}

/**
 * The newest snapshot of which nothing older is needed, of a list that begins with the newest: the second of those that
 * have been heard, so that a recovery can begin with either of two. Null while there is none.
 */
export function oldestNeeded(
  headers: readonly SnapshotHeader[],
  heard: Heard,
): SnapshotHeader | null {
  const [, older] = headers.filter(({ positions }) => isHeard(positions, heard));
  return older ?? null;
}

/**
 * Deletes what no recovery will need: snapshots and segments that are older than the second newest whole snapshot of
 * those that have been heard. So one file that rots is one too few to matter, at any moment.
 *
 * @param whole the snapshots of the directory, as `findSnapshots` has just found them
 * @param keepsSegments leaves the segments, from which the tables of a projection can be made anew
 * @throws SnapshotError, JournalFailure when the disk refuses
 */
export function cleanHistory(
  disk: Disk,
  directory: string,
  whole: readonly WholeSnapshot[],
  heard: Heard,
  keepsSegments = false,
): Cleaning {
  const headers = whole.map(({ header }) => header);
  const needed = oldestNeeded(headers, heard);
  if (needed === null) return { left: headers, snapshots: 0, segments: 0 };
  const { journalSequence } = needed;
  return {
    left: headers.slice(0, headers.indexOf(needed) + 1),
    snapshots: deleteSnapshotsBefore(disk, directory, journalSequence),
    segments: keepsSegments ? 0 : deleteSegmentsBefore(disk, directory, journalSequence + 1),
  };
}
