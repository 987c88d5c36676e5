import { Side } from '../../engine/protocol/enums.ts';
import type { Trade } from '../../engine/protocol/events.ts';

export const TRADE_HISTORY_MAX = 1000;

/** One public trade. */
export interface PublicTrade {
  readonly tradeId: number;
  readonly priceTicks: number;
  readonly quantityLots: number;
  readonly timeUs: number;
  readonly buyerIsMaker: boolean;
}

/** What of a trade is kept. */
export type KeptTrade = Pick<
  Trade,
  'tradeId' | 'priceTicks' | 'quantityLots' | 'takerSide' | 'timeUs'
>;

const FIELDS = 6;

/** The last `TRADE_HISTORY_MAX` trades of one market, in a ring made at the first of them. */
export class TradeHistory {
  #ring: Float64Array | null = null;
  /** Trades ever added; the newest lies at `(#added − 1) mod TRADE_HISTORY_MAX`. */
  #added = 0;
  #lastTradeId: number;
  #storedSequence: number;

  /**
   * @param lastTradeId of the trade before the first that will be added; 0 when that is the market's first
   * @param storedSequence up to which of its shard's events a database must be that has all trades before
   */
  constructor(lastTradeId = 0, storedSequence = 0) {
    this.#lastTradeId = lastTradeId;
    this.#storedSequence = storedSequence;
  }

  /** Up to which of the events of the market's shard a database must be that has all trades older than these. */
  get storedSequence(): number {
    return this.#storedSequence;
  }

  /** Every trade from this one on is here; it is the next one to come when none is. Ids are dense. */
  get oldestTradeId(): number {
    if (this.#ring === null) return this.#lastTradeId + 1;
    return this.#ring[((this.#added - this.count) % TRADE_HISTORY_MAX) * FIELDS]!;
  }

  /** Of the newest trade, here or before the first that will be added. */
  get lastTradeId(): number {
    if (this.#ring === null) return this.#lastTradeId;
    return this.#ring[((this.#added - 1) % TRADE_HISTORY_MAX) * FIELDS]!;
  }

  get count(): number {
    return Math.min(this.#added, TRADE_HISTORY_MAX);
  }

  /** @param sequence of the trade's event, or of a later one */
  add(trade: Readonly<KeptTrade>, sequence = 0): void {
    this.#ring ??= new Float64Array(TRADE_HISTORY_MAX * FIELDS);
    const ring = this.#ring;
    const at = (this.#added % TRADE_HISTORY_MAX) * FIELDS;
    if (this.#added >= TRADE_HISTORY_MAX) this.#storedSequence = ring[at + 5]!;
    ring[at] = trade.tradeId;
    ring[at + 1] = trade.priceTicks;
    ring[at + 2] = trade.quantityLots;
    ring[at + 3] = trade.timeUs;
    ring[at + 4] = trade.takerSide;
    ring[at + 5] = sequence;
    this.#added++;
  }

  /** Up to `limit` trades, newest first, after skipping the newest `offset`. */
  newest(limit: number, offset = 0): PublicTrade[] {
    const trades: PublicTrade[] = [];
    const end = Math.min(offset + limit, this.count);
    const ring = this.#ring;
    if (ring === null) return trades;
    for (let age = offset; age < end; age++) {
      const at = ((this.#added - 1 - age) % TRADE_HISTORY_MAX) * FIELDS;
      trades.push({
        tradeId: ring[at]!,
        priceTicks: ring[at + 1]!,
        quantityLots: ring[at + 2]!,
        timeUs: ring[at + 3]!,
        buyerIsMaker: ring[at + 4] === Side.Ask,
      });
    }
    return trades;
  }
}
