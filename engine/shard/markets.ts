import { assert } from '../assert.ts';
import type { OrderBook } from '../book/order-book.ts';
import { ListMarket, type MarketSpec } from '../protocol/commands.ts';
import { OrderBookState, Side } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { MatchOrder } from '../protocol/shard-messages.ts';
import { homeShardOfMarket } from '../protocol/sharding.ts';
import { BodyColumns } from '../snapshot/body-columns.ts';
import type { Saved } from '../snapshot/saved.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import { TriggerBook } from './trigger-book.ts';

/** Bits of `ShardMarket.killed`. */
const KILLED_ITSELF = 1;
const KILLED_WITH_VENUE = 2;

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
  /** Not 0 while the kill switch has stopped it: for itself, with the whole venue, or both. */
  killed: number;
  /** Depth update id of the book's last change. */
  updateId: number;
  lastTradeId: number;
  /** Of the last trade; 0 before the first one. Known to the owner only. */
  lastPriceTicks: number;
}

const LISTING = new BodyColumns(ListMarket);
const STOP = new BodyColumns(MatchOrder);

/** All listed markets, known to every shard. */
export class Markets implements Saved {
  /** Ids are dense, so an array: markets are looked up several times per command. */
  readonly #byId: ShardMarket[] = [];
  readonly #shard: number;
  readonly #shardCount: number;
  readonly #Book: typeof OrderBook;
  #isVenueKilled = false;

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
      killed: this.#isVenueKilled ? KILLED_WITH_VENUE : 0,
      updateId: 0,
      lastTradeId: 0,
      lastPriceTicks: 0,
    };
    this.#byId[spec.marketId] = market;
    return market;
  }

  /** Whether the kill switch has stopped all markets, those still to be listed too. */
  get isVenueKilled(): boolean {
    return this.#isVenueKilled;
  }

  setVenueKilled(isActive: boolean): void {
    this.#isVenueKilled = isActive;
    for (const market of this.values()) setKilled(market, KILLED_WITH_VENUE, isActive);
  }

  /** Whether the kill switch has stopped this one market. */
  isMarketKilled({ killed }: Readonly<ShardMarket>): boolean {
    return (killed & KILLED_ITSELF) !== 0;
  }

  setMarketKilled(market: ShardMarket, isActive: boolean): void {
    setKilled(market, KILLED_ITSELF, isActive);
  }

  /** Every listed market, in order of id. */
  values(): ShardMarket[] {
    return this.#byId.filter((market) => market !== undefined);
  }

  save(writer: SnapshotWriter): void {
    const row = writer.table('markets', LISTING.count + 5);
    for (const market of this.values()) {
      const { spec, createdAtUs, state, updateId, lastTradeId, lastPriceTicks } = market;
      LISTING.put(row, { ...spec, requestId: 0 });
      const standing = [createdAtUs, state, updateId, lastTradeId, lastPriceTicks];
      for (const value of standing) row.put(value);
    }
    row.end();
    this.#saveResting(writer);
    // Whatever fired has been matched by the end of the command, so what is left waits for its price.
    const stop = writer.table('pending stop orders', STOP.count);
    for (const { triggers } of this.values()) {
      triggers?.forEach((order) => {
        STOP.put(stop, order);
      });
    }
    stop.end();
  }

  load(reader: SnapshotReader): void {
    const row = reader.table('markets', LISTING.count + 5);
    while (row.next()) {
      const { requestId: _none, ...spec } = LISTING.take(row);
      const market = this.list(spec, row.take());
      market.state = row.take() as OrderBookState;
      market.updateId = row.take();
      market.lastTradeId = row.take();
      market.lastPriceTicks = row.take();
    }
    this.#loadResting(reader);
    const stop = reader.table('pending stop orders', STOP.count);
    while (stop.next()) {
      const order = STOP.take(stop);
      const { triggers, lastPriceTicks } = this.require(order.marketId);
      triggers!.add(order, lastPriceTicks);
    }
  }

  /** Every resting order in priority: rested again in that order, they have the places they had. */
  #saveResting(writer: SnapshotWriter): void {
    const row = writer.table('resting orders', 6);
    for (const { spec, book } of this.values()) {
      for (const side of [Side.Bid, Side.Ask] as const) {
        book?.forEachOrder(side, (orderId, owner, priceTicks, lots) => {
          row.put(spec.marketId);
          row.put(side);
          row.put(orderId);
          row.put(owner);
          row.put(priceTicks);
          row.put(lots);
        });
      }
    }
    row.end();
  }

  #loadResting(reader: SnapshotReader): void {
    const row = reader.table('resting orders', 6);
    while (row.next()) {
      const book = this.require(row.take()).book!;
      const side = row.take() as Side;
      book.rest(row.take(), row.take(), side, row.take(), row.take());
    }
  }
}

/** The lowest price an order of this side and limit could ever trade at. */
export function lowestTicksOf(market: ShardMarket, side: Side, limitTicks: number): number {
  return side === Side.Bid ? market.spec.minPriceTicks : limitTicks;
}

function setKilled(market: ShardMarket, bit: number, isActive: boolean): void {
  market.killed = isActive ? market.killed | bit : market.killed & ~bit;
}

/** Why the kill switch or the market's state forbids a new order, or `None`. */
export function stateForbidsOrder(market: ShardMarket, postOnly: boolean): RejectCode {
  if (market.killed !== 0) return RejectCode.KillSwitch;
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
