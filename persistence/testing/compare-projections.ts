import type pg from 'pg';
import { SCHEMA, withClient } from '../database.ts';
import { HISTORY_COUNTS } from '../history-counts.ts';

/** What the server's clock filled in: it tells when the rows were written, not what happened. */
const CLOCK_COLUMNS = ['applied_at', 'adopted_at', 'refused_at'];
const ROWS_SHOWN = 3;

/** Tables whose rows go by the batches that came, by what is made of them. */
const BY_BATCHES: ReadonlyMap<string, string | null> = new Map([
  ['history_count_batches', null],
  [
    'history_counts',
    `(select account_id, market_id, month, sum(orders)::bigint as orders, sum(fills)::bigint as fills
      from ${HISTORY_COUNTS} group by 1, 2, 3) as history_counts`,
  ],
]);

/**
 * Of every table, by name: a digest for each of up to 256 parts that its rows fall into by their
 * content. Equal for equal rows, in whatever order they were written.
 */
export type ProjectionDigest = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** Reads a projection whole, without sending its rows anywhere. */
export async function digestProjection(databaseUrl: string): Promise<ProjectionDigest> {
  return withClient(databaseUrl, 'ringside comparison', async (client) => {
    const digest = new Map<string, Map<number, string>>();
    for (const [table, columns] of await tablesOf(client)) {
      const { rows } = await client.query(
        `select (hash & 255)::integer as part, count(*)::text as count, sum(hash)::text as sum
          from (select hashtextextended(${rowText(columns)}, 0) as hash from ${sourceOf(table)}) as hashes
          group by part`,
      );
      digest.set(table, new Map(rows.map(({ part, count, sum }) => [part, `${count}:${sum}`])));
    }
    return digest;
  });
}

/** The tables in which two projections differ. */
export function differingTables(left: ProjectionDigest, right: ProjectionDigest): string[] {
  const tables = new Set([...left.keys(), ...right.keys()]);
  return [...tables].filter((table) => differingPart(left, right, table) !== null);
}

/**
 * Where two projections differ: a line for each table, with some rows that only one of them has. Empty
 * when they are equal, but for the times at which rows were written.
 */
export async function compareProjections(leftUrl: string, rightUrl: string): Promise<string[]> {
  const left = await digestProjection(leftUrl);
  const right = await digestProjection(rightUrl);
  const lines: string[] = [];
  for (const table of differingTables(left, right)) {
    const part = differingPart(left, right, table)!;
    const leftRows = await rowsOf(leftUrl, table, part);
    const rightRows = await rowsOf(rightUrl, table, part);
    const shown = (rows: string[], others: string[]): string => {
      const own = rows.filter((row) => !others.includes(row));
      return own.slice(0, ROWS_SHOWN).join(' ') || 'none';
    };
    const onlyLeft = shown(leftRows, rightRows);
    lines.push(`${table}: only left ${onlyLeft}; only right ${shown(rightRows, leftRows)}`);
  }
  return lines;
}

function differingPart(
  left: ProjectionDigest,
  right: ProjectionDigest,
  table: string,
): number | null {
  const parts = [left, right].map((digest) => digest.get(table) ?? new Map<number, string>());
  for (let part = 0; part < 256; part++) {
    if (parts[0]!.get(part) !== parts[1]!.get(part)) return part;
  }
  return null;
}

async function rowsOf(databaseUrl: string, table: string, part: number): Promise<string[]> {
  return withClient(databaseUrl, 'ringside comparison', async (client) => {
    const columns = (await tablesOf(client)).get(table);
    if (columns === undefined) return [];
    const text = rowText(columns);
    const { rows } = await client.query(
      `select ${text} as row from ${sourceOf(table)} where hashtextextended(${text}, 0) & 255 = $1`,
      [part],
    );
    return rows.map(({ row }: { row: string }) => row);
  });
}

function rowText(columns: readonly string[]): string {
  return `row(${columns.join(', ')})::text`;
}

async function tablesOf(client: pg.Client): Promise<Map<string, string[]>> {
  const { rows } = await client.query(
    `select relname as table, array_agg(quote_ident(attname) order by attname) as columns
      from pg_class join pg_attribute on attrelid = pg_class.oid
      where relnamespace = to_regnamespace($1) and relkind in ('r', 'p') and not relispartition
        and attnum > 0 and not attisdropped and attname <> all ($2) group by 1`,
    [SCHEMA, CLOCK_COLUMNS],
  );
  const compared = rows.filter(({ table }) => BY_BATCHES.get(table) !== null);
  return new Map(compared.map(({ table, columns }) => [table, columns]));
}

function sourceOf(table: string): string {
  return BY_BATCHES.get(table) ?? table;
}
