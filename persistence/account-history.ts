import pg from 'pg';
import { placeOfPage, readMonths, type TimeRange } from './history-months.ts';
import { DEPOSITS, FILLS, type HistoryTable, ORDERS, WITHDRAWALS } from './history-tables.ts';
import { makeQueryPool } from './query-pool.ts';

/** What of an account's history is asked for. */
export interface HistoryRange {
  readonly accountId: number;
  /** Null: of all markets. Transfers have none. */
  readonly marketId: number | null;
  /** Null: of all orders. Transfers have none. */
  readonly orderId: number | null;
  /** Of orders and fills, what the account called the order; null: whatever it did. */
  readonly clientId: number | null;
  /** From this time on, µs: when an order was created, a fill was made, money was moved. Null: from the first. */
  readonly fromUs: number | null;
  /** Before this time, µs. Null: to the last. */
  readonly toUs: number | null;
  /** Oldest first; else newest first. */
  readonly isAscending: boolean;
  /** Rows of the page at most, ≥ 0. */
  readonly limit: number;
  /** Rows of the range that stand before the page, ≥ 0. */
  readonly offset: number;
}

/** All that there is of an account, newest first. */
export const WHOLE_HISTORY = {
  ...{ marketId: null, orderId: null, clientId: null, fromUs: null, toUs: null },
  ...{ isAscending: false, offset: 0 },
} as const;

/** A withdrawal by one of its names. */
export type WithdrawalName =
  | { readonly transferId: string }
  | { readonly number?: number | undefined; readonly clientId?: string | undefined };

export interface HistoryPage {
  /** A JSON array of objects, as the API has them. */
  readonly items: string;
  /** Rows of the whole range; of an order, of a client id and of transfers `HISTORY_TOTAL_MAX` if there are more. */
  readonly total: number;
}

/** Statements that run at a time. */
export const HISTORY_POOL_SIZE = 4;

/** Where no totals are kept, rows are counted up to here: the count of more would cost more than any page. */
export const HISTORY_TOTAL_MAX = 100_000;

const STATEMENT_TIMEOUT_MS = 1800;
/** Nobody else waits for its connections, so this is for a server that is slow to make one. */
const CONNECTION_TIMEOUT_MS = 3000;

/**
 * Reads what an account did, from the projection: rows trail the engine by the writer's lag. The server makes the
 * JSON, so that a page of a thousand rows is one value to this thread. Every method rejects as those of
 * `ProjectionQueries` do.
 */
export class AccountHistory {
  readonly #pool: pg.Pool;

  constructor(databaseUrl: string) {
    const settings = {
      // The server gives up before this end does, and says so.
      statement_timeout: `${STATEMENT_TIMEOUT_MS}ms`,
      // A page's rows are looked up by their keys; to read whole partitions for them is never sooner.
      enable_hashjoin: 'off',
      enable_mergejoin: 'off',
    };
    this.#pool = makeQueryPool(
      ...([databaseUrl, 'ringside history', HISTORY_POOL_SIZE, settings] as const),
      CONNECTION_TIMEOUT_MS,
    );
  }

  /** Orders, open ones too, by the time of their creation. */
  orders(range: HistoryRange): Promise<HistoryPage> {
    return this.#read(ORDERS, range);
  }

  /** Fills, by time. */
  fills(range: HistoryRange): Promise<HistoryPage> {
    return this.#read(FILLS, range);
  }

  deposits(range: HistoryRange): Promise<HistoryPage> {
    return this.#read(DEPOSITS, range);
  }

  withdrawals(range: HistoryRange, name: WithdrawalName = {}): Promise<HistoryPage> {
    return this.#read(WITHDRAWALS, range, name);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #read(table: HistoryTable, range: HistoryRange, names = {}): Promise<HistoryPage> {
    const { limit, offset, orderId, clientId } = range;
    if (table.counted !== null && orderId === null && clientId === null) {
      return this.#readCounted(table, table.counted, range);
    }
    const selection = selectionOf(table, range, names);
    const { rows } = await this.#pool.query(pageStatement(table, range, selection));
    const { items, count } = rows[0] as { items: string; count: number };
    // A page that is not full is the last one, unless it is behind that.
    const isLast = count < limit && (count > 0 || offset === 0);
    const total = isLast ? offset + count : await this.#count(table, selection);
    return { items, total: Math.min(total, HISTORY_TOTAL_MAX) };
  }

  /** By the totals that are kept for each month. */
  async #readCounted(
    table: HistoryTable,
    counted: 'orders' | 'fills',
    range: HistoryRange,
  ): Promise<HistoryPage> {
    const { limit, offset, isAscending } = range;
    const count = async (times: TimeRange): Promise<number> => {
      const { where, values } = selectionOf(table, { ...range, ...times }, {});
      const text = `select count(*)::float8 as count from ${table.name} where ${where}`;
      return (await this.#pool.query({ text, values })).rows[0].count as number;
    };
    const months = await readMonths(this.#pool, { ...range, counted }, count);
    const total = months.reduce((sum, month) => sum + month.total, 0);
    const place = placeOfPage(isAscending ? months : months.toReversed(), limit, offset);
    if (place === null) return { items: '[]', total };
    const placed = { ...range, ...place };
    const selection = selectionOf(table, placed, {});
    const { rows } = await this.#pool.query(pageStatement(table, placed, selection));
    return { items: (rows[0] as { items: string }).items, total };
  }

  async #count({ name }: HistoryTable, { where, values }: Selection): Promise<number> {
    const text = `select count(*)::integer as count from (
      select from ${name} where ${where} limit ${HISTORY_TOTAL_MAX}
    ) as counted`;
    const { rows } = await this.#pool.query({ text, values });
    return rows[0].count as number;
  }
}

