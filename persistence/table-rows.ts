import { ValueWriter } from './value-writer.ts';

/** https://www.postgresql.org/docs/18/sql-copy.html: signature, flags, no header extension. */
const COPY_HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');

/** Rows that are only ever added, for one COPY. */
export class AppendRows {
  readonly statement: string;
  readonly #columnCount: number;
  /** Takes the values of the row that was added last, in the order of the columns. */
  readonly writer = new ValueWriter();
  count = 0;

  constructor(table: string, columns: readonly string[]) {
    this.statement = `copy ${table} (${columns.join(', ')}) from stdin (format binary)`;
    this.#columnCount = columns.length;
    this.clear();
  }

  clear(): void {
    this.count = 0;
    this.writer.length = COPY_HEADER.copy(this.writer.bytes);
  }

  /** Starts a row; the caller writes one value per column. */
  addRow(): ValueWriter {
    this.count++;
    this.writer.ensure(2);
    this.writer.int16(this.#columnCount);
    return this.writer;
  }

  /** The whole COPY input. Valid until the next row or `clear`. */
  finish(): Buffer {
    const { writer } = this;
    const end = writer.length;
    writer.ensure(2);
    writer.int16(-1);
    const input = writer.bytes.subarray(0, writer.length);
    // A batch that is written again is finished again.
    writer.length = end;
    return input;
  }
}

/** Type oids of src/include/catalog/pg_type.dat, fixed for ever. */
const ELEMENT_OIDS = {
  boolean: 16,
  bigint: 20,
  integer: 23,
  text: 25,
  timestamptz: 1184,
  numeric: 1700,
} as const;
export type ColumnType = keyof typeof ELEMENT_OIDS;

const ARRAY_HEADER_BYTES = 20;

/** Rows for one set-based statement over `unnest` of its columns, each a binary array. */
export class ArrayRows<Name extends string> {
  /** Of the prepared statement. */
  readonly name: string;
  readonly statement: string;
  /** The writers by column, for one value each per row. */
  readonly columns: Readonly<Record<Name, ValueWriter>>;
  readonly #types: readonly ColumnType[];
  readonly #writers: readonly ValueWriter[];
  count = 0;

  /** @param makeStatement gets the expression that yields the rows, to be used as a table */
  constructor(
    name: string,
    columns: Readonly<Record<Name, ColumnType>>,
    makeStatement: (rows: string) => string,
  ) {
    this.name = name;
    const names = Object.keys(columns) as Name[];
    this.#types = names.map((name) => columns[name]);
    this.#writers = names.map(() => new ValueWriter());
    const writers = names.map((name, index) => [name, this.#writers[index]!]);
    this.columns = Object.fromEntries(writers) as Record<Name, ValueWriter>;
    const parameters = this.#types.map((type, index) => `$${index + 1}::${type}[]`);
    this.statement = makeStatement(`unnest(${parameters.join(', ')})`);
    this.clear();
  }

  clear(): void {
    this.count = 0;
    for (const writer of this.#writers) writer.length = ARRAY_HEADER_BYTES;
  }

  /** The statement's parameters. Valid until the next row or `clear`. */
  finish(): Buffer[] {
    return this.#writers.map((writer, index) => {
      const end = writer.length;
      writer.length = 0;
      writer.int32(1); // dimensions
      writer.int32(1); // may hold nulls
      writer.int32(ELEMENT_OIDS[this.#types[index]!]);
      writer.int32(this.count);
      writer.int32(1); // lower bound
      writer.length = end;
      return writer.bytes.subarray(0, end);
    });
  }
}
