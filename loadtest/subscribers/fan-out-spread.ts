import type { LatencyCounts } from '../histogram/latency-counts.ts';

/** Trades that may be on their way to the subscribers at once; of more, the oldest are forgotten. */
const TRADES = 2 ** 14;

/** How long it takes from the first of a market's subscribers that hears a trade to the last one. */
export class FanOutSpread {
  readonly #listeners: number;
  readonly #spread: LatencyCounts;
  readonly #tradeId = new Float64Array(TRADES).fill(-1);
  readonly #firstMs = new Float64Array(TRADES);
  readonly #heard = new Uint32Array(TRADES);

  /** @param spread where it is recorded, once all `listeners` have the trade */
  constructor(listeners: number, spread: LatencyCounts) {
    this.#listeners = listeners;
    this.#spread = spread;
  }

  heard(tradeId: number, atMs: number): void {
    const slot = tradeId % TRADES;
    if (this.#tradeId[slot] !== tradeId) {
      this.#tradeId[slot] = tradeId;
      this.#firstMs[slot] = atMs;
      this.#heard[slot] = 0;
    }
    const heard = ++this.#heard[slot]!;
    if (heard === this.#listeners && heard > 1) {
      this.#spread.record((atMs - this.#firstMs[slot]!) * 1000);
    }
  }
}
