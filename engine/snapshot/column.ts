import { assert } from '../assert.ts';
import { SnapshotError } from './snapshot-error.ts';

/** Rows that are encoded together. */
export const BLOCK_ROWS = 1024;

/** Width of a value in bytes at [0], the base as a double at [8]; then the values. */
export const COLUMN_HEADER_BYTES = 16;
const BASE_AT = 1;

const WIDTHS: readonly number[] = [0, 1, 2, 4, 6, 8];

/**
 * One column of a block of rows: whole numbers of magnitude up to 2^53 − 1, each as its difference from
 * the least of them (the base) in as few bytes as the greatest difference needs: 0, 1, 2, 4 or 6, where
 * 6 are a run of the low words and then one of the high ones. A difference that takes more is not taken:
 * the values stand there themselves, as doubles. (Frame-of-reference coding; Goldstein, Ramakrishnan
 * and Shaft, "Compressing Relations and Indexes", 1998.) Everything is little-endian.
 */
export class Column {
  /** The encoded column: header, then `dataBytes` bytes. */
  readonly bytes = new Uint8Array(COLUMN_HEADER_BYTES + BLOCK_ROWS * 8);
  readonly #words16 = new Uint16Array(this.bytes.buffer);
  readonly #words32 = new Uint32Array(this.bytes.buffer);
  readonly #doubles = new Float64Array(this.bytes.buffer);

  /** Encodes `rows` values at `cells[first]`, `cells[first + stride]`, …; answers all of its bytes. */
  encode(cells: Float64Array, first: number, stride: number, rows: number): number {
    const end = first + rows * stride;
    let least = Number.MAX_SAFE_INTEGER;
    let greatest = -Number.MAX_SAFE_INTEGER;
    for (let at = first; at < end; at += stride) {
      const value = cells[at]!;
      assert(Number.isSafeInteger(value), 'a snapshot holds whole numbers up to 2^53 − 1');
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    const width = widthOf(greatest - least);
    this.bytes.fill(0, 0, COLUMN_HEADER_BYTES);
    this.bytes[0] = width;
    this.#doubles[BASE_AT] = width === 8 ? 0 : least;
    this.#putValues(cells, first, stride, rows, width, width === 8 ? 0 : least);
    return COLUMN_HEADER_BYTES + rows * width;
  }

  /** Bytes behind the header of the column whose header is in `bytes`. */
  dataBytes(rows: number): number {
    const width = this.bytes[0]!;
    if (!WIDTHS.includes(width)) {
      throw new SnapshotError('SNAPSHOT_DAMAGED', `a column of ${width} bytes per value`);
    }
    return rows * width;
  }

  /** Decodes the column in `bytes` to where `encode` took it from. */
  decode(cells: Float64Array, first: number, stride: number, rows: number): void {
    const end = first + rows * stride;
    const base = this.#doubles[BASE_AT]!;
    const width = this.bytes[0]!;
    if (width === 0) {
      for (let at = first; at < end; at += stride) cells[at] = base;
      return;
    }
    const values = this.#valuesOf(width);
    let from = COLUMN_HEADER_BYTES / values.BYTES_PER_ELEMENT;
    for (let at = first; at < end; at += stride) cells[at] = base + values[from++]!;
    if (width !== 6) return;
    from = COLUMN_HEADER_BYTES / 2 + rows * 2;
    for (let at = first; at < end; at += stride) cells[at]! += this.#words16[from++]! * 2 ** 32;
  }

  #putValues(
    cells: Float64Array,
    first: number,
    stride: number,
    rows: number,
    width: number,
    base: number,
  ): void {
    if (width === 0) return;
    const end = first + rows * stride;
    const values = this.#valuesOf(width);
    let to = COLUMN_HEADER_BYTES / values.BYTES_PER_ELEMENT;
    // What does not fit, of a value of six bytes, is dropped, and stands in the second run.
    for (let at = first; at < end; at += stride) values[to++] = cells[at]! - base;
    if (width !== 6) return;
    to = COLUMN_HEADER_BYTES / 2 + rows * 2;
    for (let at = first; at < end; at += stride) {
      this.#words16[to++] = (cells[at]! - base) / 2 ** 32;
    }
  }

  /** The whole column as values of a width; of 6 bytes, the low words. */
  #valuesOf(width: number): Uint8Array | Uint16Array | Uint32Array | Float64Array {
    if (width === 1) return this.bytes;
    if (width === 2) return this.#words16;
    return width === 8 ? this.#doubles : this.#words32;
  }
}

/** @param span the greatest difference; one above 2^53 may be rounded, and takes the widest anyway */
function widthOf(span: number): number {
  if (span === 0) return 0;
  if (span < 2 ** 8) return 1;
  if (span < 2 ** 16) return 2;
  if (span < 2 ** 32) return 4;
  return span < 2 ** 48 ? 6 : 8;
}
