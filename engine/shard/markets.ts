import { assert } from '../assert.ts';
import type { OrderBook } from '../book/order-book.ts';
import type { MarketSpec } from '../protocol/commands.ts';
import { OrderBookState, Side } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { homeShardOfMarket } from '../protocol/sharding.ts';
import { TriggerBook } from './trigger-book.ts';

/** A market as a shard knows it; the shard that owns it also has the book. */
export interface ShardMarket {
  readonly spec: MarketSpec;
  /** The shard that has the book. */
  readonly owner: number;
  /** The higher of maker and taker fee: what a bid locks. */
  readonly feeBpsMax: number;
  /** Null on shards that do not own the market. */
  readonly book: OrderBook | null;
  /** Its pending stop orders; null on shards that do not own the market. */
  readonly triggers: TriggerBook | null;
  /** When this shard listed it; the owner's time is the one that everybody is told. */
  readonly createdAtUs: number;
  state: OrderBookState;
  /** Depth update id of the book's last change. */
  updateId: number;
  lastTradeId: number;
  /** Of the last trade; 0 before the first one. Known to the owner only. */
  lastPriceTicks: number;
}

/** All listed markets, known to every shard. */
export class Markets {
  /** Ids are dense, so an array: markets are looked up several times per command. */
  readonly #byId: ShardMarket[] = [];
  readonly #shard: number;
  readonly #shardCount: number;
  readonly #Book: typeof OrderBook;

  constructor(shard: number, shardCount: number, Book: typeof OrderBook) {
    this.#shard = shard;
    this.#shardCount = shardCount;
    this.#Book = Book;
  }

  get(marketId: number): ShardMarket | undefined {
    return this.#byId[marketId];
  }

  /** The market of an id that the shard itself stored. */
  require(marketId: number): ShardMarket {
    const market = this.#byId[marketId];
    assert(market !== undefined, 'no such market');
    return market;
  }

  list(spec: MarketSpec, createdAtUs: number): ShardMarket {
    const owner = homeShardOfMarket(spec.marketId, this.#shardCount);
    const isOwner = owner === this.#shard;
    const market = {
      spec,
      owner,
      feeBpsMax: Math.max(spec.makerFeeBps, spec.takerFeeBps),
      book: isOwner ? new this.#Book() : null,
      triggers: isOwner ? new TriggerBook() : null,
      createdAtUs,
      state: OrderBookState.Open,
      updateId: 0,
      lastTradeId: 0,
      lastPriceTicks: 0,
    };
    this.#byId[spec.marketId] = market;
    return market;
  }

  /** Every listed market, in order of id. */
  values(): ShardMarket[] {
    return this.#byId.filter((market) => market !== undefined);
  }
}

/** The lowest price an order of this side and limit could ever trade at. */
export function lowestTicksOf(market: ShardMarket, side: Side, limitTicks: number): number {
  return side === Side.Bid ? market.spec.minPriceTicks : limitTicks;
}

/** Why the market's state forbids a new order, or `None`. */
export function stateForbidsOrder(market: ShardMarket, postOnly: boolean): RejectCode {
  switch (market.state) {
    case OrderBookState.Open:
      return RejectCode.None;
    case OrderBookState.PostOnly:
      return postOnly ? RejectCode.None : RejectCode.MarketPostOnly;
    case OrderBookState.CancelOnly:
      return RejectCode.MarketCancelOnly;
    case OrderBookState.Closed:
      return RejectCode.MarketClosed;
  }
}
