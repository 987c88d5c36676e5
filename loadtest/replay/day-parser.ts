import type { BookUnits } from '../client/book-builder.ts';
import { type DayFiles, readDayFile } from './day-files.ts';

/** Row types of a message file. */
export const MessageType = {
  NewLimit: 1,
  PartialCancel: 2,
  Delete: 3,
  Execution: 4,
  HiddenExecution: 5,
} as const;

/** Prices of the recording are whole 1/10,000 dollars; everything in the replay keeps that unit. */
export const PRICE_DECIMALS = 4;
export const DAY_UNITS: BookUnits = { priceDecimals: PRICE_DECIMALS, quantityDecimals: 0 };

/** One side as the recording says it: 1 buy, −1 sell, always of the resting order. */
export type Direction = 1 | -1;

/** The messages of a day, column by column; row numbers start at 0 here and at 1 in the files. */
interface MessageTable {
  readonly rows: number;
  /** Whole nanoseconds after midnight, exact: a day has 8.64e13. */
  readonly timeNs: Float64Array;
  readonly type: Uint8Array;
  readonly orderId: Float64Array;
  readonly size: Int32Array;
  readonly price: Float64Array;
  readonly direction: Int8Array;
}

/** The recorded book after each message: `levels` times ask, ask size, bid, bid size; 0 size = no level. */
export interface BookTable {
  readonly levels: number;
  readonly values: Float64Array;
  /** Index of a message row's book in `values`, counted in books; −1 = not recorded. */
  readonly bookOfRow: Int32Array;
}

/** Before message `row` (from 0) the level's whole content becomes `orders`, in queue order. */
export interface Adjustment {
  readonly direction: Direction;
  readonly price: number;
  readonly orders: readonly { readonly orderId: number; readonly size: number }[];
}

export interface RecordedDay {
  readonly messages: MessageTable;
  readonly books: BookTable;
  readonly adjustments: ReadonlyMap<number, readonly Adjustment[]>;
  /** Rows (from 0) whose execution was not first in time priority. */
  readonly exceptions: ReadonlySet<number>;
}

/** A file is not in the recording's format. The message names the file's kind and row. */
export class DayFormatError extends Error {
  override name = 'DayFormatError';
}

/** Reads and parses a day; `messageLimit` keeps only its first rows. */
export function loadDay(files: DayFiles, messageLimit = Number.POSITIVE_INFINITY): RecordedDay {
  const messages = parseMessages(readDayFile(files.messages), messageLimit);
  return {
    messages,
    books: parseBooks(readDayFile(files.orderbook), messages.rows),
    adjustments:
      files.adjust === undefined ? new Map() : parseAdjustments(readDayFile(files.adjust)),
    exceptions:
      files.exceptions === undefined ? new Set() : parseExceptions(readDayFile(files.exceptions)),
  };
}

/** Walks the integers of a comma separated file; `value` holds the last one read. */
class IntegerReader {
  readonly #bytes: Buffer;
  readonly #kind: string;
  #at = 0;
  row = 0;
  value = 0;
  /** True when the field just read was the last of its line. */
  endOfLine = false;

  constructor(bytes: Buffer, kind: string) {
    this.#bytes = bytes;
    this.#kind = kind;
  }

