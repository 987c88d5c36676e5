import { assert } from '../engine/assert.ts';
import { monthOf, monthStartUs } from './months.ts';
import type { Tables } from './tables.ts';

/** A market id below this shares one safe integer with an account id below 2^37. */
const MARKET_IDS = 2 ** 16;
/** Both counts of a pair are in one number; a batch has fewer events than this. */
const FILL = 2 ** 20;

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
        columns.account_id.bigint((key - marketId) / MARKET_IDS);
        columns.market_id.bigint(marketId);
        columns.month.timestamp(startUs);
        columns.orders.bigint(count % FILL);
        columns.fills.bigint(Math.floor(count / FILL));
      }
    }
  }
}
