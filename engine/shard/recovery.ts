import { assert } from '../assert.ts';
import type { Disk } from '../journal/disk.ts';
import { JournalReader, repairJournal } from '../journal/journal-reader.ts';
import { type JournalOptions, JournalWriter } from '../journal/journal-writer.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import type { FrameWriter } from '../protocol/frame-writer.ts';
import type { Topology } from '../ring/topology.ts';
import { EventOutbox } from './event-outbox.ts';
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
 * Brings a new shard to where its journal ends, by applying again all that it holds. What that causes again
 * is let out only as far as the outside has not had it: events to the persistence thread from the
 * database's position on, none to the gateway, which is told the state instead, and messages to other shards that
 * their journals do not have. Every shard's journal must have been opened. Blocks while the persistence ring is full.
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
  const identity = { shard, shardCount: topology.shardCount };
  const reader = new JournalReader(history.disk, history.directory, identity);
  const replay = new Replay(machine, shard, topology, history);
  const inputs = journal.committedSequence;
  if (inputs > 0) reader.readRange(1, inputs, replay.visit);
  replay.finish();
}

/** Applies a journal's entries and lets out what of their outputs is news. */
class Replay {
  readonly #machine: Shard;
  readonly #shard: number;
  readonly #history: ShardHistory;
  readonly #frame = new FrameReader();
  readonly #persistence: EventOutbox;

  constructor(machine: Shard, shard: number, topology: Topology, history: ShardHistory) {
    this.#machine = machine;
    this.#shard = shard;
    this.#history = history;
    this.#persistence = new EventOutbox(machine.outputs.events, [
      topology.shardToPersistence[shard]!,
    ]);
  }

  visit = (
    sequence: number,
    source: number,
    timeUs: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void => {
    const frame = this.#frame;
    frame.reset(bytes, start, end);
    assert(frame.next(), 'an entry without a frame');
    try {
      this.#machine.apply(frame, source, timeUs);
    } catch (cause) {
      throw new ReplayFailure(this.#history.directory, sequence, cause);
    }
    const { board, projectedSequence } = this.#history;
    const { events, eventSequence, toShard, sentTo } = this.#machine.outputs;
    // An event that the database has may slip through with the first that it has not: its position tells.
    if (eventSequence <= projectedSequence) events.consume(events.pendingBytes);
    else if (events.pendingBytes > PENDING_EVENT_BYTES_MAX) this.#flush();
    for (let other = 0; other < toShard.length; other++) {
      if (sentTo[other]! > board.consumed(other, this.#shard)) continue;
      toShard[other]!.consume(toShard[other]!.pendingBytes);
    }
  };

  /** Leaves the messages that are news to other shards in their writers. */
  finish(): void {
    const { board, projectedSequence } = this.#history;
    const { eventSequence, toShard, sentTo } = this.#machine.outputs;
    if (eventSequence < projectedSequence) {
      throw new HistoryMismatch(
        `the database holds ${projectedSequence} events of shard ${this.#shard}, its journal causes ${eventSequence}`,
      );
    }
    for (let other = 0; other < toShard.length; other++) {
      if (other === this.#shard) continue;
      const had = board.consumed(other, this.#shard);
      if (had > sentTo[other]!) {
        throw new HistoryMismatch(
          `the journal of shard ${other} holds ${had} messages of shard ${this.#shard}, whose own journal causes ${sentTo[other]}`,
        );
      }
      this.#dropUpTo(had, toShard[other]!);
    }
    this.#flush();
  }

  #dropUpTo(sequence: number, frames: FrameWriter): void {
    const frame = this.#frame;
    let end = frames.start;
    frame.reset(frames.bytes, frames.start, frames.end);
    while (frame.next() && frame.sequence <= sequence) end = frame.position;
    frames.consume(end - frames.start);
  }

  #flush(): void {
    while (!this.#persistence.flush()) this.#history.awaitRoom();
  }
}
