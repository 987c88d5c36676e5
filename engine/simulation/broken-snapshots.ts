import { withFile } from '../journal/disk.ts';
import { keepHistory } from '../journal/history-keeping.ts';
import { deleteSegmentsBefore } from '../journal/segments.ts';
import { writeSnapshot } from '../journal/snapshot-file.ts';
import { headerBytesOf, journalSequenceOf } from '../journal/snapshot-layout.ts';
import { deleteSnapshotsBefore, findSnapshots } from '../journal/snapshots.ts';
import { readJournal, replayJournal } from '../shard/recovery.ts';
import { Shard } from '../shard/shard.ts';
import { SILENT_PARTS } from '../shard/silent-outputs.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { SnapshotWriter, TableWriter } from '../snapshot/snapshot-writer.ts';

/*
 * Snapshots and uses of them that are each wrong in one way that real ones could be. They show that the simulation
 * finds such faults; nothing else uses them.
 */

class EmptyTable extends TableWriter {
  override put(): void {}
  override putText(): void {}
}

class ForgetfulWriter extends SnapshotWriter {
  override table(name: string, columns: number): TableWriter {
    const table = super.table(name, columns);
    const isForgotten = name === 'changes under way' || name === 'deferred changes';
    return isForgotten ? new EmptyTable(this, columns) : table;
  }
}

/** Its hash has nothing of what is under way between shards either. */
class ForgetfulShard extends Shard {
  override save(writer: SnapshotWriter): void {
    const forgetful = new ForgetfulWriter((chunk) => writer.put(chunk, chunk.length));
    super.save(forgetful);
    forgetful.finish();
  }
}

export const forgetsWhatIsUnderWay: typeof keepHistory = (disk, directory, identity, care) => {
  const { shard, shardCount } = identity;
  const makeReplica = () => new ForgetfulShard(shard, shardCount, 0, SILENT_PARTS);
  return keepHistory(disk, directory, identity, care, makeReplica);
};

/** What is older than the newest snapshot, whoever has not heard of that yet. */
export const deletesTooEarly: typeof keepHistory = (disk, directory, ...rest) => {
  const kept = keepHistory(disk, directory, ...rest);
  const [newest] = kept.left;
  if (newest === undefined) return kept;
  deleteSnapshotsBefore(disk, directory, newest.journalSequence);
  deleteSegmentsBefore(disk, directory, newest.journalSequence + 1);
  return { ...kept, left: [newest] };
};

/** The newest one, whatever the others lack of what was said before it. */
export const beginsWithTheNewest: typeof replayJournal = (makeShard, shard, ...rest) => {
  const [topology, history, found] = rest;
  const snapshots = found.snapshots.map(({ path, header }) => {
    const sentTo = header.positions.sentTo.map(() => 0);
    return {
      path,
      header: { ...header, positions: { ...header.positions, eventSequence: 0, sentTo } },
    };
  });
  return replayJournal(makeShard, shard, topology, history, { ...found, snapshots });
};

/** Takes what a damaged snapshot leads to, if it leads anywhere, for the state it was made of. */
export const trustsDamagedSnapshots: typeof readJournal = (shard, shardCount, history) => {
  const { disk, directory } = history;
  const identity = { shard, shardCount };
  for (const { path, error } of findSnapshots(disk, directory, identity).refused) {
    if (error.code !== 'SNAPSHOT_DAMAGED') continue;
    const machine = new Shard(shard, shardCount);
    const isLoaded = withFile(disk, path, 'read', (file) => {
      let position = headerBytesOf(identity);
      const reader = new SnapshotReader((target) => {
        const count = disk.read(file, target, 0, target.length, position);
        position += count;
        return count;
      });
      return loads(machine, reader);
    });
    const sequence = journalSequenceOf(path.slice(directory.length + 1))!;
    if (isLoaded) writeSnapshot(disk, path, identity, machine, sequence);
  }
  return readJournal(shard, shardCount, history);
};

function loads(machine: Shard, reader: SnapshotReader): boolean {
  try {
    machine.load(reader);
    return true;
  } catch {
    return false;
  }
}
