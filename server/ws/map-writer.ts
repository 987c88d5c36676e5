import { FrameWriter } from '../../engine/protocol/frame-writer.ts';
import { putArrayHeader, putInt, putText } from '../../engine/protocol/msgpack.ts';

/** A double and its bytes, in the byte order of the machine: little-endian on all we run on. */
const FLOAT_64 = new Float64Array(1);
const FLOAT_64_BYTES = new Uint8Array(FLOAT_64.buffer);

/** A constant piece of msgpack, encoded once: keys, names, and the values that never differ. */
export function constantPiece(write: (writer: MapWriter) => void): Uint8Array {
  const writer = new MapWriter(64);
  write(writer);
  return writer.bytes.slice(0, writer.end);
}

/** Adds what client frames have and ring frames do not: maps, floats, and cheap short ASCII texts. */
export class MapWriter extends FrameWriter {
  /** Up to 65,535 members follow, each a text and a value. */
  mapHeader(length: number): void {
    this.ensure(3);
    if (length < 16) {
      this.bytes[this.end++] = 0x80 | length;
    } else {
      this.bytes[this.end++] = 0xde;
      this.bytes[this.end++] = length >>> 8;
      this.bytes[this.end++] = length;
    }
  }

  /** Any number of values follows. */
  listHeader(length: number): void {
    this.ensure(5);
    if (length < 65_536) {
      this.end = putArrayHeader(this.bytes, this.end, length);
      return;
    }
    this.bytes[this.end++] = 0xdd;
    this.bytes[this.end++] = length >>> 24;
    this.bytes[this.end++] = length >>> 16;
    this.bytes[this.end++] = length >>> 8;
    this.bytes[this.end++] = length;
  }

  /** A piece made by `constantPiece`, or any whole msgpack value. */
  piece(bytes: Uint8Array): void {
    this.ensure(bytes.length);
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }

  bool(value: boolean): void {
    this.ensure(1);
    this.bytes[this.end++] = value ? 0xc3 : 0xc2;
  }

  nil(): void {
    this.ensure(1);
    this.bytes[this.end++] = 0xc0;
  }

  /**
   * Any number. Integers that need more than 32 bits travel as doubles, exact below 2^53: many
   * JavaScript decoders make a bigint of a 64-bit integer, which then mixes with nothing.
   */
  number(value: number): void {
    this.ensure(9);
    if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) {
      this.end = putInt(this.bytes, this.view, this.end, value);
      return;
    }
    FLOAT_64[0] = value;
    const { bytes, end } = this;
    bytes[end] = 0xcb;
    for (let index = 0; index < 8; index++) bytes[end + 1 + index] = FLOAT_64_BYTES[7 - index]!;
    this.end = end + 9;
  }

  /** Decimal strings, names, ids: short and ASCII, or else the slow way. */
  shortText(value: string): void {
    const { length } = value;
    if (length >= 32) {
      this.#text(value);
      return;
    }
    this.ensure(length + 1);
    const start = this.end;
    const { bytes } = this;
    bytes[start] = 0xa0 | length;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 127) {
        this.#text(value);
        return;
      }
      bytes[start + 1 + index] = code;
    }
    this.end = start + 1 + length;
  }

  #text(value: string): void {
    this.ensure(value.length * 3 + 3);
    this.end = putText(this.bytes, this.end, value);
  }
}
