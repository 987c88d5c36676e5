import type pg from 'pg';
import { assert } from '../engine/assert.ts';
import { monthOf, monthStartUs } from './months.ts';
import type { Tables } from './tables.ts';

/** A market id below this shares one safe integer with an account id below 2^37. */
const MARKET_IDS = 2 ** 16;
/** Both counts of a pair are in one number; a batch has fewer events than this. */
const FILL = 2 ** 20;

/**
 * How many orders and fills accounts have, by market and month: rows to be summed, to be used as a table. Those of
 * the last batches are in arrays, a row for each batch, which costs a batch next to nothing; `CountFolding` limits
 * what of them there is to read.
 */
export const HISTORY_COUNTS = `(
  select account_id, market_id, month, orders, fills from history_counts
  union all select counted.* from history_count_batches,
    unnest(account_ids, market_ids, months, orders, fills)
      as counted (account_id, market_id, month, orders, fills)
) as history_counts`;

const FOLD = `with folded as (delete from history_count_batches returning *)
  insert into history_counts as counts (account_id, market_id, month, orders, fills)
    select account_id, market_id, month, sum(counted.orders), sum(counted.fills)
      from folded, unnest(account_ids, market_ids, months, folded.orders, folded.fills)
        as counted (account_id, market_id, month, orders, fills) group by 1, 2, 3
    on conflict (account_id, market_id, month) do update set
      orders = counts.orders + excluded.orders, fills = counts.fills + excluded.fills`;
const READ_UNFOLDED = `select count(*)::integer as batches,
  coalesce(sum(cardinality(account_ids)), 0)::integer as counts from history_count_batches`;

/** What is read besides the rows of an account, at most, within a millisecond or two. */
const UNFOLDED_COUNTS_MAX = 8192;
const UNFOLDED_BATCHES_MAX = 256;

/** Moves the counts of batches to where each account has one row, once there are many. */
export class CountFolding {
  #batches: number;
  #counts: number;

  private constructor(batches: number, counts: number) {
    this.#batches = batches;
    this.#counts = counts;
  }

  static async read(client: pg.Client): Promise<CountFolding> {
    const { rows } = await client.query(READ_UNFOLDED);
    return new CountFolding(rows[0].batches, rows[0].counts);
  }

  /** In the transaction of a batch with so many counts, after them. */
  async follow(client: pg.Client, counts: number): Promise<void> {
    this.#batches++;
    this.#counts += counts;
    if (this.#counts < UNFOLDED_COUNTS_MAX && this.#batches < UNFOLDED_BATCHES_MAX) return;
    await client.query({ name: 'fold history_counts', text: FOLD });
    // An undone transaction only makes the next time come late.
    this.#batches = 0;
    this.#counts = 0;
  }
}

/** Moves all of them, in the transaction of the caller. */
export async function foldCounts(client: pg.Client): Promise<void> {
  await client.query(FOLD);
}

/** Counts the orders and fills of a batch, by account, market and month. */
export class HistoryCounts {
  readonly #byMonth = new Map<number, Map<number, number>>();
  /** The month of the last count. */
  #startUs = Number.POSITIVE_INFINITY;
  #endUs = Number.NEGATIVE_INFINITY;
  #counts = new Map<number, number>();

  addOrder(accountId: number, marketId: number, createdAtUs: number): void {
    this.#add(accountId, marketId, createdAtUs, 1);
  }

  addFill(accountId: number, marketId: number, timeUs: number): void {
    this.#add(accountId, marketId, timeUs, FILL);
  }

  #add(accountId: number, marketId: number, timeUs: number, count: number): void {
    assert(marketId < MARKET_IDS && accountId < 2 ** 37, 'account or market id out of range');
    if (timeUs < this.#startUs || timeUs >= this.#endUs) this.#enter(monthOf(timeUs));
    const key = accountId * MARKET_IDS + marketId;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }

  #enter(month: number): void {
    this.#startUs = monthStartUs(month);
    this.#endUs = monthStartUs(month + 1);
    this.#counts = this.#byMonth.get(month) ?? new Map();
    this.#byMonth.set(month, this.#counts);
  }

  clear(): void {
    this.#byMonth.clear();
    this.#startUs = Number.POSITIVE_INFINITY;
    this.#endUs = Number.NEGATIVE_INFINITY;
  }

  seal({ historyCounts }: Tables): void {
    const { columns } = historyCounts;
    for (const [month, counts] of this.#byMonth) {
      const startUs = monthStartUs(month);
      for (const [key, count] of counts) {
        const marketId = key % MARKET_IDS;
        historyCounts.count++;
        columns.account_ids.bigint((key - marketId) / MARKET_IDS);
        columns.market_ids.integer(marketId);
        columns.months.timestamp(startUs);
        columns.orders.integer(count % FILL);
        columns.fills.integer(Math.floor(count / FILL));
      }
    }
  }
}
