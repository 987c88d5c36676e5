import { assert } from '../assert.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { Shard } from '../shard/shard.ts';
import { SILENT_PARTS } from '../shard/silent-outputs.ts';
import type { Disk } from './disk.ts';
import type { JournalIdentity } from './journal-layout.ts';
import type { EntryVisitor } from './segment-reader.ts';
import type { SnapshotHeader } from './snapshot-layout.ts';
import { loadNewestSnapshot, type RefusedSnapshot, saveSnapshot } from './snapshots.ts';

/** Visits, in order, every journal entry from a sequence on up to one that is durable: `JournalReader.readRange`. */
export type EntrySource = (from: number, visit: EntryVisitor) => void;

/** What a compaction came to. */
export interface Compaction {
  /** Of the snapshot that there is now: the new one, or the old one when no entry came after it. */
  readonly header: SnapshotHeader | null;
  /** Journal entries that were applied to the old snapshot. */
  readonly entries: number;
  /** Newer snapshots than the one it began with, and why they were not taken. */
  readonly refused: readonly RefusedSnapshot[];
}

/**
 * Makes the next snapshot of a shard from the newest one and the journal entries since, without the shard itself: a
 * replica applies them and nobody hears what it says. Takes memory and time as the shard's recovery does, so it
 * is for a thread that nobody waits for. Journal and older snapshots stay: see `history-cleaning.ts`.
 *
 * @param directory of the snapshots; without one that can be used, it begins with the first entry ever
 * @param makeReplica the simulation's to choose
 * @throws SnapshotError, and what `entries` throws; the snapshots are as they were
 */
export function compactJournal(
  disk: Disk,
  directory: string,
  identity: JournalIdentity,
  entries: EntrySource,
  makeReplica = () => new Shard(identity.shard, identity.shardCount, 0, SILENT_PARTS),
): Compaction {
  const { loaded, refused } = loadNewestSnapshot(disk, directory, identity, makeReplica);
  const unread = refused.find(({ error }) => error.code === 'SNAPSHOT_FAILED');
  // The journal may not begin with the first entry any more, and the disk may be well again later.
  if (loaded === null && unread !== undefined) throw unread.error;
  const replica = loaded?.shard ?? makeReplica();
  const first = loaded?.header.journalSequence ?? 0;
  let last = first;
  const frame = new FrameReader();
  entries(first + 1, (sequence, source, timeUs, bytes, start, end) => {
    assert(sequence === ++last, 'journal entries out of sequence');
    frame.reset(bytes, start, end);
    assert(frame.next(), 'an entry without a frame');
    replica.apply(frame, source, timeUs);
  });
  if (last === first) return { header: loaded?.header ?? null, entries: 0, refused };
  const header = saveSnapshot(disk, directory, identity, replica, last, makeReplica);
  return { header, entries: last - first, refused };
}
