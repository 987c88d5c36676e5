import { SnapshotReader, TableReader } from '../snapshot/snapshot-reader.ts';

/** A column of a snapshot, by its table and its place there. */
export interface ColumnName {
  readonly table: string;
  readonly column: number;
}

/**
 * Reads a snapshot as a program would that forgot one column: its numbers are 0 and its texts empty. A test
 * that does not notice would not notice a field that nobody saves either.
 */
export class ForgetfulReader extends SnapshotReader {
  readonly #forgotten: ColumnName;

  constructor(source: (target: Uint8Array) => number, forgotten: ColumnName) {
    super(source);
    this.#forgotten = forgotten;
  }

  override table(name: string, columns: number, leastColumns?: number): TableReader {
    const table = super.table(name, columns, leastColumns);
    if (name !== this.#forgotten.table) return table;
    return new ForgetfulTable(this, table.columns, this.#forgotten.column);
  }
}

class ForgetfulTable extends TableReader {
  readonly #width: number;
  readonly #forgotten: number;
  #taken = 0;
  #isText = false;

  constructor(reader: SnapshotReader, columns: number, forgotten: number) {
    super(reader, columns);
    this.#width = columns;
    this.#forgotten = forgotten;
  }

  override take(): number {
    const isForgotten = this.#taken++ % this.#width === this.#forgotten;
    const value = super.take();
    return isForgotten && !this.#isText ? 0 : value;
  }

  override takeText(): string {
    const isForgotten = this.#taken % this.#width === this.#forgotten;
    this.#isText = true;
    const text = super.takeText();
    this.#isText = false;
    return isForgotten ? '' : text;
  }
}
