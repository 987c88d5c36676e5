import { nodeDisk } from '../../engine/journal/disk.ts';
import { ByteRing } from '../../engine/ring/byte-ring.ts';
import { allocateTopology } from '../../engine/ring/topology.ts';
import {
  type FoundJournal,
  openJournal,
  type RecoveredShard,
  readJournal,
  replayJournal,
} from '../../engine/shard/recovery.ts';
import { RecoveryBoard } from '../../engine/shard/recovery-board.ts';
import { Shard } from '../../engine/shard/shard.ts';
import { secondsOf } from '../suite.ts';

export interface TimedRecovery extends RecoveredShard {
  /** To read the journal and to open it. */
  readonly openSeconds: number;
  readonly replaySeconds: number;
  /** Of events for the database. */
  readonly toldBytes: number;
}

/** What a lone shard's thread does when it starts. */
export function recoverShard(directory: string, projectedSequence: number): TimedRecovery {
  const topology = allocateTopology(1);
  const ring = new ByteRing(topology.shardToPersistence[0]!.ring);
  const discard = new Uint8Array(2 ** 20);
  let toldBytes = 0;
  const drain = (): void => {
    for (let count = -1; count !== 0; toldBytes += count) count = ring.read(discard, 0);
  };
  const board = new RecoveryBoard(RecoveryBoard.allocate(1), 1);
  const kept = { disk: nodeDisk, directory, durability: 'os' } as const;
  const history = { ...kept, board, projectedSequence, awaitRoom: drain };
  let found: FoundJournal | null = null;
  let recovered: RecoveredShard | null = null;
  const readSeconds = secondsOf(() => {
    found = readJournal(0, 1, history);
  });
  const replaySeconds = secondsOf(() => {
    recovered = replayJournal(() => new Shard(0, 1), 0, topology, history, found!);
  });
  drain();
  const openSeconds = secondsOf(() => {
    openJournal(0, 1, history, found!, recovered!.machine);
  });
  return { ...recovered!, openSeconds: readSeconds + openSeconds, replaySeconds, toldBytes };
}
