import { Hash64 } from '../../engine/collections/hash64.ts';
import type { Trade } from '../../engine/protocol/events.ts';
import { digestWords } from '../suite.ts';

/** Folds a venue's trades, every field that a benchmark may know beforehand, and counts refusals. */
export class TradeDigest {
  trades = 0;
  tradedLots = 0;
  refusals = 0;
  readonly #hash = new Hash64();

  add(trade: Readonly<Trade>): void {
    this.trades++;
    this.tradedLots += trade.quantityLots;
    this.#hash.add(trade.tradeId);
    this.#hash.add(trade.priceTicks);
    this.#hash.add(trade.quantityLots);
    this.#hash.add(trade.makerOrderId);
    this.#hash.add(trade.takerOrderId);
  }

  /** Of all trades so far in order, and the number of refusals; 16 hex digits. */
  text(): string {
    const hash = new Hash64();
    for (const word of digestWords(this.#hash.digest())) hash.add(word);
    hash.add(this.refusals);
    return hash.digest();
  }
}
