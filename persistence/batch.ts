import { assert } from '../engine/assert.ts';
import {
  ExpiryReason,
  nameOf,
  OrderBookState,
  OrderEventKind,
  OrderStatus,
  OrderType,
  Permission,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from '../engine/protocol/enums.ts';
import { type OrderEvent, OrderEvent as OrderEventMessage } from '../engine/protocol/events.ts';
import { FrameReader } from '../engine/protocol/frame-reader.ts';
import { RejectCode } from '../engine/protocol/reject-codes.ts';
import { MonthBegins } from './event-months.ts';
import { type HeldEvent, HeldEvents } from './held-events.ts';
import { HistoryCounts } from './history-counts.ts';
import type { KlineInterval } from './kline-intervals.ts';
import { KLINE_INTERVALS } from './kline-intervals.ts';
import { KlineCollector } from './klines.ts';
import type { Listings } from './listings.ts';
import { monthStartUs } from './months.ts';
import { makeTableMonths } from './partitions.ts';
import { nameOfEvent } from './recorded-events.ts';
import { createTables, type OrderColumns, orderColumnsOf, type Tables } from './tables.ts';

/** The present balance of an account in an asset. */
interface BalanceState {
  accountId: number;
  assetId: number;
  availableUnits: number;
  lockedUnits: number;
  timeUs: number;
}

const NO_BALANCE: BalanceState = {
  accountId: 0,
  assetId: 0,
  availableUnits: 0,
  lockedUnits: 0,
  timeUs: 0,
};

/** What happened to a key in this batch; of one that was made before it, only what is not null. */
interface KeyChange {
  readonly created: { accountId: number; permissions: number; timeUs: number } | null;
  readonly allowedAddresses: string | null;
  readonly revokedAtUs: number | null;
}

export const NO_KEY_CHANGE: KeyChange = {
  created: null,
  allowedAddresses: null,
  revokedAtUs: null,
};

/** In a frame, before its message. */
const FRAME_LENGTH_BYTES = 4;

/** An asset id below this shares one safe integer with an account id below 2^37. */
const ASSET_IDS = 2 ** 16;

/**
 * What one transaction writes: the rows of a run of events of each shard, and the positions before and
 * after. Of a row that changes, only its last state in the batch is kept. A sealed batch is written
 * until it is committed or refused, so its rows and positions stay as they are.
 */
export class Batch {
  readonly tables: Tables = createTables();
  /** The last sequence per shard that was projected before this batch, and with it. */
  readonly fromSequences: number[];
  readonly toSequences: number[];
  readonly held = new HeldEvents();
  /** Nothing can be added to a sealed batch. */
  isSealed = false;
  /** Whether it writes down its one event as refused, instead of the event's rows. */
  isLeftOut = false;

  /** Of the rows in partitioned tables. */
  readonly months = makeTableMonths();
  /** The months of which the batch has the first events. */
  readonly monthBegins = new MonthBegins();
  /** What it adds to the totals of accounts. */
  readonly historyCounts = new HistoryCounts();
  readonly changedAssets = new Set<number>();
  readonly changedMarkets = new Set<number>();
  readonly accounts = new Map<number, { name: string; timeUs: number }>();
  readonly keys = new Map<string, KeyChange>();
  /** Orders whose first event is in this batch, and those that began before it. */
  readonly #newOrders = new Map<number, OrderEvent>();
  readonly #changedOrders = new Map<number, OrderEvent>();
  readonly #balances = new Map<number, BalanceState>();
  /** Objects of batches before, to be filled again: a batch has thousands, and would leave them to the collector. */
  readonly #spareOrders: OrderEvent[] = [];
  readonly #spareBalances: BalanceState[] = [];
  readonly #klines = new Map<number, KlineCollector>();

  constructor(positions: readonly number[]) {
    this.fromSequences = [...positions];
    this.toSequences = [...positions];
  }

  /** Events in the batch, those without rows included. */
  get eventCount(): number {
    return this.held.count;
  }

  /** All counts are in one row. */
  get rowCount(): number {
    const { historyCounts, ...tables } = this.tables;
    const rows = Object.values(tables).reduce((sum, { count }) => sum + count, 0);
    return rows + Math.min(1, historyCounts.count);
  }

  /** Empties the batch and starts it at `positions`. */
  clear(positions: readonly number[]): void {
    positions.forEach((sequence, shard) => {
      this.fromSequences[shard] = sequence;
      this.toSequences[shard] = sequence;
    });
    this.held.clear();
    this.isSealed = false;
    this.isLeftOut = false;
    this.monthBegins.clear();
    this.#clearRows();
  }

  #clearRows(): void {
    for (const rows of Object.values(this.tables)) rows.clear();
    for (const months of Object.values(this.months)) months.clear();
    this.historyCounts.clear();
    this.changedAssets.clear();
    this.changedMarkets.clear();
    this.accounts.clear();
    this.keys.clear();
    for (const order of this.#newOrders.values()) this.#spareOrders.push(order);
    for (const order of this.#changedOrders.values()) this.#spareOrders.push(order);
    for (const balance of this.#balances.values()) this.#spareBalances.push(balance);
    this.#newOrders.clear();
    this.#changedOrders.clear();
    this.#balances.clear();
    this.#klines.clear();
  }

  /** Counts an event in whose rows were collected; its frame is `source[start..end)`. */
  add(shard: number, sequence: number, source: Uint8Array, start: number, end: number): void {
    assert(!this.isSealed, 'an event for a sealed batch');
    this.held.add(shard, source, start, end);
    this.toSequences[shard] = sequence;
  }

  /** Puts a record of the batch's only event, which the database refused, in the place of its rows. */
  leaveOut(errorCode: string, errorMessage: string): void {
    const { shard, sequence, name, frame } = this.onlyEvent();
    this.#clearRows();
    this.isLeftOut = true;
    this.#sealMonthBegins();
    this.#countLeftOut(frame);
    const row = this.tables.refusedEvents.addRow();
    row.integer(shard);
    row.bigint(sequence);
    row.text(name);
    row.bytea(frame.subarray(FRAME_LENGTH_BYTES));
    row.text(errorCode);
    row.text(errorMessage);
  }

  /** The next event of an order brings its row, which has to be counted by then. */
  #countLeftOut(frame: Uint8Array): void {
    const reader = new FrameReader();
    reader.reset(frame, 0, frame.length);
    reader.next();
    if (reader.type !== OrderEventMessage.type) return;
    const event = OrderEventMessage.decode(reader, OrderEventMessage.create());
    if (!isFirstOfOrder(event)) return;
    this.historyCounts.addOrder(event.accountId, event.marketId, event.createdAtUs);
    this.historyCounts.seal(this.tables);
  }

  /** Of a batch of one event: what it is. */
  onlyEvent(): HeldEvent & { readonly sequence: number; readonly name: string } {
    assert(this.eventCount === 1, 'a batch of more than one event');
    const [event] = this.held.events();
    const { shard, frame } = event!;
    const reader = new FrameReader();
    reader.reset(frame, 0, frame.length);
    reader.next();
    return { shard, frame, sequence: reader.sequence, name: nameOfEvent(reader.type) };
  }

  setBalance(
    accountId: number,
    assetId: number,
    availableUnits: number,
    lockedUnits: number,
    timeUs: number,
  ): void {
    assert(assetId < ASSET_IDS && accountId < 2 ** 37, 'account or asset id out of range');
    const key = accountId * ASSET_IDS + assetId;
    let balance = this.#balances.get(key);
    if (balance === undefined) {
      balance = this.#spareBalances.pop() ?? { ...NO_BALANCE };
      this.#balances.set(key, balance);
      balance.accountId = accountId;
      balance.assetId = assetId;
    }
    balance.availableUnits = availableUnits;
    balance.lockedUnits = lockedUnits;
    balance.timeUs = timeUs;
  }

  /**
   * Keeps `event` as the last state of its order, and gives an object that is free to be used for the
   * next event: the one kept before, or a new one.
   */
  setOrder(event: OrderEvent): OrderEvent {
    const { orderId } = event;
    const begun = this.#newOrders.get(orderId);
    const isFirst = isFirstOfOrder(event);
    if (isFirst) this.historyCounts.addOrder(event.accountId, event.marketId, event.createdAtUs);
    this.months.orders.add(event.createdAtUs);
    if (begun !== undefined || isFirst) {
      this.#newOrders.set(orderId, event);
      return begun ?? this.#spareOrder();
    }
    const changed = this.#changedOrders.get(orderId);
    this.#changedOrders.set(orderId, event);
    return changed ?? this.#spareOrder();
  }

  #spareOrder(): OrderEvent {
    return this.#spareOrders.pop() ?? OrderEventMessage.create();
  }

  klinesOf(marketId: number): KlineCollector {
    let collector = this.#klines.get(marketId);
    if (collector === undefined) {
      collector = new KlineCollector();
      this.#klines.set(marketId, collector);
    }
    return collector;
  }

  /** Turns the collected last states into rows. Nothing may be added afterwards. */
  seal(listings: Listings): void {
    this.isSealed = true;
    this.#sealListings(listings);
    this.#sealAccounts();
    this.#sealOrders(listings);
    this.#sealBalances(listings);
    this.#sealKlines(listings);
    this.historyCounts.seal(this.tables);
    this.#sealMonthBegins();
  }

  #sealListings(listings: Listings): void {
    const { assets, markets } = this.tables;
    for (const assetId of this.changedAssets) {
      const asset = listings.asset(assetId);
      assets.count++;
      assets.columns.asset_id.bigint(assetId);
      assets.columns.symbol.text(asset.symbol);
      assets.columns.decimals.integer(asset.scale.decimals);
      assets.columns.listed_at.timestampOrNull(asset.listedAtUs);
    }
    for (const marketId of this.changedMarkets) {
      const { spec, priceScale, quantityScale, quoteScale, ...market } = listings.market(marketId);
      const { columns } = markets;
      markets.count++;
      columns.market_id.bigint(marketId);
      columns.symbol.text(spec.symbol);
      columns.base_asset_id.bigint(spec.baseAssetId);
      columns.quote_asset_id.bigint(spec.quoteAssetId);
      columns.tick_size.numeric(1, priceScale);
      columns.step_size.numeric(1, quantityScale);
      columns.min_price.numeric(spec.minPriceTicks, priceScale);
      columns.max_price.numeric(spec.maxPriceTicks, priceScale);
      columns.min_quantity.numeric(spec.minQuantityLots, quantityScale);
      columns.max_quantity.numeric(spec.maxQuantityLots, quantityScale);
      columns.maker_fee_bps.integer(spec.makerFeeBps);
      columns.taker_fee_bps.integer(spec.takerFeeBps);
      columns.min_notional.numeric(spec.minNotionalUnits, quoteScale);
      columns.price_band_bps.integer(spec.priceBandBps);
      columns.base_units_per_lot.bigint(spec.baseUnitsPerLot);
      columns.quote_units_per_tick_lot.bigint(spec.quoteUnitsPerTickLot);
      columns.state.encodedText(STATE_NAMES[market.state]!);
      columns.listed_at.timestamp(market.listedAtUs);
      columns.updated_at.timestamp(market.updatedAtUs);
    }
  }

  #sealAccounts(): void {
    const { accounts, apiKeys, changedKeys } = this.tables;
    for (const [accountId, { name, timeUs }] of this.accounts) {
      accounts.count++;
      accounts.columns.account_id.bigint(accountId);
      accounts.columns.name.text(name);
      accounts.columns.created_at.timestamp(timeUs);
    }
    for (const [publicKey, { created, allowedAddresses, revokedAtUs }] of this.keys) {
      const rows = created === null ? changedKeys : apiKeys;
      rows.count++;
      rows.columns.public_key.text(publicKey);
      if (allowedAddresses === null) rows.columns.allowed_addresses.null();
      else rows.columns.allowed_addresses.text(allowedAddresses);
      if (revokedAtUs === null) rows.columns.revoked_at.null();
      else rows.columns.revoked_at.timestamp(revokedAtUs);
      if (created === null) continue;
      apiKeys.columns.account_id.bigint(created.accountId);
      apiKeys.columns.can_read.bool((created.permissions & Permission.Read) !== 0);
      apiKeys.columns.can_trade.bool((created.permissions & Permission.Trade) !== 0);
      apiKeys.columns.created_at.timestampOrNull(created.timeUs);
    }
  }

  #sealOrders(listings: Listings): void {
    const { newOrders, orders } = this.tables;
    if (this.#newOrders.size > 0) {
      const columns = orderColumnsOf(newOrders.writer);
      for (const order of this.#newOrders.values()) {
        newOrders.addRow();
        writeOrder(order, columns, listings);
      }
    }
    for (const order of this.#changedOrders.values()) {
      orders.count++;
      writeOrder(order, orders.columns, listings);
    }
  }

  #sealBalances(listings: Listings): void {
    const { balances } = this.tables;
    for (const balance of this.#balances.values()) {
      const { scale } = listings.asset(balance.assetId);
      balances.count++;
      balances.columns.account_id.bigint(balance.accountId);
      balances.columns.asset_id.bigint(balance.assetId);
      balances.columns.available.numeric(balance.availableUnits, scale);
      balances.columns.locked.numeric(balance.lockedUnits, scale);
      balances.columns.updated_at.timestamp(balance.timeUs);
    }
  }

  #sealKlines(listings: Listings): void {
    const { klines } = this.tables;
    const { columns } = klines;
    for (const [marketId, collector] of this.#klines) {
      const { priceScale, quantityScale, quoteScale } = listings.market(marketId);
      for (const [interval, part] of collector.parts()) {
        this.months[interval === '1s' ? 'klines_1s' : 'klines_longer'].add(part.startUs);
        klines.count++;
        columns.market_id.bigint(marketId);
        columns.interval.encodedText(INTERVAL_NAMES[interval]);
        columns.start_time.timestamp(part.startUs);
        columns.open.numeric(part.openTicks, priceScale);
        columns.high.numeric(part.highTicks, priceScale);
        columns.low.numeric(part.lowTicks, priceScale);
        columns.close.numeric(part.closeTicks, priceScale);
        const volumeUnits = part.volumeLots.total * BigInt(quantityScale.stepUnits);
        columns.volume.bigNumeric(volumeUnits, quantityScale.decimals);
        columns.quote_volume.bigNumeric(part.quoteVolumeUnits.total, quoteScale.decimals);
        columns.trades.bigint(part.trades);
      }
    }
  }

  #sealMonthBegins(): void {
    const { monthBegins } = this.tables;
    for (const { shard, month, sequence } of this.monthBegins) {
      monthBegins.count++;
      monthBegins.columns.shard.integer(shard);
      monthBegins.columns.month.timestamp(monthStartUs(month));
      monthBegins.columns.first_sequence.bigint(sequence);
    }
  }
}

