import { assert } from '../assert.ts';
import type { Disk } from '../journal/disk.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import type { EntryVisitor } from '../journal/segment-reader.ts';
import { listSegments } from '../journal/segments.ts';
import { OrderEvent } from '../protocol/events.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { Shard } from '../shard/shard.ts';
import { type ShardState, stateOf } from './shard-state.ts';

/** What a journal causes from its first entry to its last, found out by a shard that does nothing else. */
export interface JournalAudit {
  readonly inputs: number;
  readonly tornBytes: number;
  /** Every recorded event, the one with sequence i + 1 at i. */
  readonly events: readonly Uint8Array[];
  readonly state: ShardState;
}

/** An entry of a journal that has been deleted since. */
export interface ArchivedEntry {
  readonly source: number;
  readonly timeUs: number;
  readonly frame: Uint8Array;
}

/** @param archived the journal's first entries, of which it need not have any itself any more */
export function auditJournal(
  disk: Disk,
  directory: string,
  shard: number,
  shardCount: number,
  archived: readonly ArchivedEntry[] = [],
): JournalAudit {
  // Another seed than any venue has: it never shows in what a shard says.
  const machine = new Shard(shard, shardCount, 0x5eed);
  const events: Uint8Array[] = [];
  const orders = new Map<number, string>();
  const frame = new FrameReader();
  const reader = new JournalReader(disk, directory, { shard, shardCount });
  const { outputs } = machine;
  const visit: EntryVisitor = (_sequence, source, timeUs, bytes, start, entryEnd) => {
    frame.reset(bytes, start, entryEnd);
    assert(frame.next(), 'an entry without a frame');
    machine.apply(frame, source, timeUs);
    frame.reset(outputs.events.bytes, outputs.events.start, outputs.events.end);
    while (frame.next()) {
      if (frame.sequence === 0) continue;
      events.push(frame.bytes.slice(frame.frameStart, frame.position));
      assert(frame.sequence === events.length, 'event sequences are not dense');
      if (frame.type === OrderEvent.type) checkOrderId(frame, orders);
    }
    outputs.events.consume(outputs.events.pendingBytes);
    for (const messages of outputs.toShard) messages.consume(messages.pendingBytes);
  };
  const oldest = listSegments(disk, directory)[0]?.firstSequence ?? 1;
  assert(oldest <= archived.length + 1, 'entries were deleted that nobody has read');
  for (const [index, { source, timeUs, frame: bytes }] of archived.entries()) {
    if (index + 1 < oldest) visit(index + 1, source, timeUs, bytes, 0, bytes.length);
  }
  const end = reader.read(oldest, visit);
  const { tornBytes } = end;
  return { inputs: end.nextSequence - 1, tornBytes, events, state: stateOf(machine) };
}

/** An order id is of one order for ever. */
function checkOrderId(frame: FrameReader, orders: Map<number, string>): void {
  const event = OrderEvent.decode(frame, OrderEvent.create());
  const order = `${event.accountId} ${event.marketId} ${event.side} ${event.createdAtUs}`;
  const known = orders.get(event.orderId) ?? order;
  assert(known === order, `order id ${event.orderId} was given twice`);
  orders.set(event.orderId, order);
}
