import { assert } from '../assert.ts';
import type { Fields, FieldsOf, Message } from '../protocol/message.ts';
import type { TableReader } from './snapshot-reader.ts';
import type { TableWriter } from './snapshot-writer.ts';

/** Stands for null in a column: every number of a message is 0 or more. */
const NULL = -1;

/**
 * The fields of a message as columns of a table, in the order it defines them: a field that a message
 * gets later is in the next snapshot without anybody thinking of it. Generated once, as straight-line code,
 * for the reasons that `defineMessage` gives.
 */
export class BodyColumns<F extends Fields> {
  /** How many there are. */
  readonly count: number;
  /** Puts the columns of one row. */
  readonly put: (row: TableWriter, body: Readonly<FieldsOf<F>>) => void;
  /** Takes them as a body of its own. */
  readonly take: (row: TableReader) => FieldsOf<F>;

  /** @param lacking how many of the last fields have no column, as when the message had none: they are read as zero */
  constructor(message: Message<F>, lacking = 0) {
    const fields = Object.entries(message.create());
    this.count = fields.length - lacking;
    const puts = fields.slice(0, this.count).map(([name, value]) => putOf(`body.${name}`, value));
    const takes = fields.map(([name, initial], index) => {
      return `${name}: ${index < this.count ? takeOf(initial) : JSON.stringify(initial)}`;
    });
    this.put = new Function('row', 'body', puts.join('\n')) as typeof this.put;
    this.take = new Function(
      'row',
      `let value = 0; return { ${takes.join(', ')} };`,
    ) as typeof this.take;
  }
}

/** The fields of a message that may be absent: a column says whether it is there; if not, they are an empty body's. */
export class OptionalBody<F extends Fields> {
  readonly count: number;
  readonly #columns: BodyColumns<F>;
  readonly #none: Readonly<FieldsOf<F>>;

  /** @param lacking as of `BodyColumns` */
  constructor(message: Message<F>, lacking = 0) {
    this.#columns = new BodyColumns(message, lacking);
    this.#none = message.create();
    this.count = 1 + this.#columns.count;
  }

  put(row: TableWriter, body: Readonly<FieldsOf<F>> | null): void {
    row.put(body === null ? 0 : 1);
    this.#columns.put(row, body ?? this.#none);
  }

  take(row: TableReader): FieldsOf<F> | null {
    const isThere = row.take() === 1;
    const body = this.#columns.take(row);
    return isThere ? body : null;
  }
}

/** @param initial the field's value in an empty body, which tells its kind */
function putOf(value: string, initial: unknown): string {
  assert(!Array.isArray(initial), 'a list has no column');
  if (typeof initial === 'string') return `row.putText(${value});`;
  if (typeof initial === 'boolean') return `row.put(${value} ? 1 : 0);`;
  return `row.put(${initial === null ? `${value} ?? ${NULL}` : value});`;
}

function takeOf(initial: unknown): string {
  if (typeof initial === 'string') return 'row.takeText()';
  if (typeof initial === 'boolean') return 'row.take() !== 0';
  return initial === null ? `(value = row.take()) === ${NULL} ? null : value` : 'row.take()';
}
