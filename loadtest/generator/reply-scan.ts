import { ReplyReader } from '../client/reply-reader.ts';
import type { ToldOrder, ToldTrade } from './reply-fills.ts';

const text = (value: string): Uint8Array => Buffer.from(value, 'latin1');

/** Key and map header of `times`, by how many members it has. */
const timesOf = (members: number): Uint8Array =>
  Buffer.concat([text('\xa5times'), Uint8Array.of(0x80 | members)]);
const TIMES = [0, 1, 2, 3, 4].map(timesOf);
const TIMES_BYTES = TIMES[0]!.length;
const NO_FILLS = Buffer.concat([text('\xa5fills'), Uint8Array.of(0x90)]);
const RECEIVED = Buffer.concat([text('\xa8received'), Uint8Array.of(0xcb)]);
const MATCHED = Buffer.concat([text('\xa7matched'), Uint8Array.of(0xcb)]);
const JOURNALED = Buffer.concat([text('\xa9journaled'), Uint8Array.of(0xcb)]);
const PUBLISHED = Buffer.concat([text('\xa9published'), Uint8Array.of(0xcb)]);
const DOUBLE_BYTES = 8;
const START = Buffer.concat([Uint8Array.of(0x85), text('\xa2id')]);
/** In the order of a cancel: what has become of it. */
const CANCELLED = Buffer.from('\xa6status\xa9Cancelled', 'latin1');
const CANCELLED_JSON = Buffer.from('"status":"Cancelled"', 'latin1');
const NO_TRADES: readonly ToldTrade[] = [];
const NO_ORDER: ToldOrder = { id: '', executedQuantity: '', executedQuoteQuantity: '' };
const STATUS_OK = Buffer.concat([text('\xa6status'), Uint8Array.of(0xcc, 0xc8)]);

/**
 * Reads of an order entry reply what a load generator needs. An acknowledgement that took nothing from the book,
 * nearly every one, is read at both its ends, 40 bytes of 800, when it is laid out as our own venue does; all others
 * are read whole.
 */
export class ReplyScan {
  /** −1 for what is no reply. */
  id = -1;
  status = 0;
  /** Of this reply. */
  trades: readonly ToldTrade[] = NO_TRADES;
  /** Of a reply that has trades, until the next one is read. */
  order: ToldOrder = NO_ORDER;
  errorCode = '';
  /** µs of the epoch; 0 where the venue does not say. */
  receivedUs = 0;
  matchedUs = 0;
  journaledUs = 0;
  publishedUs = 0;
  /** Where the next time of the reply ends, read from its end on. */
  #timesEnd = 0;
  readonly #reader = new ReplyReader();

  /** Reads the reply from `start` to `end`. Throws when it is neither msgpack nor JSON. */
  read(buffer: Buffer, start: number, end: number, isBinary: boolean): void {
    this.trades = NO_TRADES;
    this.order = NO_ORDER;
    this.errorCode = '';
    this.receivedUs = this.matchedUs = this.journaledUs = this.publishedUs = 0;
    if (!isBinary) this.#readJson(buffer.toString('utf8', start, end));
    else if (!this.#readEnds(buffer, start, end)) this.#readWhole(buffer.subarray(start, end));
  }

  #readEnds(buffer: Buffer, start: number, end: number): boolean {
    if (!stands(buffer, start, START)) return false;
    const at = start + START.length;
    const afterId = this.#readId(buffer, at);
    if (afterId < 0 || !stands(buffer, afterId, STATUS_OK)) return false;
    this.#timesEnd = end;
    const publishedUs = this.#timeBefore(buffer, PUBLISHED);
    const journaledUs = this.#timeBefore(buffer, JOURNALED);
    const matchedUs = this.#timeBefore(buffer, MATCHED);
    const receivedUs = this.#timeBefore(buffer, RECEIVED);
    if (matchedUs === 0 || receivedUs === 0) return false;
    const members = 2 + (journaledUs === 0 ? 0 : 1) + (publishedUs === 0 ? 0 : 1);
    const timesAt = this.#timesEnd - TIMES_BYTES;
    if (!stands(buffer, timesAt, TIMES[members]!)) return false;
    if (!stands(buffer, timesAt - NO_FILLS.length, NO_FILLS)) return false;
    this.status = 200;
    this.receivedUs = receivedUs;
    this.matchedUs = matchedUs;
    this.journaledUs = journaledUs;
    this.publishedUs = publishedUs;
    return true;
  }

  /** The time of this name that ends where those read so far begin; 0 when another one, or nothing, does. */
  #timeBefore(buffer: Buffer, name: Uint8Array): number {
    const at = this.#timesEnd - DOUBLE_BYTES - name.length;
    if (!stands(buffer, at, name)) return 0;
    this.#timesEnd = at;
    return buffer.readDoubleBE(at + name.length);
  }

  /** Answers where the id ends, −1 when it is none of ours. */
  #readId(buffer: Buffer, at: number): number {
    const byte = buffer[at]!;
    if (byte < 0x80) {
      this.id = byte;
      return at + 1;
    }
    switch (byte) {
      case 0xcc:
        this.id = buffer[at + 1]!;
        return at + 2;
      case 0xcd:
        this.id = (buffer[at + 1]! << 8) | buffer[at + 2]!;
        return at + 3;
      case 0xce:
        this.id = buffer.readUInt32BE(at + 1);
        return at + 5;
      default:
        return -1;
    }
  }

  #readWhole(frame: Buffer): void {
    const reader = this.#reader;
    reader.read(frame);
    this.id = reader.requestId;
    this.status = reader.status;
    this.errorCode = reader.errorCode;
    if (reader.hasResult) {
      this.trades = reader.result.fills;
      this.order = reader.result;
    }
    this.receivedUs = reader.receivedUs;
    this.matchedUs = reader.matchedUs;
    this.journaledUs = reader.journaledUs;
    this.publishedUs = reader.publishedUs;
  }

  #readJson(json: string): void {
    const reply = JSON.parse(json) as JsonReply;
    this.id = typeof reply.id === 'number' ? reply.id : -1;
    this.status = reply.status ?? 0;
    this.errorCode = String(reply.error?.code ?? '');
    this.trades = reply.result?.fills ?? NO_TRADES;
    this.order = { ...NO_ORDER, ...reply.result };
    this.receivedUs = reply.times?.received ?? 0;
    this.matchedUs = reply.times?.matched ?? 0;
    this.journaledUs = reply.times?.journaled ?? 0;
    this.publishedUs = reply.times?.published ?? 0;
  }
}

interface JsonReply {
  readonly id?: unknown;
  readonly status?: number;
  readonly error?: { readonly code?: string | number };
  readonly result?: (Partial<ToldOrder> & { readonly fills?: readonly ToldTrade[] }) | null;
  readonly times?: {
    readonly received?: number;
    readonly matched?: number;
    readonly journaled?: number;
    readonly published?: number;
  };
}

/** Whether the reply to a cancel, from `start` to `end`, says that the order is cancelled by now. */
export function saysCancelled(
  buffer: Buffer,
  start: number,
  end: number,
  isBinary: boolean,
): boolean {
  return buffer.subarray(start, end).includes(isBinary ? CANCELLED : CANCELLED_JSON);
}

/** True when `expected` is at `at`; false also where that is outside. */
function stands(buffer: Buffer, at: number, expected: Uint8Array): boolean {
  for (let index = 0; index < expected.length; index++) {
    if (buffer[at + index] !== expected[index]) return false;
  }
  return true;
}
