import { assert } from '../assert.ts';
import type { Disk } from '../journal/disk.ts';
import { JournalReader, repairJournal } from '../journal/journal-reader.ts';
import { type JournalOptions, JournalWriter } from '../journal/journal-writer.ts';
import type { EntryVisitor } from '../journal/segment-reader.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import type { Topology } from '../ring/topology.ts';
import { EventOutbox } from './event-outbox.ts';
import type { ShardOutputs } from './outputs.ts';
import type { RecoveryBoard } from './recovery-board.ts';
import type { Shard } from './shard.ts';

/** Events that wait in memory while a journal is replayed. */
const PENDING_EVENT_BYTES_MAX = 2 ** 20;

/** The journals, or a journal and the database, are not of one history. Nothing was changed. */
export class HistoryMismatch extends Error {
  override name = 'HistoryMismatch';
  readonly code = 'HISTORY_MISMATCH';
}

/**
 * An input that this shard once applied makes it fail now, with what `cause` says: the code is not what it was, or
 * does not do the same every time. Whoever mends that finds the journal as it was.
 */
export class ReplayFailure extends Error {
  override name = 'ReplayFailure';
  readonly code = 'REPLAY_FAILED';
  readonly directory: string;
  /** Of the input in the journal. */
  readonly sequence: number;

  constructor(directory: string, sequence: number, cause: unknown) {
    const why = cause instanceof Error ? cause.message : cause;
    super(`the input of sequence ${sequence} in ${directory} can no longer be applied: ${why}`, {
      cause,
    });
    this.directory = directory;
    this.sequence = sequence;
  }
}

/** Where a shard's history is and how it is kept, and what of it the outside has. */
export interface ShardHistory extends JournalOptions {
  readonly disk: Disk;
  /** Of this shard's segments; exists. */
  readonly directory: string;
  readonly board: RecoveryBoard;
  /** The last of this shard's events that the database holds. */
  readonly projectedSequence: number;
  /** Called as long as the ring to the persistence thread is full; blocks for a moment. */
  readonly awaitRoom: () => void;
}

/** A journal to go on with, and what it holds. */
export interface OpenedJournal {
  readonly journal: JournalWriter;
  /** What a crash had cut short, and what was cut off. */
  readonly tornBytes: number;
}

/**
 * Opens a shard's journal, makes all that it holds durable (a process that died may have handed it only to
 * the operating system), and tells the other shards which of their messages are in it.
 *
 * @throws JournalDamage, JournalFailure
 */
export function openJournal(
  shard: number,
  shardCount: number,
  history: ShardHistory,
): OpenedJournal {
  const { disk, directory, board } = history;
  const consumed = new Array<number>(shardCount).fill(0);
  const frame = new FrameReader();
  const identity = { shard, shardCount };
  const reader = new JournalReader(disk, directory, identity);
  const found = reader.read(1, (_sequence, source, _timeUs, bytes, start, end) => {
    if (source < 0) return;
    frame.reset(bytes, start, end);
    assert(frame.next(), 'an entry without a frame');
    consumed[source] = frame.sequence;
  });
  const end = repairJournal(disk, found);
  const journal = new JournalWriter(disk, directory, identity, end, history);
  board.tellConsumed(shard, consumed);
  return { journal, tornBytes: found.tornBytes };
}

/**
 * Brings a new shard to where its journal ends, by applying again all that it holds. Of what that causes again
 * only the news is said: events to the persistence thread from the database's position on, none to the gateway, which
 * is told the state instead, and messages that the journals of the other shards do not have; these are left in the
 * shard's outputs. Every shard's journal must have been opened. Blocks while the persistence ring is full.
 *
 * Sound because nothing ever left a shard before its cause was durable: what others have of this shard, its journal
 * causes again, with the same sequences.
 *
 * @throws JournalDamage, JournalFailure, HistoryMismatch, ReplayFailure
 */
export function replayJournal(
  machine: Shard,
  shard: number,
  topology: Topology,
  history: ShardHistory,
  { journal }: OpenedJournal,
): void {
  const { disk, directory, board, projectedSequence, awaitRoom } = history;
  const { outputs } = machine;
  const { events, hadBy } = outputs;
  const persistence = new EventOutbox(events, [topology.shardToPersistence[shard]!]);
  const frame = new FrameReader();
  const replay: EntryVisitor = (sequence, source, timeUs, bytes, start, end) => {
    frame.reset(bytes, start, end);
    assert(frame.next(), 'an entry without a frame');
    try {
      machine.apply(frame, source, timeUs);
    } catch (cause) {
      throw new ReplayFailure(directory, sequence, cause);
    }
    if (events.pendingBytes <= PENDING_EVENT_BYTES_MAX) return;
    while (!persistence.flush()) awaitRoom();
  };
  outputs.isReplaying = true;
  outputs.hadEvents = projectedSequence;
  for (const other of hadBy.keys()) hadBy[other] = board.consumed(other, shard);
  const reader = new JournalReader(disk, directory, { shard, shardCount: topology.shardCount });
  const inputs = journal.committedSequence;
  if (inputs > 0) reader.readRange(1, inputs, replay);
  checkHistory(shard, outputs);
  outputs.isReplaying = false;
  while (!persistence.flush()) awaitRoom();
}

/** Nobody can have more of a shard than its journal causes. */
function checkHistory(shard: number, { eventSequence, hadEvents, sentTo, hadBy }: ShardOutputs) {
  if (hadEvents > eventSequence) {
    throw new HistoryMismatch(
      `the database holds ${hadEvents} events of shard ${shard}, its journal causes ${eventSequence}: make rebuild-projection makes the tables anew`,
    );
  }
  for (const [other, had] of hadBy.entries()) {
    if (had <= sentTo[other]!) continue;
    throw new HistoryMismatch(
      `the journal of shard ${other} holds ${had} messages of shard ${shard}, whose own journal causes ${sentTo[other]}`,
    );
  }
}
