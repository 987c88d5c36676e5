import type pg from 'pg';
import { SCHEMA } from './database.ts';
import { MonthSet, monthName, monthNamed, monthStart } from './months.ts';

/** The tables that are partitioned by month, and how full a page of theirs is made. */
export const PARTITIONED = {
  trades: { fillFactor: 100 },
  fills: { fillFactor: 100 },
  orders: { fillFactor: 70 },
  prevented_matches: { fillFactor: 100 },
  klines_1s: { fillFactor: 50 },
  klines_longer: { fillFactor: 50 },
} as const;
export type PartitionedTable = keyof typeof PARTITIONED;
export const PARTITIONED_TABLES = Object.keys(PARTITIONED) as PartitionedTable[];

/** By table, the months of rows. */
export type TableMonths = Readonly<Record<PartitionedTable, MonthSet>>;

export function makeTableMonths(): TableMonths {
  const months = PARTITIONED_TABLES.map((table) => [table, new MonthSet()]);
  return Object.fromEntries(months) as TableMonths;
}

/** One month of one table. */
export interface Partition {
  readonly table: PartitionedTable;
  readonly month: number;
}

/** Of the one partition of `orders` that has what is kept of dropped months, and ends where the others begin. */
const KEPT_ORDERS = 'orders_before_';

const READ_NAMES = `select parent.relname as "table", child.relname as name
  from pg_inherits
    join pg_class as parent on parent.oid = inhparent
    join pg_class as child on child.oid = inhrelid
  where parent.relnamespace = to_regnamespace($1) and parent.relname = any ($2)`;

/** Partitions cannot be missing: this says that somebody else has dropped one. */
export class PartitionMissing extends Error {
  override name = 'PartitionMissing';
  readonly code = 'PARTITION_MISSING';
}

/**
 * Which partitions there are. Only the writer makes and drops any, so what it has read once stays true.
 *
 * Where the tables are partitioned otherwise (by an extension of the database), this class and
 * `retention.ts` are what has to be replaced, and migration 7.
 */
export class Partitions {
  readonly #months: Readonly<Record<PartitionedTable, Set<number>>>;
  /** Orders created before this month are in one partition; null when there is none like that. */
  #keptBefore: number | null = null;

  private constructor() {
    const months = PARTITIONED_TABLES.map((table) => [table, new Set()]);
    this.#months = Object.fromEntries(months) as Record<PartitionedTable, Set<number>>;
  }

  static async read(client: pg.Client): Promise<Partitions> {
    const partitions = new Partitions();
    const { rows } = await client.query(READ_NAMES, [SCHEMA, PARTITIONED_TABLES]);
    for (const { table, name } of rows as { table: PartitionedTable; name: string }[]) {
      if (name.startsWith(KEPT_ORDERS)) {
        partitions.#keptBefore = monthNamed(name.slice(KEPT_ORDERS.length));
      }
      const month = monthNamed(name.slice(table.length + 1));
      if (month !== null) partitions.#months[table].add(month);
    }
    return partitions;
  }

  get keptBefore(): number | null {
    return this.#keptBefore;
  }

  /** The partitions of a table that are of months before this one. */
  before(table: PartitionedTable, month: number): Partition[] {
    const months = [...this.#months[table]].filter((other) => other < month).sort((a, b) => a - b);
    return months.map((other) => ({ table, month: other }));
  }

  /** Those that rows of these months need, and with a table's newest month also the one after it. */
  missing(months: TableMonths): Partition[] {
    const missing: Partition[] = [];
    for (const table of PARTITIONED_TABLES) {
      for (const month of months[table]) {
        if (!this.#has(table, month)) missing.push({ table, month });
        const isNewest = !this.#months[table].has(month + 1) && month >= this.#newest(table);
        if (isNewest) missing.push({ table, month: month + 1 });
      }
    }
    return missing.filter(
      (one, at) => missing.findIndex((other) => nameOf(other) === nameOf(one)) === at,
    );
  }

  /**
   * Makes partitions, all or none: statements that are sent as one are one transaction. Nobody has to wait for it
   * or is waited for: attaching an empty table lets others go on reading, where there is no default partition.
   */
  async make(client: pg.Client, missing: readonly Partition[]): Promise<void> {
    await client.query(missing.map(makingOf).join(';'));
    for (const { table, month } of missing) this.#months[table].add(month);
  }

  #has(table: PartitionedTable, month: number): boolean {
    if (table === 'orders' && this.#keptBefore !== null && month < this.#keptBefore) return true;
    return this.#months[table].has(month);
  }

  #newest(table: PartitionedTable): number {
    return Math.max(...this.#months[table]);
  }
}

export function nameOf({ table, month }: Partition): string {
  return `${table}_${monthName(month)}`;
}

export function nameOfKeptOrders(beforeMonth: number): string {
  return `${KEPT_ORDERS}${monthName(beforeMonth)}`;
}

/** With all that its table has: an index that is there already is taken for the table's own. */
function makingOf(partition: Partition): string {
  const { table, month } = partition;
  const name = nameOf(partition);
  const { fillFactor } = PARTITIONED[table];
  return `create table ${name} (like ${table} including all) with (fillfactor = ${fillFactor});
    alter table ${table} attach partition ${name}
      for values from ('${monthStart(month)}') to ('${monthStart(month + 1)}')`;
}
