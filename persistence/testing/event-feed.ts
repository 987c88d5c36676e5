import { setTimeout as delay } from 'node:timers/promises';
import { OrderBookState, OrderEventKind, OrderStatus, Side } from '../../engine/protocol/enums.ts';
import {
  AccountCreated,
  AssetListed,
  BookDelta,
  MarketListed,
  MarketStateChanged,
  OrderEvent,
  Trade,
} from '../../engine/protocol/events.ts';
import type { FieldsOf, Message } from '../../engine/protocol/message.ts';
import { LinkWriter } from '../../engine/ring/link.ts';
import type { Topology } from '../../engine/ring/topology.ts';

/** 2026-01-01T00:00:00Z */
export const START_US = 1_767_225_600_000_000;

/** A market of base asset 1 (8 decimals) and quote asset 2 (6 decimals): tick 0.05, lot 0.001. */
export const TEST_MARKET = {
  marketId: 1,
  symbol: 'BTC_USDC',
  baseAssetId: 1,
  quoteAssetId: 2,
  priceDecimals: 2,
  tickUnits: 5,
  quantityDecimals: 3,
  lotUnits: 1,
  baseUnitsPerLot: 100_000,
  quoteUnitsPerTickLot: 50,
  minPriceTicks: 1,
  maxPriceTicks: 1_000_000,
  minQuantityLots: 1,
  maxQuantityLots: 100_000_000,
  makerFeeBps: 8,
  takerFeeBps: 10,
  minNotionalUnits: 5_500_000,
  priceBandBps: 2_500,
} as const;

/** Plays the shards: encodes recorded events into the rings that the writer reads. */
export class EventFeed {
  /** Of the last event recorded, by shard. */
  readonly sequences: number[];
  readonly #links: readonly LinkWriter[];
  readonly #firstSent: readonly number[];

  /** @param firstSent by shard: events before it are counted and not sent, as by a shard that recovers */
  constructor(topology: Topology, firstSent?: readonly number[]) {
    this.#links = topology.shardToPersistence.map((link) => new LinkWriter(link));
    this.sequences = topology.shardToPersistence.map(() => 0);
    this.#firstSent = firstSent ?? this.sequences;
  }

  /** Records an event; it waits in the shard's buffer until `flush`. */
  record<M extends Message>(
    shard: number,
    message: M,
    fields: Partial<ReturnType<M['create']>>,
  ): void {
    const body = { ...message.create(), ...fields } as FieldsOf<Record<string, 'uint'>>;
    const sequence = ++this.sequences[shard]!;
    if (sequence < this.#firstSent[shard]!) return;
    message.encode(this.#links[shard]!.frames, sequence, body);
  }

  /** Bytes that wait for room in the rings. */
  get pendingBytes(): number {
    return this.#links.reduce((sum, link) => sum + link.frames.pendingBytes, 0);
  }

  /** Moves everything into the rings, waiting for room as a shard would. */
  async flush(): Promise<void> {
    while (this.#links.map((link) => link.flush()).includes(false)) await delay(1);
  }

  /** Two assets, the test market and two accounts with funds, all on shard 0. */
  recordListings(): void {
    this.record(0, AssetListed, { assetId: 1, symbol: 'BTC', decimals: 8, timeUs: START_US });
    this.record(0, AssetListed, { assetId: 2, symbol: 'USDC', decimals: 6, timeUs: START_US });
    this.record(0, MarketListed, { ...TEST_MARKET, timeUs: START_US });
    this.record(0, MarketStateChanged, {
      marketId: 1,
      state: OrderBookState.Open,
      timeUs: START_US,
    });
    for (const accountId of [1, 2]) {
      this.record(0, AccountCreated, { accountId, name: `account ${accountId}`, timeUs: START_US });
    }
  }

  /** An order that rests, with the depth it adds. */
  recordPlaced(shard: number, fields: Partial<OrderFields>): void {
    const order = { kind: OrderEventKind.Accepted, status: OrderStatus.New, ...fields };
    this.record(shard, OrderEvent, order);
    this.record(shard, BookDelta, {
      marketId: fields.marketId ?? 1,
      isLast: true,
      timeUs: fields.timeUs ?? START_US,
      levels: [fields.side ?? Side.Bid, fields.priceTicks ?? 1, fields.quantityLots ?? 1],
    });
  }

  /** A trade of two orders, each filled whole by it. */
  recordTrade(shard: number, trade: TradeFields, feeUnits = 0): void {
    const shared = {
      kind: OrderEventKind.Fill,
      status: OrderStatus.Filled,
      marketId: trade.marketId,
      priceTicks: trade.priceTicks,
      quantityLots: trade.quantityLots,
      executedLots: trade.quantityLots,
      createdAtUs: trade.timeUs,
      timeUs: trade.timeUs,
      tradeId: trade.tradeId,
      fillPriceTicks: trade.priceTicks,
      fillLots: trade.quantityLots,
      feeUnits,
    };
    const makerSide = trade.takerSide === Side.Bid ? Side.Ask : Side.Bid;
    const { makerOrderId, takerOrderId, takerSide } = trade;
    const maker = { accountId: 1, orderId: makerOrderId, side: makerSide, isMaker: true };
    this.record(shard, OrderEvent, { ...shared, ...maker });
    this.record(shard, OrderEvent, {
      ...shared,
      accountId: 2,
      orderId: takerOrderId,
      side: takerSide,
    });
    this.record(shard, Trade, trade);
  }
}

type OrderFields = ReturnType<typeof OrderEvent.create>;
type TradeFields = ReturnType<typeof Trade.create>;
