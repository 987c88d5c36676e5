import { formatDecimal, type Scale } from '../../engine/protocol/decimal.ts';
import { FrameWriter } from '../../engine/protocol/frame-writer.ts';
import { putArrayHeader, putInt, putText } from '../../engine/protocol/msgpack.ts';

/** Of a safe integer or a decimal, from the last to the first. */
const DIGITS = new Uint8Array(16);
/** A safe integer is this many times its upper digits, and nine lower ones: each part fits into 32 bits. */
const PART = 1e9;
const PART_DIGITS = 9;
const ZERO = 48;
const POINT = 46;

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
    this.bytes[this.end] = 0xcb;
    this.view.setFloat64(this.end + 1, value);
    this.end += 9;
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

  /** `formatDecimal` as a text, without making it: of an order's reply these are what costs most. */
  decimal(steps: number, scale: Scale): void {
    const { decimals, stepUnits } = scale;
    const units = steps * stepUnits;
    if (!(units >= 0 && units <= Number.MAX_SAFE_INTEGER) || decimals >= DIGITS.length) {
      this.shortText(formatDecimal(steps, scale));
      return;
    }
    let count = digitsOf(units);
    while (count <= decimals) DIGITS[count++] = 0;
    let last = 0;
    while (last < decimals && DIGITS[last] === 0) last++;
    const hasPoint = last < decimals;
    this.ensure(count + 2);
    const { bytes } = this;
    bytes[this.end++] = 0xa0 | (count - last + (hasPoint ? 1 : 0));
    for (let at = count - 1; at >= decimals; at--) bytes[this.end++] = ZERO + DIGITS[at]!;
    if (!hasPoint) return;
    bytes[this.end++] = POINT;
    for (let at = decimals - 1; at >= last; at--) bytes[this.end++] = ZERO + DIGITS[at]!;
  }

  #text(value: string): void {
    this.ensure(value.length * 3 + 3);
    this.end = putText(this.bytes, this.end, value);
  }
}

/** Puts the digits of a safe integer into `DIGITS`, the last one first; answers how many, none for 0. */
function digitsOf(value: number): number {
  const upper = Math.floor(value / PART);
  let count = putDigits(value - upper * PART, 0);
  if (upper === 0) return count;
  while (count < PART_DIGITS) DIGITS[count++] = 0;
  return putDigits(upper, count);
}

/** Puts them from `at` on; answers where they end. */
function putDigits(part: number, at: number): number {
  let end = at;
  for (let rest = part | 0; rest > 0; ) {
    const next = (rest / 10) | 0;
    DIGITS[end++] = rest - next * 10;
    rest = next;
  }
  return end;
}
