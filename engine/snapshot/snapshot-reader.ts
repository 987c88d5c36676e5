import { viewOf } from '../protocol/frame-reader.ts';
import { BLOCK_ROWS, COLUMN_HEADER_BYTES, Column } from './column.ts';
import { SnapshotError } from './snapshot-error.ts';

const CHUNK_BYTES = 2 ** 18;

/**
 * Reads what a `SnapshotWriter` wrote. Who reads tables and cells in another order, or other bytes, gets
 * a `SnapshotError` as soon as it shows; only a checksum tells that nothing was changed.
 */
export class SnapshotReader {
  readonly #source: (target: Uint8Array) => number;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  readonly #word = new Uint8Array(4);
  readonly #wordView = viewOf(this.#word);
  #at = 0;
  #end = 0;

  /** @param source writes the payload's next bytes to the start of `target`; answers how many, 0 at the end */
  constructor(source: (target: Uint8Array) => number) {
    this.#source = source;
  }

  /**
   * Begins the next table, whose name and width are known.
   *
   * @param leastColumns what it had before its last columns were added
   */
  table(name: string, columns: number, leastColumns = columns): TableReader {
    const text = new Uint8Array(this.takeWord(1));
    this.take(text, 0, text.length);
    const found = Buffer.from(text).toString();
    const foundColumns = this.takeWord(2);
    if (found !== name || foundColumns < leastColumns || foundColumns > columns) {
      throw damaged(`table ${found} of ${foundColumns} columns instead of ${name} of ${columns}`);
    }
    return new TableReader(this, foundColumns);
  }

  /** Says whether the payload is read to its end. */
  get isAtEnd(): boolean {
    return this.#at === this.#end && !this.#refill();
  }

  /** The next bytes, into `target[start..end)`. */
  take(target: Uint8Array, start: number, end: number): void {
    for (let to = start; to < end; ) {
      if (this.#at === this.#end && !this.#refill()) throw damaged('the payload ends too early');
      const count = Math.min(end - to, this.#end - this.#at);
      target.set(this.#chunk.subarray(this.#at, this.#at + count), to);
      this.#at += count;
      to += count;
    }
  }

  /** The next whole number of so many bytes. */
  takeWord(bytes: 1 | 2 | 4): number {
    this.#word.fill(0);
    this.take(this.#word, 0, bytes);
    return this.#wordView.getUint32(0, true);
  }

  #refill(): boolean {
    this.#at = 0;
    this.#end = this.#source(this.#chunk);
    return this.#end > 0;
  }
}

/** Gives a table's cells, row by row: `next` goes to a row, then one `take` for each of its columns. */
export class TableReader {
  /** Of each row. */
  readonly columns: number;
  readonly #reader: SnapshotReader;
  readonly #cells: Float64Array;
  readonly #column = new Column();
  #at = 0;
  #end = 0;
  #text = Buffer.alloc(0);
  #textAt = 0;

  constructor(reader: SnapshotReader, columns: number) {
    this.#reader = reader;
    this.columns = columns;
    this.#cells = new Float64Array(BLOCK_ROWS * columns);
  }

  /** Goes to the next row; false behind the last. */
  next(): boolean {
    return this.#at < this.#end || this.#readBlock();
  }

  take(): number {
    return this.#cells[this.#at++]!;
  }

  takeText(): string {
    const start = this.#textAt;
    this.#textAt += this.take();
    if (this.#textAt > this.#text.length) throw damaged('a text ends behind its block');
    return this.#text.toString('utf8', start, this.#textAt);
  }

  #readBlock(): boolean {
    const reader = this.#reader;
    const { columns } = this;
    const column = this.#column;
    const rows = reader.takeWord(4);
    if (rows === 0) return false;
    if (rows > BLOCK_ROWS) throw damaged(`a block of ${rows} rows`);
    for (let first = 0; first < columns; first++) {
      reader.take(column.bytes, 0, COLUMN_HEADER_BYTES);
      reader.take(column.bytes, COLUMN_HEADER_BYTES, COLUMN_HEADER_BYTES + column.dataBytes(rows));
      column.decode(this.#cells, first, columns, rows);
    }
    this.#text = Buffer.alloc(reader.takeWord(4));
    reader.take(this.#text, 0, this.#text.length);
    this.#textAt = 0;
    this.#at = 0;
    this.#end = rows * columns;
    return true;
  }
}

function damaged(what: string): SnapshotError {
  return new SnapshotError('SNAPSHOT_DAMAGED', `not a snapshot's payload: ${what}`);
}
