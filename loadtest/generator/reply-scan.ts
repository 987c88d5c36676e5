import { ReplyReader } from '../replay/reply-reader.ts';

const text = (value: string): Uint8Array => Buffer.from(value, 'latin1');

/** Key of `times`; the header of a map follows, and as many members as that says. */
const TIMES = text('\xa5times');
const EMPTY_MAP = 0x80;
const NO_FILLS = Buffer.concat([text('\xa5fills'), Uint8Array.of(0x90)]);
const RECEIVED = Buffer.concat([text('\xa8received'), Uint8Array.of(0xcb)]);
const MATCHED = Buffer.concat([text('\xa7matched'), Uint8Array.of(0xcb)]);
const JOURNALED = Buffer.concat([text('\xa9journaled'), Uint8Array.of(0xcb)]);
const PUBLISHED = Buffer.concat([text('\xa9published'), Uint8Array.of(0xcb)]);
const DOUBLE_BYTES = 8;
const RECEIVED_BYTES = RECEIVED.length + DOUBLE_BYTES;
const MATCHED_BYTES = MATCHED.length + DOUBLE_BYTES;
const JOURNALED_BYTES = JOURNALED.length + DOUBLE_BYTES;
const PUBLISHED_BYTES = PUBLISHED.length + DOUBLE_BYTES;
const START = Buffer.concat([Uint8Array.of(0x85), text('\xa2id')]);
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
  /** Of this reply: trades of the order asked for. */
  fills = 0;
  errorCode = '';
  /** µs of the epoch; 0 where the venue does not say. */
  receivedUs = 0;
  matchedUs = 0;
  journaledUs = 0;
  /** When the venue's gateway wrote it. */
  publishedUs = 0;
  readonly #reader = new ReplyReader();

  /** Reads the reply from `start` to `end`. Throws when it is neither msgpack nor JSON. */
  read(buffer: Buffer, start: number, end: number, isBinary: boolean): void {
    this.fills = 0;
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
    let cursor = end;
    const hasPublished = stands(buffer, cursor - PUBLISHED_BYTES, PUBLISHED);
    if (hasPublished) cursor -= PUBLISHED_BYTES;
    const journaledEnd = cursor;
    const hasJournaled = stands(buffer, cursor - JOURNALED_BYTES, JOURNALED);
    if (hasJournaled) cursor -= JOURNALED_BYTES;
    const matchedEnd = cursor;
    cursor -= MATCHED_BYTES;
    if (!stands(buffer, cursor, MATCHED)) return false;
    const receivedEnd = cursor;
    cursor -= RECEIVED_BYTES;
    if (!stands(buffer, cursor, RECEIVED)) return false;
    const members = 2 + Number(hasJournaled) + Number(hasPublished);
    if (buffer[--cursor] !== (EMPTY_MAP | members)) return false;
    cursor -= TIMES.length;
    if (!stands(buffer, cursor, TIMES)) return false;
    if (!stands(buffer, cursor - NO_FILLS.length, NO_FILLS)) return false;
    this.status = 200;
    this.receivedUs = buffer.readDoubleBE(receivedEnd - DOUBLE_BYTES);
    this.matchedUs = buffer.readDoubleBE(matchedEnd - DOUBLE_BYTES);
    if (hasJournaled) this.journaledUs = buffer.readDoubleBE(journaledEnd - DOUBLE_BYTES);
    if (hasPublished) this.publishedUs = buffer.readDoubleBE(end - DOUBLE_BYTES);
    return true;
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
    this.fills = reader.hasResult ? reader.result.fills.length : 0;
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
    this.fills = reply.result?.fills?.length ?? 0;
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
  readonly result?: { readonly fills?: readonly unknown[] } | null;
  readonly times?: {
    readonly received?: number;
    readonly matched?: number;
    readonly journaled?: number;
    readonly published?: number;
  };
}

/** True when `expected` is at `at`; false also where that is outside. */
function stands(buffer: Buffer, at: number, expected: Uint8Array): boolean {
  for (let index = 0; index < expected.length; index++) {
    if (buffer[at + index] !== expected[index]) return false;
  }
  return true;
}
