import { assert } from '../assert.ts';
import { type Disk, withFile, writeFully } from './disk.ts';
import { JournalFailure } from './journal-error.ts';
import { syncSegments } from './segments.ts';

/** Where a journal ends: what a `JournalWriter` goes on from. */
export interface JournalEnd {
  /** Of the entry that comes next. */
  readonly nextSequence: number;
  /** Time of the last entry, 0 when there never was one. */
  readonly lastTimeUs: number;
  /** Null when there is none. */
  readonly newestSegment: NewestSegment | null;
  /** Bytes that a crash cut short and that never counted, for `repairJournal` to cut off; without the zeros behind them. */
  readonly tornBytes: number;
}

export interface NewestSegment {
  readonly path: string;
  /** What the checksums of its batches start from. */
  readonly checksum: number;
  readonly fileBytes: number;
  /** Where its good batches end, bytes from its start; what is behind them is zeros, if nothing is torn. */
  readonly endBytes: number;
  /** The last of them, a copy; empty when there is none. */
  readonly lastBatch: Uint8Array;
}

/**
 * Makes durable all that was read, and changes no byte of it. A process that died may have handed it to the operating
 * system only; or its last sync failed, and what was read is in memory alone, where the next sync passes over it
 * ("fsyncgate"). So the last batch is written again, as it is.
 *
 * @throws JournalFailure when the disk refuses
 */
export function syncJournal(disk: Disk, directory: string, end: JournalEnd): void {
  const { newestSegment } = end;
  try {
    if (newestSegment !== null && newestSegment.lastBatch.length > 0) {
      const { path, endBytes, lastBatch } = newestSegment;
      const start = endBytes - lastBatch.length;
      withFile(disk, path, 'update', (file) => {
        writeFully(disk, file, lastBatch, 0, lastBatch.length, start);
      });
    }
    // All of them: after a run with durability `os`, any may be in memory only.
    syncSegments(disk, directory);
  } catch (error) {
    throw new JournalFailure('sync', directory, error);
  }
}

/**
 * Cuts off, durably, what is torn at the end of a journal; answers the end as it then is.
 *
 * @throws JournalFailure when the disk refuses
 */
export function repairJournal(disk: Disk, end: JournalEnd): JournalEnd {
  const { newestSegment: segment, tornBytes } = end;
  if (segment === null || tornBytes === 0) return end;
  const { path, endBytes } = segment;
  assert(endBytes + tornBytes <= segment.fileBytes, 'more is torn than there is');
  try {
    withFile(disk, path, 'update', (file) => {
      disk.truncate(file, endBytes);
      disk.sync(file);
    });
  } catch (error) {
    throw new JournalFailure('cut the torn end off', path, error);
  }
  return { ...end, newestSegment: { ...segment, fileBytes: endBytes }, tornBytes: 0 };
}
