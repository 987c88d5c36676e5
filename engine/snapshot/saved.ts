import type { SnapshotReader } from './snapshot-reader.ts';
import type { SnapshotWriter } from './snapshot-writer.ts';

/** A part of a shard that writes itself into a snapshot. */
export interface Saved {
  /** Writes everything that what it does and says later depends on. */
  save(writer: SnapshotWriter): void;
  /** Takes over what `save` wrote, in an object that nothing has happened to yet. */
  load(reader: SnapshotReader): void;
}
