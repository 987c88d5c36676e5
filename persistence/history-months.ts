import type pg from 'pg';
import { HISTORY_COUNTS } from './history-counts.ts';
import { monthOf, monthStartUs } from './months.ts';

/** A range of times, µs. */
export interface TimeRange {
  readonly fromUs: number;
  /** The first time that is not in it. */
  readonly toUs: number;
}

/** What of a range falls into one month, and how many rows that has. */
export interface MonthTotal extends TimeRange {
  readonly total: number;
}

/** Whose rows of which kind are counted. */
export interface CountedRows {
  readonly counted: 'orders' | 'fills';
  readonly accountId: number;
  /** Null: of all markets. */
  readonly marketId: number | null;
  /** Null: from the first. */
  readonly fromUs: number | null;
  /** The first time that is not meant; null: to the last. */
  readonly toUs: number | null;
}

/**
 * The months of a range that have rows, oldest first, from the totals that are kept with the rows.
 *
 * @param count counts the rows of a range one by one: of the months that `fromUs` and `toUs` cut
 */
export async function readMonths(
  pool: pg.Pool,
  { counted, accountId, marketId, fromUs, toUs }: CountedRows,
  count: (times: TimeRange) => Promise<number>,
): Promise<MonthTotal[]> {
  const text = `select (extract(epoch from month) * 1000000)::float8 as "startUs", sum(${counted})::float8 as total
    from ${HISTORY_COUNTS}
    where account_id = $1 ${marketId === null ? '' : 'and market_id = $2'}
    group by month having sum(${counted}) > 0 order by month`;
  const values = marketId === null ? [accountId] : [accountId, marketId];
  const { rows } = await pool.query(text, values);
  const months: MonthTotal[] = [];
  for (const { startUs, total } of rows as { startUs: number; total: number }[]) {
    const endUs = monthStartUs(monthOf(startUs) + 1);
    const times = {
      fromUs: Math.max(startUs, fromUs ?? startUs),
      toUs: Math.min(endUs, toUs ?? endUs),
    };
    if (times.fromUs >= times.toUs) continue;
    const isWhole = times.fromUs === startUs && times.toUs === endUs;
    months.push({ ...times, total: isWhole ? total : await count(times) });
  }
  return months;
}

/**
 * Of a page: the times that its rows are of, and how many rows of these times stand before it; null when the page is
 * empty. So a page far back costs what one of its month costs, and no other partition is looked into.
 *
 * @param months in the order of the rows
 */
export function placeOfPage(
  months: readonly MonthTotal[],
  limit: number,
  offset: number,
): (TimeRange & { readonly offset: number }) | null {
  let before = offset;
  let first = 0;
  while (first < months.length && months[first]!.total <= before) before -= months[first++]!.total;
  let last = first;
  let found = -before;
  while (last < months.length && found < limit) found += months[last++]!.total;
  const page = months.slice(first, last);
  if (page.length === 0) return null;
  const fromUs = Math.min(...page.map((month) => month.fromUs));
  return { fromUs, toUs: Math.max(...page.map((month) => month.toUs)), offset: before };
}