/**
 * That of an order is `Accepted`, that of a stop order `TriggerPlaced`. A state that tables begin with tells of
 * each order once, by a `Snapshot`.
 */
function isFirstOfOrder({ kind, triggerPriceTicks }: Readonly<OrderEvent>): boolean {
  const { Accepted, TriggerPlaced, Snapshot } = OrderEventKind;
  return kind === (triggerPriceTicks > 0 ? TriggerPlaced : Accepted) || kind === Snapshot;
}

/** Writes the values of a row of `orders`, in the order of its columns. */
function writeOrder(order: OrderEvent, columns: OrderColumns, listings: Listings): void {
  const { priceScale, quantityScale, quoteScale } = listings.market(order.marketId);
  columns.order_id.bigint(order.orderId);
  columns.account_id.bigint(order.accountId);
  columns.market_id.bigint(order.marketId);
  if (order.clientId === null) columns.client_id.null();
  else columns.client_id.bigint(order.clientId);
  columns.side.encodedText(SIDE_NAMES[order.side]!);
  columns.order_type.encodedText(TYPE_NAMES[order.orderType]!);
  columns.time_in_force.encodedText(TIME_IN_FORCE_NAMES[order.timeInForce]!);
  columns.post_only.bool(order.postOnly);
  columns.self_trade_prevention.encodedText(PREVENTION_NAMES[order.selfTradePrevention]!);
  columns.status.encodedText(STATUS_NAMES[order.status]!);
  if (order.expiryReason === ExpiryReason.None) columns.expiry_reason.null();
  else columns.expiry_reason.encodedText(EXPIRY_NAMES[order.expiryReason]!);
  if (order.orderType === OrderType.Market) columns.price.null();
  else columns.price.numeric(order.priceTicks, priceScale);
  if (order.quoteBudgetUnits > 0) {
    columns.quantity.null();
    columns.quote_quantity.numeric(order.quoteBudgetUnits, quoteScale);
  } else {
    columns.quantity.numeric(order.quantityLots, quantityScale);
    columns.quote_quantity.null();
  }
  columns.executed_quantity.numeric(order.executedLots, quantityScale);
  columns.executed_quote_quantity.numeric(order.executedQuoteUnits, quoteScale);
  columns.created_at.timestamp(order.createdAtUs);
  columns.updated_at.timestamp(order.timeUs);
  if (order.triggerPriceTicks === 0) columns.trigger_price.null();
  else columns.trigger_price.numeric(order.triggerPriceTicks, priceScale);
  columns.triggered_at.timestampOrNull(order.triggeredAtUs);
  if (order.rejectCode === RejectCode.None) columns.reject_reason.null();
  else columns.reject_reason.encodedText(REJECT_NAMES[order.rejectCode]!);
}

/** The names of a value set by value, encoded once. */
function encodedNames(values: Readonly<Record<string, number>>): readonly Buffer[] {
  const names: Buffer[] = [];
  for (const value of Object.values(values)) names[value] = Buffer.from(nameOf(values, value));
  return names;
}

export const SIDE_NAMES = encodedNames(Side);
const TYPE_NAMES = encodedNames(OrderType);
const TIME_IN_FORCE_NAMES = encodedNames(TimeInForce);
export const PREVENTION_NAMES = encodedNames(SelfTradePrevention);
const STATUS_NAMES = encodedNames(OrderStatus);
const EXPIRY_NAMES = encodedNames(ExpiryReason);
const REJECT_NAMES = encodedNames(RejectCode);
const STATE_NAMES = encodedNames(OrderBookState);
const INTERVAL_NAMES = Object.fromEntries(
  KLINE_INTERVALS.map((interval) => [interval, Buffer.from(interval)]),
) as Record<KlineInterval, Buffer>;
