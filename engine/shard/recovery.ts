import { assert } from '../assert.ts';
import type { Disk } from '../journal/disk.ts';
import { type Heard, isHeard } from '../journal/history-cleaning.ts';
import { type JournalEnd, repairJournal, syncJournal } from '../journal/journal-end.ts';
import type { JournalIdentity } from '../journal/journal-layout.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import { type JournalOptions, JournalWriter } from '../journal/journal-writer.ts';
import { keepTornEnd } from '../journal/quarantine.ts';
import type { EntryVisitor } from '../journal/segment-reader.ts';
import { listSegments } from '../journal/segments.ts';
import { loadSnapshot } from '../journal/snapshot-file.ts';
import { findSnapshots, type RefusedSnapshot, type WholeSnapshot } from '../journal/snapshots.ts';
import { EventsResumed, ShardReturned } from '../protocol/events.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { MessagesResumed } from '../protocol/shard-messages.ts';
import type { Topology } from '../ring/topology.ts';
import { SnapshotError } from '../snapshot/snapshot-error.ts';
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

/**
 * The journal does not begin with the first input any more, and there is no snapshot to begin with instead. Nothing was
 * changed.
 */
export class NoSnapshot extends Error {
  override name = 'NoSnapshot';
  readonly code = 'SNAPSHOT_MISSING';
}

/** Where a shard's history is and how it is kept, and what of it the outside has. */
export interface ShardHistory extends JournalOptions {
  readonly disk: Disk;
  /** Of this shard's segments and snapshots; exists. */
  readonly directory: string;
  readonly board: RecoveryBoard;
  /** The last of this shard's events that the database holds. */
  readonly projectedSequence: number;
  /**
   * The last of this shard's events that the gateway has heard, when the shard starts again by itself among others
   * that run; absent when all of them start.
   */
  readonly heardSequence?: number;
  /** Called as long as the ring to the persistence thread, or the gateway, is full; blocks for a moment. */
  readonly awaitRoom: () => void;
}

/*
 * Recovery has four steps: `readJournal`, `replayJournal`, `checkNothingIsLost`, `openJournal`. When all shards start,
 * none takes a step before every shard has taken the one before it, so that whatever does not add up is found while
 * every file is as it was, byte by byte. Only the last step changes any, and only then may the database be changed.
 */

/** What there is of a shard's history. */
export interface FoundJournal {
  readonly end: JournalEnd;
  /** The newest first. */
  readonly snapshots: readonly WholeSnapshot[];
  readonly refused: readonly RefusedSnapshot[];
}

/**
 * Reads a shard's journal behind its newest snapshot, makes all that it holds durable (a process that died may have
 * handed it only to the operating system), and tells the other shards which of their messages are in it.
 *
 * @throws JournalDamage, JournalFailure, SnapshotError, NoSnapshot
 */
export function readJournal(
  shard: number,
  shardCount: number,
  history: ShardHistory,
): FoundJournal {
  const { disk, directory, durability, board } = history;
  const identity = { shard, shardCount };
  const { whole, refused } = findSnapshots(disk, directory, identity);
  if (whole.length === 0 && !isWholeJournal(disk, directory)) throw noSnapshot(directory, refused);
  const snapshot = whole[0]?.header ?? null;
  const consumed = [...(snapshot?.positions.consumedFrom ?? new Array<number>(shardCount).fill(0))];
  const first = (snapshot?.journalSequence ?? 0) + 1;
  const frame = new FrameReader();
  const reader = new JournalReader(disk, directory, identity);
  const end = reader.read(first, (_sequence, source, _timeUs, bytes, start, entryEnd) => {
    if (source < 0) return;
    frame.reset(bytes, start, entryEnd);
    assert(frame.next(), 'an entry without a frame');
    consumed[source] = frame.sequence;
  });
  if (durability === 'fsync') syncJournal(disk, directory, end);
  board.tellRead(shard, consumed, end.nextSequence - 1);
  return { end, snapshots: whole, refused };
}

/** Whether the first input ever is still there, if there was one. */
function isWholeJournal(disk: Disk, directory: string): boolean {
  const [oldest] = listSegments(disk, directory);
  return oldest === undefined || oldest.firstSequence === 1;
}

/** Why there is nothing to begin with: perhaps only because the disk did not let a snapshot be read. */
function noSnapshot(directory: string, refused: readonly RefusedSnapshot[]): Error {
  const unread = refused.find(({ error }) => error.code === 'SNAPSHOT_FAILED');
  if (unread !== undefined) return unread.error;
  const reasons = refused.map(({ error }) => error.message).join('; ');
  return new NoSnapshot(
    `the first inputs in ${directory} were deleted and no snapshot can be used in their place: ${reasons || 'there is none'}`,
  );
}

