import { basename } from 'node:path';
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { type Disk, nodeDisk } from '../journal/disk.ts';
import type { JournalDurability, JournalWriter } from '../journal/journal-writer.ts';
import { putInQuarantine } from '../journal/quarantine.ts';
import { journalSequenceOf } from '../journal/snapshot-layout.ts';
import { Doorbell } from '../ring/doorbell.ts';
import { ownThreadId, watchCollections } from '../ring/this-thread.ts';
import type { Topology } from '../ring/topology.ts';
import { INLINING_OPTION } from './inlining.ts';
import { JournalPositions } from './journal-positions.ts';
import { checkNothingIsLost, openJournal, readJournal, replayJournal } from './recovery.ts';
import { RecoveryBoard } from './recovery-board.ts';
import { Shard } from './shard.ts';
import { ShardCounters } from './shard-counters.ts';
import { type FailureReport, reportOf } from './shard-failure.ts';
import { NO_JOURNAL, PoisonedInput, ShardLoop } from './shard-loop.ts';

setFlagsFromString(INLINING_OPTION);

/** Where a shard's thread finds and keeps its journal. */
export interface JournalTask {
  /** Of this shard's segments and snapshots; exists. */
  readonly directory: string;
  readonly durability: JournalDurability;
  /** See `JournalOptions`. */
  readonly segmentBytes?: number | undefined;
  /** A `RecoveryBoard`. */
  readonly board: SharedArrayBuffer;
  /** A `JournalPositions`. */
  readonly positions: SharedArrayBuffer;
  /** The last of this shard's events that the database holds. */
  readonly projectedSequence: number;
  /** Of a shard that starts again by itself: see `ShardHistory`. */
  readonly heardSequence?: number;
}

/** What the pool hands the thread. */
export interface ShardTask {
  readonly shard: number;
  readonly topology: Topology;
  /** Null: nothing is kept, and the shard starts empty. */
  readonly journal: JournalTask | null;
  /** `ShardCounters`. */
  readonly counters: SharedArrayBuffer;
}

/** Looks at the rings at least this often, should a wake ever be missed. */
const POLL_INTERVAL_MS = 100;
/** How soon to try again when a full ring holds the shard up: its reader rings no bell of ours. */
const HELD_UP_RETRY_MS = 1;

/** How often the thread's event loop goes round, to hear of garbage collections: when idle, and at the latest. */
const IDLE_EVENT_LOOP_INTERVAL_MS = 1000;
const BUSY_EVENT_LOOP_INTERVAL_MS = 10_000;

/**
 * The entry of a shard's thread: one task that runs until the shard is told to stop, which it answers with null, or
 * fails: then the answer says how.
 */
export default async function runShard(task: ShardTask): Promise<FailureReport | null> {
  try {
    await run(task);
    return null;
  } catch (error) {
    return reportOf(error);
  }
}

async function run({ shard, topology, journal: task, counters }: ShardTask): Promise<void> {
  const counts = new ShardCounters(counters, shard);
  counts.begun(ownThreadId());
  const makeShard = (): Shard => new Shard(shard, topology.shardCount, topology.hashSeed);
  const board = task === null ? null : new RecoveryBoard(task.board, topology.shardCount);
  const recovered =
    task === null ? null : recover(makeShard, shard, topology, task, board!, counts);
  const { machine, journal } = recovered ?? { machine: makeShard(), journal: null };
  const loop = new ShardLoop(topology, shard, nowUs, machine, journal ?? NO_JOURNAL, board);
  const bell = new Doorbell(topology.shardBells[shard]!);
  const stopWatching = watchCollections((durationMs) => counts.collected(durationMs * 1000));
  let wentRoundMs = performance.now();
  try {
    while (!loop.hasStopped) {
      const seen = bell.value;
      const inputs = loop.turn();
      if (inputs > 0) counts.turned(inputs);
      const isIdle = inputs === 0;
      const intervalMs = isIdle ? IDLE_EVENT_LOOP_INTERVAL_MS : BUSY_EVENT_LOOP_INTERVAL_MS;
      if (performance.now() - wentRoundMs > intervalMs) {
        // What was noted is handed on in the first turn and told in the second.
        await eventLoopTurn();
        await eventLoopTurn();
        wentRoundMs = performance.now();
      }
      if (isIdle) bell.sleep(seen, loop.isHeldUp ? HELD_UP_RETRY_MS : POLL_INTERVAL_MS);
    }
  } catch (error) {
    if (journal !== null && error instanceof PoisonedInput) keep(error, shard, task!, journal);
    journal?.abandon();
    throw error;
  } finally {
    stopWatching();
  }
  journal?.close();
}

/** Puts what the shard failed on where a person finds it; the failure is no other if that cannot be done. */
function keep(
  input: PoisonedInput,
  shard: number,
  task: JournalTask,
  journal: JournalWriter,
): void {
  const { source, timeUs, sequence, frame, cause } = input;
  const { uncommitted } = journal;
  const kept = { shard, source, timeUs, sequence, frame, cause, uncommitted };
  try {
    input.file = putInQuarantine(nodeDisk, task.directory, kept);
  } catch (error) {
    input.message += ` (and it cannot be put into quarantine: ${error})`;
  }
}

function recover(
  makeShard: () => Shard,
  shard: number,
  topology: Topology,
  { board: _, positions, ...kept }: JournalTask,
  board: RecoveryBoard,
  counts: ShardCounters,
): { readonly machine: Shard; readonly journal: JournalWriter } {
  const startMs = performance.now();
  const bell = new Doorbell(topology.shardBells[shard]!);
  const awaitRoom = (): void => bell.sleep(bell.value, HELD_UP_RETRY_MS);
  const told = new JournalPositions(positions);
  told.withdraw(shard);
  const onCommit = (sequence: number, inputs: number, bytes: number): void => {
    told.tell(shard, sequence);
    counts.committed(inputs, bytes);
  };
  const history = { ...kept, disk: timedDisk(counts), board, awaitRoom, onCommit };
  const isAlone = kept.heardSequence !== undefined;
  const { shardCount } = topology;
  const found = readJournal(shard, shardCount, history);
  if (!isAlone) board.awaitRead();
  const recovered = replayJournal(makeShard, shard, topology, history, found);
  const elapsedMs = performance.now() - startMs;
  if (!isAlone) board.meetReplayed();
  const { machine, snapshotSequence, inputs, refused } = recovered;
  checkNothingIsLost(shard, machine.outputs, history);
  if (!isAlone) board.meetAgreed();
  const [newest] = refused;
  const refusal = newest?.error.code ?? null;
  const refusedSequence = newest === undefined ? 0 : journalSequenceOf(basename(newest.path))!;
  const { lastTimeUs } = found.end;
  const began = { snapshotSequence, inputs, refusal, refusedSequence };
  const what = { ...began, lastTimeUs, elapsedMs };
  const journal = openJournal(shard, shardCount, history, found, machine, (torn) => {
    board.tellRecovered(shard, { ...what, ...torn });
  });
  if (!isAlone) board.meetOpened();
  told.tell(shard, journal.committedSequence);
  board.setDown(shard, false);
  return { machine, journal };
}

/** The machine's disk; how long its syncs take is counted. */
function timedDisk(counts: ShardCounters): Disk {
  return {
    ...nodeDisk,
    sync(file) {
      const startUs = nowUs();
      nodeDisk.sync(file);
      const endUs = nowUs();
      counts.synced(endUs - startUs, endUs);
    },
  };
}

function nowUs(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000);
}
