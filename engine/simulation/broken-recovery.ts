import type { Disk } from '../journal/disk.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { MessagesResumed } from '../protocol/shard-messages.ts';
import { openJournal, readJournal, replayJournal } from '../shard/recovery.ts';
import { RecoveryBoard } from '../shard/recovery-board.ts';
import { type InputJournal, ShardLoop } from '../shard/shard-loop.ts';
import {
  beginsWithTheNewest,
  deletesTooEarly,
  forgetsWhatIsUnderWay,
  trustsDamagedSnapshots,
} from './broken-snapshots.ts';
import { RECOVERY_PARTS, type RecoveryParts } from './crash-conditions.ts';

/*
 * Journals and recoveries that are each wrong in one way that real ones could be. They show that the simulation finds
 * such faults; nothing else uses them.
 */

type LoopArguments = ConstructorParameters<typeof ShardLoop>;

/** A loop whose journal is the real one but for some of its functions. */
function loopWith(change: (journal: InputJournal, loop: () => ShardLoop) => Partial<InputJournal>) {
  return class extends ShardLoop {
    constructor(...[topology, shard, nowUs, machine, journal, board]: LoopArguments) {
      const real: InputJournal = {
        append: (...entry) => journal!.append(...entry),
        commit: () => journal!.commit(),
        close: () => journal!.close(),
        lastTimeUs: journal!.lastTimeUs,
      };
      super(topology, shard, nowUs, machine, { ...real, ...change(real, () => this) }, board);
    }
  };
}

/** Opens the journal on a disk that is the real one but for some of its functions. */
function openingWith(change: (disk: Disk) => Partial<Disk>): typeof openJournal {
  return (shard, shardCount, history, ...rest) => {
    const changed = change(history.disk);
    const disk = new Proxy(history.disk, {
      get: (real, name: keyof Disk) => changed[name] ?? real[name].bind(real),
    });
    return openJournal(shard, shardCount, { ...history, disk }, ...rest);
  };
}

/** Looking whether outputs are waiting lets them out. */
const publishesEarly = loopWith((journal, loop) => ({
  commit: () => (loop().isHeldUp ? 0 : 0) + journal.commit(),
}));

const forgetsMessages = loopWith((journal) => ({
  append: (source, ...entry) => (source < 0 ? journal.append(source, ...entry) : 0),
}));

const startsItsClockAnew = loopWith(() => ({ lastTimeUs: 0 }));

const neverSyncs: typeof openJournal = (shard, shardCount, history, ...rest) =>
  openJournal(shard, shardCount, { ...history, durability: 'os' }, ...rest);

/** After a failed sync the next one says that all is well, whatever has become of the data. */
const triesASyncAgain = openingWith((disk) => ({
  sync(file) {
    try {
      disk.sync(file);
    } catch {
      disk.sync(file);
    }
  },
}));

/** Takes what it has read for durable, though a process may have died before it had synced that, or in vain. */
const trustsWhatItRead: typeof readJournal = (shard, shardCount, history) =>
  readJournal(shard, shardCount, { ...history, durability: 'os' });

/** Goes on behind whatever is at the end, as if it had been committed. */
const skipsTheTornTail: typeof readJournal = (...given) => {
  const found = readJournal(...given);
  const { newestSegment: segment, tornBytes } = found.end;
  const newestSegment =
    segment === null || tornBytes === 0 ? segment : { ...segment, endBytes: segment.fileBytes };
  return { ...found, end: { ...found.end, newestSegment, tornBytes: 0 } };
};

const forgetsToRedeliver: typeof replayJournal = (...given) => {
  const recovered = replayJournal(...given);
  for (const messages of recovered.machine.outputs.toShard) messages.consume(messages.pendingBytes);
  return recovered;
};

class BoardOneBehind extends RecoveryBoard {
  override consumed(by: number, from: number): number {
    return Math.max(0, super.consumed(by, from) - 1);
  }
}

const redeliversOneTooMany: typeof replayJournal = (makeShard, shard, topology, history, found) => {
  const board = new BoardOneBehind(history.board.shared, topology.shardCount);
  return replayJournal(makeShard, shard, topology, { ...history, board }, found);
};

/** A thread that ends in the commit has taken what nobody has then. */
const forgetsBeforeItsCommit = loopWith((journal, loop) => ({
  commit() {
    (loop() as unknown as { release(): void }).release();
    return journal.commit();
  },
}));

/** Says nothing of it: whoever hears it takes what comes again for new. */
const returnsUnannounced: typeof replayJournal = (...given) => {
  const recovered = replayJournal(...given);
  const frame = new FrameReader();
  for (const messages of recovered.machine.outputs.toShard) {
    frame.reset(messages.bytes, messages.start, messages.end);
    if (frame.next() && frame.type === MessagesResumed.type) {
      messages.consume(frame.position - frame.frameStart);
    }
  }
  return recovered;
};

const trustsTheGatewayTooFar: typeof replayJournal = (makeShard, ...rest) => {
  const [shard, topology, { heardSequence, ...history }, found] = rest;
  const further = heardSequence === undefined ? {} : { heardSequence: heardSequence + 1 };
  return replayJournal(makeShard, shard, topology, { ...history, ...further }, found);
};

class BoardOneAhead extends RecoveryBoard {
  override consumed(by: number, from: number): number {
    return super.consumed(by, from) + 1;
  }
}

const resumesTooLate: typeof replayJournal = (makeShard, shard, topology, history, found) => {
  const isAlone = history.heardSequence !== undefined;
  const ahead = new BoardOneAhead(history.board.shared, topology.shardCount);
  const board = isAlone ? ahead : history.board;
  return replayJournal(makeShard, shard, topology, { ...history, board }, found);
};

const recovery = (parts: Partial<RecoveryParts>): RecoveryParts => ({
  ...RECOVERY_PARTS,
  ...parts,
});

export const BROKEN_RECOVERIES: Readonly<Record<string, RecoveryParts>> = {
  'outputs leave before their commit': recovery({ Loop: publishesEarly }),
  'messages of other shards are not written down': recovery({ Loop: forgetsMessages }),
  'the clock starts anew': recovery({ Loop: startsItsClockAnew }),
  'a commit is never synced': recovery({ openJournal: neverSyncs }),
  'a failed sync is tried again': recovery({ openJournal: triesASyncAgain }),
  'what was read counts as durable': recovery({ readJournal: trustsWhatItRead }),
  'a torn tail is not looked for': recovery({ readJournal: skipsTheTornTail }),
  'messages are not redelivered': recovery({ replayJournal: forgetsToRedeliver }),
  'one message too many is redelivered': recovery({ replayJournal: redeliversOneTooMany }),
  'a snapshot forgets what is under way': recovery({ keepHistory: forgetsWhatIsUnderWay }),
  'segments are deleted too early': recovery({ keepHistory: deletesTooEarly }),
  'a snapshot is taken that is too new': recovery({ replayJournal: beginsWithTheNewest }),
  'a damaged snapshot is taken for a good one': recovery({ readJournal: trustsDamagedSnapshots }),
  'room is freed, and counted, before the commit': recovery({ Loop: forgetsBeforeItsCommit }),
  'a shard returns unannounced': recovery({ replayJournal: returnsUnannounced }),
  'a returned shard skips an event': recovery({ replayJournal: trustsTheGatewayTooFar }),
  'a returned shard skips a message': recovery({ replayJournal: resumesTooLate }),
};
