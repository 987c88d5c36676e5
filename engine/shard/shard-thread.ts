import { setFlagsFromString } from 'node:v8';
import { nodeDisk } from '../journal/disk.ts';
import type { JournalDurability } from '../journal/journal-writer.ts';
import { Doorbell } from '../ring/doorbell.ts';
import type { Topology } from '../ring/topology.ts';
import { INLINING_OPTION } from './inlining.ts';
import { openJournal, replayJournal } from './recovery.ts';
import { RecoveryBoard } from './recovery-board.ts';
import { Shard } from './shard.ts';
import { type InputJournal, NO_JOURNAL, ShardLoop } from './shard-loop.ts';

setFlagsFromString(INLINING_OPTION);

/** Where a shard's thread finds and keeps its journal. */
export interface JournalTask {
  /** Of this shard's segments; exists. */
  readonly directory: string;
  readonly durability: JournalDurability;
  /** A `RecoveryBoard`. */
  readonly board: SharedArrayBuffer;
  /** The last of this shard's events that the database holds. */
  readonly projectedSequence: number;
}

/** What the pool hands the thread. */
export interface ShardTask {
  readonly shard: number;
  readonly topology: Topology;
  /** Null: nothing is kept, and the shard starts empty. */
  readonly journal: JournalTask | null;
}

/** Looks at the rings at least this often, should a wake ever be missed. */
const POLL_INTERVAL_MS = 100;
/** How soon to try again when a full ring holds the shard up: its reader rings no bell of ours. */
const HELD_UP_RETRY_MS = 1;

/**
 * The entry of a shard's thread: one task that runs until the shard is told to stop. Returning, or
 * throwing, settles the task's promise: the sign that the shard is gone, and why.
 */
export default function runShard({ shard, topology, journal }: ShardTask): void {
  const machine = new Shard(shard, topology.shardCount, topology.hashSeed);
  const inputs = journal === null ? NO_JOURNAL : recover(machine, shard, topology, journal);
  const loop = new ShardLoop(topology, shard, nowUs, machine, inputs);
  const bell = new Doorbell(topology.shardBells[shard]!);
  while (!loop.hasStopped) {
    const seen = bell.value;
    if (loop.turn() > 0) continue;
    bell.sleep(seen, loop.isHeldUp ? HELD_UP_RETRY_MS : POLL_INTERVAL_MS);
  }
  inputs.close();
}

function recover(
  machine: Shard,
  shard: number,
  topology: Topology,
  { directory, durability, board, projectedSequence }: JournalTask,
): InputJournal {
  const startMs = performance.now();
  const shared = new RecoveryBoard(board, topology.shardCount);
  const bell = new Doorbell(topology.shardBells[shard]!);
  const awaitRoom = (): void => bell.sleep(bell.value, HELD_UP_RETRY_MS);
  const kept = { disk: nodeDisk, directory, durability };
  const history = { ...kept, board: shared, projectedSequence, awaitRoom };
  const opened = openJournal(shard, topology.shardCount, history);
  shared.awaitAll();
  replayJournal(machine, shard, topology, history, opened);
  const { journal, tornBytes } = opened;
  const inputs = journal.committedSequence;
  shared.tellRecovered(shard, { inputs, tornBytes, elapsedMs: performance.now() - startMs });
  return journal;
}

function nowUs(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000);
}
