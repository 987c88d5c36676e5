import { assert } from '../assert.ts';

/**
 * Walks the frames that a `FrameWriter` made. `next` positions it on a message and reads its type and
 * sequence; the message's own `decode` reads the rest. Input comes from our own threads: a malformed
 * frame is a bug and asserts.
 */
export class FrameReader {
  /** The input and the position in it: for the messages' generated codecs. */
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView<ArrayBufferLike> = viewOf(this.bytes);
  at = 0;
  #end = 0;
  #frameStart = 0;
  #frameEnd = 0;
  /** Type number of the current message. */
  type = 0;
  /** Sequence of the current message in its stream; 0 when it is part of none. */
  sequence = 0;
  /** Elements of the current message after type and sequence. */
  fieldCount = 0;

  /** Starts reading `bytes[start..end)`; who reads several buffers in turn keeps a `view` of each. */
  reset(bytes: Uint8Array, start: number, end: number, view?: DataView): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = view ?? viewOf(bytes);
    }
    this.#frameStart = start;
    this.#frameEnd = start;
    this.#end = end;
  }

  /** Where the unread input starts: the end of the current frame. */
  get position(): number {
    return this.#frameEnd;
  }

  /** Where the current frame starts, with its length: the whole of it is `bytes[frameStart..position)`. */
  get frameStart(): number {
    return this.#frameStart;
  }

  /** Moves to the next whole frame; false when none is left (an incomplete one stays unread). */
  next(): boolean {
    const bytes = this.bytes;
    const at = this.#frameEnd;
    if (this.#end - at < 4) return false;
    const length =
      (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
    if (this.#end - at - 4 < length) return false;
    this.at = at + 4;
    this.#frameStart = at;
    this.#frameEnd = at + 4 + length;
    this.fieldCount = this.arrayLength() - 2;
    this.type = this.uint();
    this.sequence = this.uint();
    return true;
  }

  /** Called by a message's `decode` when it has read its last field. */
  finish(): void {
    assert(this.at === this.#frameEnd, 'frame is longer or shorter than its message');
  }

  arrayLength(): number {
    const byte = this.bytes[this.at++]!;
    if ((byte & 0xf0) === 0x90) return byte & 0x0f;
    assert(byte === 0xdc, 'expected an array');
    const length = (this.bytes[this.at]! << 8) | this.bytes[this.at + 1]!;
    this.at += 2;
    return length;
  }

  uint(): number {
    const bytes = this.bytes;
    const at = this.at;
    const byte = bytes[at]!;
    if (byte < 128) {
      this.at = at + 1;
      return byte;
    }
    switch (byte) {
      case 0xcc:
        this.at = at + 2;
        return bytes[at + 1]!;
      case 0xcd:
        this.at = at + 3;
        return (bytes[at + 1]! << 8) | bytes[at + 2]!;
      case 0xce:
        this.at = at + 5;
        return this.#uint32(at + 1);
      case 0xcb:
        this.at = at + 9;
        return this.view.getFloat64(at + 1);
      default:
        assert(false, `expected an unsigned integer, found byte ${byte}`);
        return 0;
    }
  }

  /** As `uint`, which also reads what is negative. */
  int(): number {
    return this.uint();
  }

  nullableWideUint(): number | null {
    if (this.bytes[this.at] !== 0xc0) return this.uint();
    this.at++;
    return null;
  }

  bool(): boolean {
    const byte = this.bytes[this.at++];
    assert(byte === 0xc2 || byte === 0xc3, 'expected a boolean');
    return byte === 0xc3;
  }

  text(): string {
    const byte = this.bytes[this.at++]!;
    let length = byte & 0x1f;
    if (byte === 0xda) {
      length = (this.bytes[this.at]! << 8) | this.bytes[this.at + 1]!;
      this.at += 2;
    } else {
      assert((byte & 0xe0) === 0xa0, 'expected a text');
    }
    const start = this.at;
    this.at += length;
    const bytes = this.bytes;
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('utf8');
  }

  /** Reads a list into `target`, whose old content is dropped. */
  uintList(target: number[]): number[] {
    const length = this.arrayLength();
    target.length = length;
    for (let index = 0; index < length; index++) target[index] = this.uint();
    return target;
  }

  #uint32(at: number): number {
    const bytes = this.bytes;
    return (
      ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
    );
  }
}

/** Of the same bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
