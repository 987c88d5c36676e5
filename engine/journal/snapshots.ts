import { join } from 'node:path';
import type { Shard } from '../shard/shard.ts';
import { SnapshotError } from '../snapshot/snapshot-error.ts';
import type { Disk } from './disk.ts';
import type { JournalIdentity } from './journal-layout.ts';
import { loadSnapshot, refusedByDisk, verifySnapshot, writeSnapshot } from './snapshot-file.ts';
import { journalSequenceOf, type SnapshotHeader, snapshotName } from './snapshot-layout.ts';

/** Ends the name of a snapshot while it is made. */
const UNFINISHED = '.new';

/** A snapshot that could not be used, and why. */
export interface RefusedSnapshot {
  readonly path: string;
  readonly error: SnapshotError;
}

/** What a directory has to begin with. */
export interface NewestSnapshot {
  /** Null when there is no snapshot that can be used. */
  readonly loaded: LoadedSnapshot | null;
  /** Newer ones than it, or all of them; the newest first. */
  readonly refused: readonly RefusedSnapshot[];
}

/** A snapshot whose every byte fits its checksums. */
export interface WholeSnapshot {
  readonly path: string;
  readonly header: SnapshotHeader;
}

export interface LoadedSnapshot extends WholeSnapshot {
  readonly shard: Shard;
}

/**
 * The snapshots' paths in a directory, by their names the newest first; other files in it are no concern.
 *
 * @throws SnapshotError SNAPSHOT_FAILED
 */
export function listSnapshots(disk: Disk, directory: string): string[] {
  return namesIn(disk, directory)
    .filter((name) => journalSequenceOf(name) !== null)
    .sort()
    .reverse()
    .map((name) => join(directory, name));
}

/**
 * Checks every snapshot of a directory; answers those that are whole, of this shard and of this format, and what is
 * wrong with the others, both the newest first. Loads none.
 *
 * @throws SnapshotError SNAPSHOT_FAILED when the directory cannot be read; a file that cannot is refused
 */
export function findSnapshots(
  disk: Disk,
  directory: string,
  identity: JournalIdentity,
): { readonly whole: readonly WholeSnapshot[]; readonly refused: readonly RefusedSnapshot[] } {
  const whole: WholeSnapshot[] = [];
  const refused: RefusedSnapshot[] = [];
  for (const path of listSnapshots(disk, directory)) {
    try {
      whole.push({ path, header: verifySnapshot(disk, path, identity) });
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      refused.push({ path, error });
    }
  }
  return { whole, refused };
}

/**
 * Loads the newest snapshot that is whole, of this shard and of this format, and says why newer ones were not taken.
 * Changes nothing.
 *
 * @param makeShard a new one for each attempt
 * @throws SnapshotError SNAPSHOT_FAILED when the directory cannot be read; a file that cannot is refused
 */
export function loadNewestSnapshot(
  disk: Disk,
  directory: string,
  identity: JournalIdentity,
  makeShard: () => Shard,
): NewestSnapshot {
  const refused: RefusedSnapshot[] = [];
  for (const path of listSnapshots(disk, directory)) {
    const shard = makeShard();
    try {
      const header = loadSnapshot(disk, path, identity, shard);
      return { loaded: { path, header, shard }, refused };
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      refused.push({ path, error });
    }
  }
  return { loaded: null, refused };
}

/**
 * Makes a durable snapshot of a shard between two inputs: under a name of its own, loaded again, and then renamed, so
 * that what bears a snapshot's name was whole and led to this state. Older ones stay.
 *
 * @param journalSequence of the last entry that the shard has applied
 * @param makeShard a new one, to be loaded
 * @throws SnapshotError SNAPSHOT_FAILED or, when what was read back is not what was written, SNAPSHOT_DAMAGED; the
 *   older snapshots are as they were
 */
export function saveSnapshot(
  disk: Disk,
  directory: string,
  identity: JournalIdentity,
  shard: Shard,
  journalSequence: number,
  makeShard: () => Shard,
): SnapshotHeader {
  removeUnfinished(disk, directory);
  const path = join(directory, snapshotName(journalSequence));
  const newPath = path + UNFINISHED;
  let header: SnapshotHeader;
  try {
    header = writeSnapshot(disk, newPath, identity, shard, journalSequence);
    loadSnapshot(disk, newPath, identity, makeShard());
  } catch (error) {
    giveRoomBack(disk, newPath);
    throw error;
  }
  changing(disk, directory, () => disk.rename(newPath, path));
  return header;
}

/**
 * Deletes the snapshots that are older than `journalSequence`, whole or not; answers how many.
 *
 * @throws SnapshotError SNAPSHOT_FAILED
 */
export function deleteSnapshotsBefore(
  disk: Disk,
  directory: string,
  journalSequence: number,
): number {
  const keptPath = join(directory, snapshotName(journalSequence));
  const old = listSnapshots(disk, directory).filter((path) => path < keptPath);
  if (old.length === 0) return 0;
  changing(disk, directory, () => {
    for (const path of old) disk.remove(path);
  });
  return old.length;
}

/** Removes what a crash left of snapshots that were being made. */
function removeUnfinished(disk: Disk, directory: string): void {
  for (const name of namesIn(disk, directory)) {
    if (!name.endsWith(UNFINISHED)) continue;
    if (journalSequenceOf(name.slice(0, -UNFINISHED.length)) === null) continue;
    changing(disk, directory, () => disk.remove(join(directory, name)));
  }
}

/** Where the disk is full, half a snapshot is in everybody's way; if it cannot be removed now, it will be later. */
function giveRoomBack(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch {}
}

/** Changes names in a directory, durably. */
function changing(disk: Disk, directory: string, change: () => void): void {
  try {
    change();
    disk.syncDirectory(directory);
  } catch (error) {
    throw refusedByDisk('change', directory, error);
  }
}

function namesIn(disk: Disk, directory: string): string[] {
  try {
    return disk.list(directory);
  } catch (error) {
    throw refusedByDisk('list', directory, error);
  }
}