  /** False at the end of the file; skips empty lines. */
  nextRow(): boolean {
    const bytes = this.#bytes;
    while (bytes[this.#at] === 10 || bytes[this.#at] === 13) this.#at++;
    if (this.#at >= bytes.length) return false;
    this.row++;
    this.endOfLine = false;
    return true;
  }

  /** Reads the next integer field of the line. */
  integer(): number {
    if (this.endOfLine) this.fail('too few fields');
    const bytes = this.#bytes;
    let at = this.#at;
    const negative = bytes[at] === 45;
    if (negative) at++;
    const start = at;
    let value = 0;
    let byte = bytes[at]!;
    while (byte >= 48 && byte <= 57) {
      value = value * 10 + byte - 48;
      byte = bytes[++at]!;
    }
    if (at === start || at - start > 15) this.fail('expected an integer');
    this.#at = at;
    this.#endField();
    this.value = negative ? -value : value;
    return this.value;
  }

  /** Reads seconds with up to nine decimals as whole nanoseconds. */
  nanoseconds(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    const start = at;
    let value = 0;
    let decimals = -1;
    for (;;) {
      const byte = bytes[at]!;
      if (byte === 46 && decimals < 0 && at > start) decimals = 0;
      else if (byte >= 48 && byte <= 57) {
        value = value * 10 + byte - 48;
        if (decimals >= 0) decimals++;
      } else break;
      at++;
    }
    if (at === start || decimals > 9 || decimals === 0) this.fail('expected seconds');
    for (let place = Math.max(decimals, 0); place < 9; place++) value *= 10;
    if (!Number.isSafeInteger(value)) this.fail('time out of range');
    this.#at = at;
    this.#endField();
    return value;
  }

  skipLine(): void {
    const end = this.#bytes.indexOf(10, this.#at);
    this.#at = end < 0 ? this.#bytes.length : end + 1;
    this.endOfLine = true;
  }

  expectEndOfLine(): void {
    if (!this.endOfLine) this.fail('too many fields');
  }

  fail(reason: string): never {
    throw new DayFormatError(`${this.#kind} file, row ${this.row}: ${reason}`);
  }

  #endField(): void {
    const byte = this.#bytes[this.#at];
    if (byte === 44) {
      this.#at++;
    } else if (byte === 10 || byte === 13 || byte === undefined) {
      this.endOfLine = true;
    } else {
      this.fail(`unexpected character ${String.fromCharCode(byte)}`);
    }
  }
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  return lines + (bytes.length > 0 && bytes[bytes.length - 1] !== 10 ? 1 : 0);
}

/** Parses `time,type,orderId,size,price,direction` lines. */
export function parseMessages(bytes: Buffer, limit = Number.POSITIVE_INFINITY): MessageTable {
  const capacity = Math.min(countLines(bytes), limit);
  const timeNs = new Float64Array(capacity);
  const type = new Uint8Array(capacity);
  const orderId = new Float64Array(capacity);
  const size = new Int32Array(capacity);
  const price = new Float64Array(capacity);
  const direction = new Int8Array(capacity);
  const reader = new IntegerReader(bytes, 'message');
  let row = 0;
  while (row < capacity && reader.nextRow()) {
    timeNs[row] = reader.nanoseconds();
    type[row] = reader.integer();
    orderId[row] = reader.integer();
    size[row] = reader.integer();
    price[row] = reader.integer();
    direction[row] = directionOf(reader);
    // Later files of the producer carry a seventh column (the participant), which is not needed.
    if (!reader.endOfLine) reader.skipLine();
    row++;
  }
  return { rows: row, timeNs, type, orderId, size, price, direction };
}

function directionOf(reader: IntegerReader): Direction {
  const direction = reader.integer();
  if (direction !== 1 && direction !== -1) reader.fail('direction must be 1 or -1');
  return direction;
}

/**
 * Parses the books of the first `messageRows` messages. A file with 4·N columns has one line per
 * message; with 4·N + 1 columns the first is the message's number, and other messages have no book.
 */
export function parseBooks(bytes: Buffer, messageRows: number): BookTable {
  const firstLine = bytes.subarray(0, bytes.indexOf(10) < 0 ? bytes.length : bytes.indexOf(10));
  const columns = firstLine.length === 0 ? 0 : firstLine.toString('latin1').split(',').length;
  const isSparse = columns % 4 === 1;
  const levels = Math.floor(columns / 4);
  const reader = new IntegerReader(bytes, 'orderbook');
  if (messageRows > 0 && (levels === 0 || columns % 4 > 1)) {
    reader.fail(`${columns} columns are not 4 per level`);
  }
  const capacity = Math.min(countLines(bytes), messageRows);
  const values = new Float64Array(capacity * levels * 4);
  const bookOfRow = new Int32Array(messageRows).fill(-1);
  for (let book = 0; book < capacity && reader.nextRow(); book++) {
    const row = isSparse ? reader.integer() - 1 : book;
    if (row >= messageRows) break;
    if (row < 0) reader.fail('row number below 1');
    bookOfRow[row] = book;
    parseLevels(reader, values, book * levels * 4, levels);
    reader.expectEndOfLine();
  }
  if (!isSparse && capacity < messageRows) {
    throw new DayFormatError(`orderbook file has ${capacity} rows for ${messageRows} messages`);
  }
  return { levels, values, bookOfRow };
}

function parseLevels(
  reader: IntegerReader,
  values: Float64Array,
  offset: number,
  levels: number,
): void {
  for (let index = 0; index < levels * 4; index += 2) {
    const price = reader.integer();
    const size = reader.integer();
    // A level that does not exist is recorded with a dummy price and no size.
    values[offset + index] = size === 0 ? 0 : price;
    values[offset + index + 1] = size;
  }
}

/** Parses `k,side,price,orderId,size` lines into the adjustments before each message row. */
export function parseAdjustments(bytes: Buffer): Map<number, Adjustment[]> {
  const reader = new IntegerReader(bytes, 'adjust');
  const byRow = new Map<number, Adjustment[]>();
  while (reader.nextRow()) {
    const row = reader.integer() - 1;
    const direction = directionOf(reader);
    const price = reader.integer();
    const orderId = reader.integer();
    const size = reader.integer();
    reader.expectEndOfLine();
    const adjustments = byRow.get(row) ?? [];
    byRow.set(row, adjustments);
    let level = adjustments.find((one) => one.direction === direction && one.price === price);
    if (level === undefined) {
      level = { direction, price, orders: [] };
      adjustments.push(level);
    }
    if (size > 0) (level.orders as { orderId: number; size: number }[]).push({ orderId, size });
  }
  return byRow;
}

/** Parses `k,…` lines; only the row numbers are needed. */
export function parseExceptions(bytes: Buffer): Set<number> {
  const reader = new IntegerReader(bytes, 'exceptions');
  const rows = new Set<number>();
  while (reader.nextRow()) {
    rows.add(reader.integer() - 1);
    reader.skipLine();
  }
  return rows;
}