const QUERY_CANCELED = '57014';

/** Whether a statement was given up because it took too long. */
export function isTooSlow(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === QUERY_CANCELED;
}

interface Selection {
  readonly where: string;
  readonly values: unknown[];
}

/**
 * The rows before the page, and its own, are found in an index alone where that has all the keys; only then are those
 * of the page read. Without a name: a plan made for any account would not suit one that has most of the rows.
 */
function pageStatement(
  { name, timeColumn, orderedBy, columns, joins }: HistoryTable,
  { limit, offset, isAscending, fromUs, toUs }: HistoryRange,
  { where, values }: Selection,
): { text: string; values: unknown[] } {
  const keys = orderedBy.join(', ');
  const order = orderedBy.map((key) => `${key} ${isAscending ? 'asc' : 'desc'}`).join(', ');
  const all = [...values, limit, offset];
  const page = `limit $${all.length - 1} offset $${all.length}`;
  // Said of the rows too, so that no partition is planned for that has none of them.
  const bounds = ['true'];
  if (fromUs !== null)
    bounds.push(`${name}.${timeColumn} >= to_timestamp($${all.push(fromUs / 1e6)})`);
  if (toUs !== null) bounds.push(`${name}.${timeColumn} < to_timestamp($${all.push(toUs / 1e6)})`);
  const text = `select coalesce(json_agg(item), '[]')::text as items, count(*)::integer as count
    from (
      select ${columns} from (
        select ${keys} from ${name} where ${where} order by ${order} ${page}
      ) as page join ${name} using (${keys}) ${joins} where ${bounds.join(' and ')} order by ${order}
    ) as item`;
  return { text, values: all };
}

const NAME_COLUMNS: Readonly<Record<string, string>> = {
  transferId: 'transfer_id',
  number: 'transfer_number',
  clientId: 'client_id',
};

function selectionOf(table: HistoryTable, range: HistoryRange, names: object): Selection {
  const { accountId, marketId, orderId, clientId, fromUs, toUs } = range;
  const conditions = [table.condition, 'account_id = $1'];
  const values: unknown[] = [accountId];
  const add = (value: unknown, condition: (parameter: string) => string): void => {
    if (value === null || value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  add(marketId, (id) => `market_id = ${id}`);
  add(orderId, (id) => `order_id = ${id}`);
  add(clientId, table.ofClientId);
  add(fromUs && fromUs / 1e6, (time) => `${table.timeColumn} >= to_timestamp(${time})`);
  add(toUs && toUs / 1e6, (time) => `${table.timeColumn} < to_timestamp(${time})`);
  for (const [name, value] of Object.entries(names)) {
    add(value, (parameter) => `${NAME_COLUMNS[name]} = ${parameter}`);
  }
  return { where: conditions.join(' and '), values };
}
