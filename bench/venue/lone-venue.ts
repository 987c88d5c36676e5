import { sumOfOrders } from '../../engine/book/book-hash.ts';
import { Hash64 } from '../../engine/collections/hash64.ts';
import { balanceRecords, openOrderRecords, sumOfRecords } from '../../engine/ledger/ledger-hash.ts';
import { Audit } from '../../engine/protocol/commands.ts';
import { AuditEntry } from '../../engine/protocol/events.ts';
import { FrameReader } from '../../engine/protocol/frame-reader.ts';
import { FrameWriter } from '../../engine/protocol/frame-writer.ts';
import { Shard } from '../../engine/shard/shard.ts';
import { SHARD_PARTS } from '../../engine/shard/shard-parts.ts';
import type { CommandFlow } from '../workloads/command-flow.ts';
import { CommandEncoder, encodeSetup } from './commands.ts';

/** Commands applied before what they caused is taken away, and under one time stamp 16 as a shard thread does. */
const TURN = 256;
const FIRST_TIME_US = 1_700_000_000_000_000;

/** A flow's commands as frames, one behind the other. */
export function encodeFlow(flow: CommandFlow): Uint8Array {
  const frames = new FrameWriter(flow.count * 48);
  const encoder = new CommandEncoder();
  for (let at = 0; at < flow.count; at++) encoder.encode(frames, flow, at, at + 1);
  return frames.bytes.subarray(frames.start, frames.end);
}

/** One shard in this thread, with the markets, accounts and funds that a flow needs. */
export class LoneVenue {
  readonly shard: Shard;
  readonly #frame = new FrameReader();
  #timeUs = FIRST_TIME_US;

  /** @param parts to leave something out, see `ShardParts` */
  constructor(flow: CommandFlow, parts = SHARD_PARTS) {
    this.shard = new Shard(0, 1, 0, parts);
    const frames = new FrameWriter();
    encodeSetup(frames, flow);
    this.applyFrames(frames.bytes.subarray(frames.start, frames.end), dropped);
  }

  /** Applies encoded commands; after every few hands what they caused to `take`, and drops it. */
  applyFrames(commands: Uint8Array, take: (bytes: Uint8Array, start: number, end: number) => void) {
    const { shard } = this;
    const { events } = shard.outputs;
    const frame = this.#frame;
    frame.reset(commands, 0, commands.length);
    let applied = 0;
    while (frame.next()) {
      if ((applied & 15) === 0) this.#timeUs += 16;
      shard.apply(frame, -1, this.#timeUs);
      if (++applied % TURN !== 0) continue;
      take(events.bytes, events.start, events.end);
      events.consume(events.pendingBytes);
    }
    take(events.bytes, events.start, events.end);
    events.consume(events.pendingBytes);
  }

  /** Applies a flow's commands by call, without a codec; to be used with `SILENT_PARTS`. */
  applyCalls(flow: CommandFlow): void {
    const encoder = new CommandEncoder();
    for (let at = 0; at < flow.count; at++) {
      if ((at & 15) === 0) this.#timeUs += 16;
      encoder.call(this.shard.deskAt(this.#timeUs), flow, at, at + 1);
    }
  }

  /** Whether every asset adds up to the unit: what was deposited is available, locked, or a fee. */
  isAudited(): boolean {
    const frames = new FrameWriter();
    Audit.encode(frames, 0, { requestId: 1 });
    const reader = new FrameReader();
    const entry = AuditEntry.create();
    let holds = true;
    let entries = 0;
    this.applyFrames(frames.bytes.subarray(0, frames.end), (bytes, start, end) => {
      reader.reset(bytes, start, end);
      while (reader.next()) {
        if (reader.type !== AuditEntry.type) continue;
        AuditEntry.decode(reader, entry);
        entries++;
        const { availableUnits, lockedUnits, feeUnits, inFlightUnits } = entry;
        const held = availableUnits + lockedUnits + feeUnits + inFlightUnits;
        holds &&= held === Number(BigInt(entry.depositUnits) - BigInt(entry.withdrawalUnits));
        holds &&= lockedUnits === entry.reservedUnits && inFlightUnits === 0;
      }
    });
    return holds && entries > 0;
  }

  stateDigest(): string {
    return digestOf(this.shard);
  }
}

/** Of every balance, open order and book, wherever in memory they lie, and the number of events so far. */
export function digestOf(shard: Shard): string {
  const { ledger, orders, markets } = shard.state;
  const hash = new Hash64();
  sumOfRecords(balanceRecords(ledger)).addTo(hash);
  sumOfRecords(openOrderRecords(orders)).addTo(hash);
  for (const { book } of markets.values()) sumOfOrders(book!).addTo(hash);
  hash.add(shard.outputs.eventSequence);
  return hash.digest();
}

export function dropped(): void {}
