import { join } from 'node:path';
import { type Disk, withFile, writeFully } from './disk.ts';
import { JournalFailure } from './journal-error.ts';
import { firstSequenceOf, SEGMENT_SUFFIX, segmentName } from './journal-layout.ts';

export interface Segment {
  readonly path: string;
  /** Sequence of the first entry it holds, or will hold. */
  readonly firstSequence: number;
}

/**
 * The segments of a directory, oldest first; other files in it are no concern of the journal.
 *
 * @throws JournalFailure when the disk cannot be read
 */
export function listSegments(disk: Disk, directory: string): Segment[] {
  const segments: Segment[] = [];
  for (const name of namesIn(disk, directory)) {
    const firstSequence = firstSequenceOf(name);
    if (firstSequence !== null) segments.push({ path: join(directory, name), firstSequence });
  }
  return segments.sort((one, other) => one.firstSequence - other.firstSequence);
}

function namesIn(disk: Disk, directory: string): string[] {
  try {
    return disk.list(directory);
  } catch (error) {
    throw new JournalFailure('list', directory, error);
  }
}

/** Ends the name of a segment while it is made. */
const UNFINISHED = '.new';

/** Removes what a crash left of segments that were being made. */
export function removeUnfinishedSegments(disk: Disk, directory: string): void {
  for (const name of namesIn(disk, directory)) {
    if (name.endsWith(SEGMENT_SUFFIX + UNFINISHED)) disk.remove(join(directory, name));
  }
}

/**
 * Makes a segment that begins with `content`, durable when this returns, and answers its open file. It gets its name
 * only when it is whole, in one step, so a crash leaves no half-made segment; one of the same name is replaced.
 */
export function createSegment(
  disk: Disk,
  directory: string,
  firstSequence: number,
  content: Uint8Array,
): number {
  const path = join(directory, segmentName(firstSequence));
  const newPath = path + UNFINISHED;
  const file = disk.open(newPath, 'create');
  try {
    writeFully(disk, file, content, 0, content.length, 0);
    disk.sync(file);
    disk.rename(newPath, path);
    disk.syncDirectory(directory);
  } catch (error) {
    disk.close(file);
    throw error;
  }
  return file;
}

/**
 * Makes durable what was written to the segments so far, by whoever.
 *
 * @throws what the disk throws
 */
export function syncSegments(disk: Disk, directory: string): void {
  for (const { path } of listSegments(disk, directory)) {
    withFile(disk, path, 'update', (file) => disk.sync(file));
  }
}

/**
 * Deletes the segments all of whose entries are below `sequence`, never the newest; answers how many. Any thread may
 * do it while the journal is written, not while something below `sequence` is read.
 *
 * @throws JournalFailure when the disk refuses
 */
export function deleteSegmentsBefore(disk: Disk, directory: string, sequence: number): number {
  const segments = listSegments(disk, directory);
  const isBelow = (_: Segment, index: number): boolean =>
    index + 1 < segments.length && segments[index + 1]!.firstSequence <= sequence;
  const below = segments.filter(isBelow);
  try {
    for (const { path } of below) disk.remove(path);
    if (below.length > 0) disk.syncDirectory(directory);
  } catch (error) {
    throw new JournalFailure('delete segments of', directory, error);
  }
  return below.length;
}
