import { assert } from '../assert.ts';
import { BLOCK_ROWS, Column } from './column.ts';

/** Bytes that are gathered before the sink gets them. */
const CHUNK_BYTES = 2 ** 18;
const FIRST_TEXT_BYTES = 4096;
/** Of a UTF-16 unit. */
const UTF8_BYTES_MAX = 3;

/**
 * Writes a snapshot's payload: tables one behind the other, each of rows of whole numbers and texts. The
 * bytes leave in chunks as they come about, so there is never a second copy of the state.
 *
 *     table   uint8 name length · name · uint16 columns · block · block · … · uint32 0
 *     block   uint32 rows · column · column · … · uint32 text bytes · texts
 *
 * See `Column` for a column. A text is UTF-8 and its column has its length in bytes; the texts of a block
 * follow each other in the order of rows, then of columns. Everything is little-endian.
 */
export class SnapshotWriter {
  readonly #sink: (chunk: Uint8Array) => void;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  readonly #word = new Uint8Array(4);
  readonly #wordView = new DataView(this.#word.buffer);
  #end = 0;

  /** @param sink takes the payload's bytes in order; what it gets is overwritten after the call */
  constructor(sink: (chunk: Uint8Array) => void) {
    this.#sink = sink;
  }

  /** Begins a table, to be ended before the next. */
  table(name: string, columns: number): TableWriter {
    const text = Buffer.from(name);
    this.putWord(text.length, 1);
    this.put(text, text.length);
    this.putWord(columns, 2);
    return new TableWriter(this, columns);
  }

  /** Hands out what is left; nothing may follow. */
  finish(): void {
    if (this.#end > 0) this.#sink(this.#chunk.subarray(0, this.#end));
    this.#end = 0;
  }

  /** The first `count` bytes of `source`. */
  put(source: Uint8Array, count: number): void {
    for (let from = 0; from < count; ) {
      const to = Math.min(count, from + CHUNK_BYTES - this.#end);
      this.#chunk.set(source.subarray(from, to), this.#end);
      this.#end += to - from;
      from = to;
      if (this.#end === CHUNK_BYTES) this.finish();
    }
  }

  /** A whole number of 1, 2 or 4 bytes. */
  putWord(value: number, bytes: 1 | 2 | 4): void {
    assert(value < 2 ** (8 * bytes), 'a length that does not fit');
    this.#wordView.setUint32(0, value, true);
    this.put(this.#word, bytes);
  }
}

/** Takes a table's cells, row by row. */
export class TableWriter {
  readonly #writer: SnapshotWriter;
  readonly #columns: number;
  readonly #cells: Float64Array;
  readonly #column = new Column();
  #at = 0;
  #text = Buffer.alloc(FIRST_TEXT_BYTES);
  #textEnd = 0;

  constructor(writer: SnapshotWriter, columns: number) {
    this.#writer = writer;
    this.#columns = columns;
    this.#cells = new Float64Array(BLOCK_ROWS * columns);
  }

  /** The next cell: a whole number of magnitude up to 2^53 − 1. */
  put(value: number): void {
    this.#cells[this.#at++] = value;
    if (this.#at === this.#cells.length) this.#endBlock();
  }

  /** The next cell: a text without lone surrogates. */
  putText(text: string): void {
    const roomEnd = this.#textEnd + text.length * UTF8_BYTES_MAX;
    if (roomEnd > this.#text.length) {
      const grown = Buffer.alloc(roomEnd * 2);
      grown.set(this.#text);
      this.#text = grown;
    }
    const length = this.#text.write(text, this.#textEnd);
    this.#textEnd += length;
    this.put(length);
  }

  end(): void {
    if (this.#at > 0) this.#endBlock();
    this.#writer.putWord(0, 4);
  }

  #endBlock(): void {
    const columns = this.#columns;
    const rows = this.#at / columns;
    assert(Number.isInteger(rows), 'a row that is not whole');
    this.#writer.putWord(rows, 4);
    for (let first = 0; first < columns; first++) {
      const count = this.#column.encode(this.#cells, first, columns, rows);
      this.#writer.put(this.#column.bytes, count);
    }
    this.#writer.putWord(this.#textEnd, 4);
    this.#writer.put(this.#text, this.#textEnd);
    this.#textEnd = 0;
    this.#at = 0;
  }
}