/** A shard that is where its journal ends. */
export interface RecoveredShard {
  readonly machine: Shard;
  /** Of the last input that its snapshot had; 0 when it began with none. */
  readonly snapshotSequence: number;
  /** Inputs of the journal that were applied. */
  readonly inputs: number;
  /** Snapshots that could not be used, the newest first. */
  readonly refused: readonly RefusedSnapshot[];
}

/**
 * Brings a new shard to where its journal ends: begins with the newest snapshot that lets it, and applies again all
 * that the journal holds behind that. Of what that causes again only the news is said: events to the persistence
 * thread from the database's position on, none to the gateway, which is told the state instead, and messages that the
 * journals of the other shards do not have; these are left in the shard's outputs. Every shard's journal must have been
 * read. Blocks while the persistence ring is full.
 *
 * A shard that starts by itself tells its gateway, too, what that has not heard, so that nobody misses anything. What
 * its readers have by then is known to it as of a moment ago, so it may say again what they have: it says before that
 * it does.
 *
 * Sound because nothing ever left a shard before its cause was durable: what others have of this shard, its journal
 * causes again, with the same sequences. For the same reason a snapshot from whose time on somebody lacks something is
 * too new to begin with.
 *
 * @param makeShard a new one; asked for another when a snapshot turns out to be of no use while it is loaded
 * @throws JournalDamage, JournalFailure, SnapshotError, NoSnapshot, HistoryMismatch, ReplayFailure
 */
export function replayJournal(
  makeShard: () => Shard,
  shard: number,
  topology: Topology,
  history: ShardHistory,
  found: FoundJournal,
): RecoveredShard {
  const { disk, directory, board, projectedSequence, heardSequence, awaitRoom } = history;
  const { shardCount } = topology;
  checkIsThere(shard, shardCount, history, found);
  const messages = Array.from({ length: shardCount }, (_, other) => board.consumed(other, shard));
  const hadEvents = Math.min(projectedSequence, heardSequence ?? projectedSequence);
  const heard = { events: hadEvents, messages };
  const begun = beginWith(makeShard, { shard, shardCount }, history, found, heard);
  const { machine, snapshotSequence } = begun;
  const { outputs } = machine;
  const { events, hadBy } = outputs;
  const isAlone = heardSequence !== undefined;
  const links = [topology.shardToPersistence[shard]!];
  if (isAlone) {
    links.push(topology.shardToGateway[shard]!);
    resumeStreams(shard, outputs);
  }
  const outbox = new EventOutbox(events, links);
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
    while (!outbox.flush()) awaitRoom();
  };
  outputs.isReplaying = true;
  outputs.hadEvents = hadEvents;
  for (const [other, had] of messages.entries()) hadBy[other] = had;
  const reader = new JournalReader(disk, directory, { shard, shardCount });
  const last = found.end.nextSequence - 1;
  if (last > snapshotSequence) reader.readRange(snapshotSequence + 1, last, replay);
  checkHeard(shard, outputs, heardSequence ?? 0);
  outputs.isReplaying = false;
  while (!outbox.flush()) awaitRoom();
  return { ...begun, inputs: last - snapshotSequence };
}

/**
 * The database cannot have more of a shard than its journal causes. To be asked when all shards were replayed: only of
 * journals that fit each other can tables be made anew.
 *
 * @throws HistoryMismatch
 */
export function checkNothingIsLost(
  shard: number,
  { eventSequence }: Pick<ShardOutputs, 'eventSequence'>,
  { projectedSequence }: Pick<ShardHistory, 'projectedSequence'>,
): void {
  if (projectedSequence <= eventSequence) return;
  throw new HistoryMismatch(
    `the database holds ${projectedSequence} events of shard ${shard}, its journal causes ${eventSequence}: the journal has lost inputs that were acknowledged. make rebuild-projection ARGS=--accept-loss makes the tables anew without them`,
  );
}

/** What a crash had cut short of a journal, and what was cut off: see `tornEndPath`. */
export interface TornEnd {
  readonly tornBytes: number;
  /** Of the bytes; 0 when there are none. */
  readonly tornChecksum: number;
}

/**
 * Opens the journal of a shard that was replayed, for more: keeps aside and cuts off what is torn, and makes room.
 * Nothing of any shard may be lost. Leaves in the outputs of one that starts by itself the word that it is back.
 *
 * @param onRepaired told what was cut off, before there is room for more: the disk may refuse that, and the next start
 *   finds nothing torn any more
 * @throws JournalFailure
 */
