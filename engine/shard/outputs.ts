import { Rejected, RequestDone } from '../protocol/events.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import type { Fields, FieldsOf, Message } from '../protocol/message.ts';
import type { RejectCode } from '../protocol/reject-codes.ts';
import type { Saved } from '../snapshot/saved.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';

/**
 * Everything a shard says, as frames in memory. What happens to the frames (rings, a journal first, a
 * test) is the caller's business; the shard itself does no I/O.
 */
export class ShardOutputs implements Saved {
  /** For the gateway and the persistence thread, in one order. */
  readonly events = new FrameWriter();
  /** For the other shards, by shard number; the own one stays empty. */
  readonly toShard: readonly FrameWriter[];
  /** Sequence of the last recorded event. */
  eventSequence = 0;
  /** Messages sent to each shard so far. */
  readonly sentTo: number[];
  /** The last event that the outside has: up to there events are counted and not said again. */
  hadEvents = 0;
  /** The same of each shard's messages. */
  readonly hadBy: number[];
  /** While a journal is replayed nobody waits for an answer. */
  isReplaying = false;
  readonly #rejected = Rejected.create();
  readonly #requestDone = RequestDone.create();

  constructor(shardCount: number) {
    this.toShard = Array.from({ length: shardCount }, () => new FrameWriter());
    this.sentTo = new Array<number>(shardCount).fill(0);
    this.hadBy = new Array<number>(shardCount).fill(0);
  }

  /** Emits an event of record. */
  record<F extends Fields>(message: Message<F>, body: FieldsOf<F>): void {
    const sequence = ++this.eventSequence;
    if (sequence > this.hadEvents) message.encode(this.events, sequence, body);
  }

  /** Emits an answer that only the gateway needs. */
  answer<F extends Fields>(message: Message<F>, body: FieldsOf<F>): void {
    if (!this.isReplaying) message.encode(this.events, 0, body);
  }

  refuse(requestId: number, code: RejectCode): void {
    this.#rejected.requestId = requestId;
    this.#rejected.code = code;
    this.answer(Rejected, this.#rejected);
  }

  done(requestId: number): void {
    this.#requestDone.requestId = requestId;
    this.answer(RequestDone, this.#requestDone);
  }

  send<F extends Fields>(shard: number, message: Message<F>, body: FieldsOf<F>): void {
    const sequence = ++this.sentTo[shard]!;
    if (sequence > this.hadBy[shard]!) message.encode(this.toShard[shard]!, sequence, body);
  }

  /** How much was said; what of it still waits in memory is its reader's business. */
  save(writer: SnapshotWriter): void {
    const events = writer.table('events', 1);
    events.put(this.eventSequence);
    events.end();
    const messages = writer.table('messages sent', 1);
    for (const sent of this.sentTo) messages.put(sent);
    messages.end();
  }

  load(reader: SnapshotReader): void {
    const events = reader.table('events', 1);
    while (events.next()) this.eventSequence = events.take();
    const messages = reader.table('messages sent', 1);
    for (let shard = 0; messages.next(); shard++) this.sentTo[shard] = messages.take();
  }
}
