import { assert } from '../assert.ts';

const LENGTH_BYTES = 4;

/** Kept free behind a text or list for the scalars that may follow it: no message has more than 40. */
const TRAILING_SCALAR_BYTES = 40 * 9;

/**
 * Collects messages as length-prefixed frames, each a msgpack array, until they are copied to a ring
 * in one piece. Writes the msgpack subset the protocol uses (https://github.com/msgpack/msgpack/blob/master/spec.md):
 * arrays, integers, nil, booleans and UTF-8 strings. Integers up to 32 bits take their shortest form;
 * larger and negative ones travel as 64-bit floats, which hold every safe integer exactly, take the same
 * 9 bytes and are written and read in one instruction.
 *
 * A frame is `uint32 little-endian length` + payload. `bytes[start..end)` are frames not yet taken.
 */
export class FrameWriter {
  bytes: Uint8Array;
  /** First byte not yet taken by `consume`. */
  start = 0;
  /** End of the written frames. */
  end = 0;
  #frameStart = 0;
  #view: DataView;

  constructor(initialBytes = 64 * 1024) {
    this.bytes = new Uint8Array(initialBytes);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Bytes waiting to be taken. */
  get pendingBytes(): number {
    return this.end - this.start;
  }

  /** Marks `byteCount` bytes as taken. */
  consume(byteCount: number): void {
    this.start += byteCount;
    assert(this.start <= this.end, 'took more bytes than were written');
    if (this.start === this.end) this.start = this.end = 0;
  }

  /** Opens a frame of `fieldCount` array elements and makes room for `maxBytes` of scalars. */
  beginFrame(fieldCount: number, maxBytes: number): void {
    this.ensure(maxBytes + LENGTH_BYTES + 3);
    this.#frameStart = this.end;
    this.end += LENGTH_BYTES;
    this.arrayHeader(fieldCount);
  }

  endFrame(): void {
    const at = this.#frameStart;
    const length = this.end - at - LENGTH_BYTES;
    const bytes = this.bytes;
    bytes[at] = length;
    bytes[at + 1] = length >>> 8;
    bytes[at + 2] = length >>> 16;
    bytes[at + 3] = length >>> 24;
  }

  /** Appends whole frames that another writer made. */
  append(source: Uint8Array, start: number, end: number): void {
    this.ensure(end - start);
    this.bytes.set(source.subarray(start, end), this.end);
    this.end += end - start;
  }

  ensure(byteCount: number): void {
    if (this.end + byteCount <= this.bytes.length) return;
    const pending = this.end - this.start;
    if (this.start > 0 && pending + byteCount <= this.bytes.length / 2) {
      this.bytes.copyWithin(0, this.start, this.end);
    } else {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, (pending + byteCount) * 2));
      grown.set(this.bytes.subarray(this.start, this.end));
      this.bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#frameStart -= this.start;
    this.start = 0;
    this.end = pending;
  }

  arrayHeader(length: number): void {
    const bytes = this.bytes;
    if (length < 16) {
      bytes[this.end++] = 0x90 | length;
    } else {
      assert(length < 65536, 'array too long for a frame');
      bytes[this.end++] = 0xdc;
      bytes[this.end++] = length >>> 8;
      bytes[this.end++] = length;
    }
  }

  /** An integer in 0 … 2^53 − 1. */
  uint(value: number): void {
    const bytes = this.bytes;
    let at = this.end;
    if (value < 128) {
      assert(value >= 0, 'negative or missing unsigned integer');
      bytes[at++] = value;
    } else if (value < 0x100) {
      bytes[at] = 0xcc;
      bytes[at + 1] = value;
      at += 2;
    } else if (value < 0x10000) {
      bytes[at] = 0xcd;
      bytes[at + 1] = value >>> 8;
      bytes[at + 2] = value;
      at += 3;
    } else if (value < 0x100000000) {
      bytes[at] = 0xce;
      bytes[at + 1] = value >>> 24;
      bytes[at + 2] = value >>> 16;
      bytes[at + 3] = value >>> 8;
      bytes[at + 4] = value;
      at += 5;
    } else {
      assert(value <= Number.MAX_SAFE_INTEGER, 'integer above 2^53 - 1, or not a number');
      bytes[at] = 0xcb;
      this.#view.setFloat64(at + 1, value);
      at += 9;
    }
    this.end = at;
  }

  /** An integer of either sign, magnitude below 2^53. */
  int(value: number): void {
    if (value >= 0) {
      this.uint(value);
      return;
    }
    assert(value >= -Number.MAX_SAFE_INTEGER, 'integer below -(2^53 - 1), or not a number');
    this.bytes[this.end] = 0xcb;
    this.#view.setFloat64(this.end + 1, value);
    this.end += 9;
  }

  nullableUint(value: number | null): void {
    if (value === null) this.bytes[this.end++] = 0xc0;
    else this.uint(value);
  }

  bool(value: boolean): void {
    this.bytes[this.end++] = value ? 0xc3 : 0xc2;
  }

  text(value: string): void {
    const encoded = Buffer.from(value, 'utf8');
    const length = encoded.length;
    assert(length < 65536, 'text too long for a frame');
    this.ensure(length + 3 + TRAILING_SCALAR_BYTES);
    const bytes = this.bytes;
    if (length < 32) {
      bytes[this.end++] = 0xa0 | length;
    } else {
      bytes[this.end++] = 0xda;
      bytes[this.end++] = length >>> 8;
      bytes[this.end++] = length;
    }
    bytes.set(encoded, this.end);
    this.end += length;
  }

  uintList(values: readonly number[]): void {
    this.ensure(values.length * 9 + 3 + TRAILING_SCALAR_BYTES);
    this.arrayHeader(values.length);
    for (let index = 0; index < values.length; index++) this.uint(values[index]!);
  }
}