export function openJournal(
  shard: number,
  shardCount: number,
  history: ShardHistory,
  { end }: FoundJournal,
  { outputs }: Shard,
  onRepaired: (torn: TornEnd) => void = () => {},
): JournalWriter {
  const { disk, directory, heardSequence } = history;
  const { tornBytes } = end;
  const tornChecksum = tornBytes > 0 ? keepTornEnd(disk, directory, shard, end) : 0;
  const repaired = repairJournal(disk, end);
  onRepaired({ tornBytes, tornChecksum });
  const journal = new JournalWriter(disk, directory, { shard, shardCount }, repaired, history);
  if (heardSequence !== undefined) ShardReturned.encode(outputs.events, 0, {});
  return journal;
}

/** Whoever reads what this shard says is told that it may say again what it has said. */
function resumeStreams(shard: number, { events, toShard }: ShardOutputs): void {
  EventsResumed.encode(events, 0, {});
  for (const [other, messages] of toShard.entries()) {
    if (other !== shard) MessagesResumed.encode(messages, 0, {});
  }
}

/** The newest snapshot that can be loaded and has been heard, or an empty shard if the journal has its first input. */
function beginWith(
  makeShard: () => Shard,
  identity: JournalIdentity,
  { disk, directory }: ShardHistory,
  { snapshots, refused }: FoundJournal,
  heard: Heard,
): Omit<RecoveredShard, 'inputs'> {
  const unusable = [...refused];
  for (const { path, header } of snapshots) {
    if (!isHeard(header.positions, heard)) continue;
    const machine = makeShard();
    try {
      loadSnapshot(disk, path, identity, machine);
      return { machine, snapshotSequence: header.journalSequence, refused: newestFirst(unusable) };
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      unusable.push({ path, error });
    }
  }
  if (isWholeJournal(disk, directory)) {
    return { machine: makeShard(), snapshotSequence: 0, refused: newestFirst(unusable) };
  }
  const tooNew = snapshots.findLast(({ header }) => !isHeard(header.positions, heard));
  const isUnread = unusable.some(({ error }) => error.code === 'SNAPSHOT_FAILED');
  if (tooNew === undefined || isUnread) throw noSnapshot(directory, unusable);
  throw new HistoryMismatch(lackOf(identity.shard, tooNew, heard));
}

/** By their names, which all have as many digits. */
function newestFirst(refused: readonly RefusedSnapshot[]): RefusedSnapshot[] {
  return refused.toSorted((one, other) => (one.path < other.path ? 1 : -1));
}

/** In words, what the others lack that cannot be said again. */
function lackOf(
  shard: number,
  { path, header: { positions } }: WholeSnapshot,
  heard: Heard,
): string {
  const begin = `what is left of the history of shard ${shard} begins with ${path}`;
  const to = positions.sentTo.findIndex((sent, other) => sent > heard.messages[other]!);
  if (to >= 0) {
    return `${begin}, after ${positions.sentTo[to]} messages to shard ${to}, whose journal holds ${heard.messages[to]} of them`;
  }
  return `${begin}, after ${positions.eventSequence} events, of which the database holds ${heard.events}: only a copy of the database can have the others. make rebuild-projection ARGS=--from-snapshots makes the tables anew without them`;
}

/** A journal has a segment as soon as it is opened, and no shard takes an input before all of them are. */
function checkIsThere(
  shard: number,
  shardCount: number,
  { directory, board }: ShardHistory,
  { end, snapshots }: FoundJournal,
): void {
  if (end.newestSegment !== null || snapshots.length > 0) return;
  for (let other = 0; other < shardCount; other++) {
    const inputs = board.inputs(other);
    if (inputs === 0) continue;
    throw new HistoryMismatch(
      `${directory} has no journal, though that of shard ${other} holds ${inputs} inputs: shard ${shard} does not start empty beside a history`,
    );
  }
}

/** No other shard, and no gateway, can have more of a shard than its journal causes. */
function checkHeard(
  shard: number,
  { eventSequence, sentTo, hadBy }: ShardOutputs,
  heardSequence: number,
): void {
  if (heardSequence > eventSequence) {
    throw new HistoryMismatch(
      `the gateway has heard ${heardSequence} events of shard ${shard}, its journal causes ${eventSequence}`,
    );
  }
  for (const [other, had] of hadBy.entries()) {
    if (had <= sentTo[other]!) continue;
    throw new HistoryMismatch(
      `the journal of shard ${other} holds ${had} messages of shard ${shard}, whose own journal causes ${sentTo[other]}`,
    );
  }
}
