import { assert } from '../assert.ts';
import { RecordDigest } from '../collections/record-digest.ts';
import { RecordIndex } from '../collections/record-index.ts';
import type { PlaceOrder } from '../protocol/commands.ts';
import type { OrderType, SelfTradePrevention, Side, TimeInForce } from '../protocol/enums.ts';
import type { Saved } from '../snapshot/saved.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import { StopPhase } from './stop-phase.ts';

const NONE = -1;
const INITIAL_SLOTS = 1024;

/** No client id: real ones are 0 … 2^32 − 1. */
export const NO_CLIENT_ID = -1;
const CLIENT_IDS = 2 ** 32;

/*
 * A record is 128 bytes: doubles at [slot × 16 + …], integers at [slot × 32 + …]. What finding, cancelling
 * and filling an order needs stands together in its first half, its money and its past in the second.
 */
const ORDER_ID = 0;
/** `accountId × 2^32 + clientId`, or `NO_CLIENT_ID`. Account ids are below 2^21, so it is exact. */
const CLIENT_KEY = 1;
const PRICE_TICKS = 2;
const QUANTITY_LOTS = 3;
const EXECUTED_LOTS = 4;
const RESERVED_UNITS = 8;
const EXECUTED_QUOTE_UNITS = 9;
const QUOTE_BUDGET_UNITS = 10;
const CREATED_AT_US = 11;
const TRIGGER_PRICE_TICKS = 12;
const TRIGGERED_AT_US = 13;

/** What of a record a snapshot has. */
const SAVED_DOUBLES = [
  ...[ORDER_ID, CLIENT_KEY, PRICE_TICKS, QUANTITY_LOTS, EXECUTED_LOTS, RESERVED_UNITS],
  ...[EXECUTED_QUOTE_UNITS, QUOTE_BUDGET_UNITS, CREATED_AT_US, TRIGGER_PRICE_TICKS],
  TRIGGERED_AT_US,
];

const ACCOUNT_ID = 10;
const MARKET_ID = 11;
const TERMS = 12;
const BASE_SLOT = 13;
const QUOTE_SLOT = 14;
const NEXT = 15;
const PREVIOUS = 28;
const FEE_CREDIT = 29;

/** Likewise; the order of its rows is that of the accounts' lists. */
const SAVED_INTS = [ACCOUNT_ID, MARKET_ID, TERMS, BASE_SLOT, QUOTE_SLOT, FEE_CREDIT];
const SAVED_COLUMNS = SAVED_DOUBLES.length + SAVED_INTS.length;

/** The small fields share one integer: side in bit 0, then these. */
const ORDER_TYPE_SHIFT = 1;
const TIME_IN_FORCE_SHIFT = 4;
const SELF_TRADE_PREVENTION_SHIFT = 8;
const POST_ONLY_BIT = 1 << 12;
const ACCEPTED_BIT = 1 << 13;
const STOP_PHASE_SHIFT = 14;
const STOP_PHASE_MASK = 3 << STOP_PHASE_SHIFT;

/**
 * The open orders of a shard's accounts: what the home shard knows of each, by order id, by client id
 * and by account, as records in one block of memory. A slot is used again after its order closed.
 *
 * Invariants: client ids are unique among an account's open orders; the size of every index is the
 * number of open orders (client ids: of those that have one).
 */
export class OpenOrders implements Saved {
  /** Of the open orders, by slot; `ledger-hash.ts` says what of them it hashes. */
  readonly digest = new RecordDigest();
  #doubles = new Float64Array(INITIAL_SLOTS * 16);
  #ints = new Int32Array(this.#doubles.buffer);
  readonly #byOrderId = new RecordIndex(16, ORDER_ID);
  readonly #byClientKey: RecordIndex;
  /** The order last opened or found: a market's answer within the same command asks for it again. */
  #lastOrderId: number = NONE;
  #lastSlot: number = NONE;
  /** By account id: its newest open order, and how many it has. */
  #firstOfAccount = new Int32Array(INITIAL_SLOTS).fill(NONE);
  #countOfAccount = new Int32Array(INITIAL_SLOTS);
  /** Of them stop orders, fired or not. */
  #stopsOfAccount = new Int32Array(INITIAL_SLOTS);
  #freeSlot = NONE;
  #slotCount = 0;
  #capacity = INITIAL_SLOTS;

  /** @param hashSeed hides from outsiders which client ids fall together in the index */
  constructor(hashSeed: number) {
    this.#byClientKey = new RecordIndex(16, CLIENT_KEY, hashSeed);
  }

  get size(): number {
    return this.#byOrderId.size;
  }

  /** Open orders that have a client id, by the size of their index. */
  get clientIdCount(): number {
    return this.#byClientKey.size;
  }

  /** The slot of an open order, or −1. */
  find(orderId: number): number {
    if (orderId === this.#lastOrderId) return this.#lastSlot;
    return this.#byOrderId.find(orderId, this.#doubles);
  }

  /** Whether an order that is open lies in the slot, which was used before. */
  isOpen(slot: number): boolean {
    // A freed record keeps its order id, which is in no record by now.
    return this.#byOrderId.find(this.#doubles[slot * 16 + ORDER_ID]!, this.#doubles) === slot;
  }

  /** The slot of an account's open order of this client id, or −1. */
  findByClientId(accountId: number, clientId: number): number {
    const slot = this.#byClientKey.find(accountId * CLIENT_IDS + clientId, this.#doubles);
    if (slot !== NONE) {
      this.#lastOrderId = this.#doubles[slot * 16 + ORDER_ID]!;
      this.#lastSlot = slot;
    }
    return slot;
  }

  orderId(slot: number): number {
    return this.#doubles[slot * 16 + ORDER_ID]!;
  }

  accountId(slot: number): number {
    return this.#ints[slot * 32 + ACCOUNT_ID]!;
  }

  marketId(slot: number): number {
    return this.#ints[slot * 32 + MARKET_ID]!;
  }

  /** `NO_CLIENT_ID` when it has none. */
  clientId(slot: number): number {
    const key = this.#doubles[slot * 16 + CLIENT_KEY]!;
    return key === NO_CLIENT_ID ? key : key - this.accountId(slot) * CLIENT_IDS;
  }

  side(slot: number): Side {
    return (this.#ints[slot * 32 + TERMS]! & 1) as Side;
  }

  orderType(slot: number): OrderType {
    return ((this.#ints[slot * 32 + TERMS]! >> ORDER_TYPE_SHIFT) & 7) as OrderType;
  }

  timeInForce(slot: number): TimeInForce {
    return ((this.#ints[slot * 32 + TERMS]! >> TIME_IN_FORCE_SHIFT) & 15) as TimeInForce;
  }

  selfTradePrevention(slot: number): SelfTradePrevention {
    const terms = this.#ints[slot * 32 + TERMS]!;
    return ((terms >> SELF_TRADE_PREVENTION_SHIFT) & 15) as SelfTradePrevention;
  }

  postOnly(slot: number): boolean {
    return (this.#ints[slot * 32 + TERMS]! & POST_ONLY_BIT) !== 0;
  }

  /** Whether the market's shard has taken it and the account has been told. */
  isAccepted(slot: number): boolean {
    return (this.#ints[slot * 32 + TERMS]! & ACCEPTED_BIT) !== 0;
  }

  priceTicks(slot: number): number {
    return this.#doubles[slot * 16 + PRICE_TICKS]!;
  }

  quantityLots(slot: number): number {
    return this.#doubles[slot * 16 + QUANTITY_LOTS]!;
  }

  executedLots(slot: number): number {
    return this.#doubles[slot * 16 + EXECUTED_LOTS]!;
  }

  openLots(slot: number): number {
    const at = slot * 16;
    return this.#doubles[at + QUANTITY_LOTS]! - this.#doubles[at + EXECUTED_LOTS]!;
  }

  quoteBudgetUnits(slot: number): number {
    return this.#doubles[slot * 16 + QUOTE_BUDGET_UNITS]!;
  }

  executedQuoteUnits(slot: number): number {
    return this.#doubles[slot * 16 + EXECUTED_QUOTE_UNITS]!;
  }

  /** Units the ledger holds locked for it: quote for a bid, base for an ask. */
  reservedUnits(slot: number): number {
    return this.#doubles[slot * 16 + RESERVED_UNITS]!;
  }

  /** The slot of the account's balance of the market's base asset. */
  baseSlot(slot: number): number {
    return this.#ints[slot * 32 + BASE_SLOT]!;
  }

  /** The slot of the account's balance of the market's quote asset. */
  quoteSlot(slot: number): number {
    return this.#ints[slot * 32 + QUOTE_SLOT]!;
  }

  /** See fees.ts. */
  feeCredit(slot: number): number {
    return this.#ints[slot * 32 + FEE_CREDIT]!;
  }

  createdAtUs(slot: number): number {
    return this.#doubles[slot * 16 + CREATED_AT_US]!;
  }

  /** 0 unless it is a stop order. */
  triggerPriceTicks(slot: number): number {
    return this.#doubles[slot * 16 + TRIGGER_PRICE_TICKS]!;
  }

  /** 0 until the trigger price was reached. */
  triggeredAtUs(slot: number): number {
    return this.#doubles[slot * 16 + TRIGGERED_AT_US]!;
  }

  stopPhase(slot: number): StopPhase {
    const terms = this.#ints[slot * 32 + TERMS]!;
    return ((terms & STOP_PHASE_MASK) >> STOP_PHASE_SHIFT) as StopPhase;
  }

  /** Whether it is a stop order whose price was not reached, as far as has been heard. */
  waitsForTrigger(slot: number): boolean {
    const phase = this.stopPhase(slot);
    return phase === StopPhase.Sent || phase === StopPhase.Pending;
  }

  setStopPhase(slot: number, phase: StopPhase): void {
    const terms = this.#ints[slot * 32 + TERMS]! & ~STOP_PHASE_MASK;
    this.#ints[slot * 32 + TERMS] = terms | (phase << STOP_PHASE_SHIFT);
    this.digest.touch(slot);
  }

  /** The trigger price of a pending stop order was reached. */
  fire(slot: number, nowUs: number): void {
    assert(this.stopPhase(slot) === StopPhase.Pending, 'a stop order fires once');
    this.setStopPhase(slot, StopPhase.Fired);
    this.#doubles[slot * 16 + TRIGGERED_AT_US] = nowUs;
  }

  setAccepted(slot: number): void {
    this.#ints[slot * 32 + TERMS]! |= ACCEPTED_BIT;
    this.digest.touch(slot);
  }

  setPriceTicks(slot: number, priceTicks: number): void {
    this.#doubles[slot * 16 + PRICE_TICKS] = priceTicks;
    this.digest.touch(slot);
  }

  setQuantityLots(slot: number, quantityLots: number): void {
    this.#doubles[slot * 16 + QUANTITY_LOTS] = quantityLots;
    this.digest.touch(slot);
  }

  setReservedUnits(slot: number, units: number): void {
    this.#doubles[slot * 16 + RESERVED_UNITS] = units;
    this.digest.touch(slot);
  }

  /** Books a fill: what was executed, and the credit that its fee leaves. */
  addFill(slot: number, lots: number, quoteUnits: number, feeCredit: number): void {
    this.#doubles[slot * 16 + EXECUTED_LOTS]! += lots;
    this.#doubles[slot * 16 + EXECUTED_QUOTE_UNITS]! += quoteUnits;
    this.#ints[slot * 32 + FEE_CREDIT] = feeCredit;
    this.digest.touch(slot);
  }

  /** Opens a record; the caller has checked that the client id is free. */
  add(
    order: Readonly<PlaceOrder>,
    orderId: number,
    baseSlot: number,
    quoteSlot: number,
    reservedUnits: number,
    nowUs: number,
  ): number {
    const slot = this.#takeSlot();
    const doubles = this.#doubles;
    const ints = this.#ints;
    const { accountId, clientId } = order;
    doubles[slot * 16 + ORDER_ID] = orderId;
    doubles[slot * 16 + PRICE_TICKS] = order.priceTicks;
    doubles[slot * 16 + QUANTITY_LOTS] = order.quantityLots;
    doubles[slot * 16 + EXECUTED_LOTS] = 0;
    doubles[slot * 16 + RESERVED_UNITS] = reservedUnits;
    doubles[slot * 16 + EXECUTED_QUOTE_UNITS] = 0;
    doubles[slot * 16 + QUOTE_BUDGET_UNITS] = order.quoteBudgetUnits;
    doubles[slot * 16 + CREATED_AT_US] = nowUs;
    doubles[slot * 16 + TRIGGER_PRICE_TICKS] = order.triggerPriceTicks;
    doubles[slot * 16 + TRIGGERED_AT_US] = 0;
    ints[slot * 32 + ACCOUNT_ID] = accountId;
    ints[slot * 32 + MARKET_ID] = order.marketId;
    ints[slot * 32 + TERMS] = termsOf(order);
    ints[slot * 32 + BASE_SLOT] = baseSlot;
    ints[slot * 32 + QUOTE_SLOT] = quoteSlot;
    ints[slot * 32 + FEE_CREDIT] = 0;
    assert(this.#byOrderId.insert(slot, doubles), 'order id is open already');
    if (clientId === null) {
      doubles[slot * 16 + CLIENT_KEY] = NO_CLIENT_ID;
    } else {
      doubles[slot * 16 + CLIENT_KEY] = accountId * CLIENT_IDS + clientId;
      assert(this.#byClientKey.insert(slot, doubles), 'client id is in use');
    }
    this.digest.touch(slot);
    this.#link(slot, accountId);
    this.#lastOrderId = orderId;
    this.#lastSlot = slot;
    return slot;
  }

  remove(slot: number): void {
    const doubles = this.#doubles;
    const ints = this.#ints;
    const accountId = ints[slot * 32 + ACCOUNT_ID]!;
    const next = ints[slot * 32 + NEXT]!;
    const previous = ints[slot * 32 + PREVIOUS]!;
    if (next !== NONE) ints[next * 32 + PREVIOUS] = previous;
    if (previous !== NONE) ints[previous * 32 + NEXT] = next;
    else this.#firstOfAccount[accountId] = next;
    this.#countOfAccount[accountId]!--;
    if (this.triggerPriceTicks(slot) > 0) this.#stopsOfAccount[accountId]!--;
    const orderId = doubles[slot * 16 + ORDER_ID]!;
    assert(this.#byOrderId.delete(orderId, doubles) === slot, 'order id index is wrong');
    const clientKey = doubles[slot * 16 + CLIENT_KEY]!;
    if (clientKey !== NO_CLIENT_ID) {
      assert(this.#byClientKey.delete(clientKey, doubles) === slot, 'client id index is wrong');
    }
    if (orderId === this.#lastOrderId) this.#lastOrderId = NONE;
    ints[slot * 32 + NEXT] = this.#freeSlot;
    this.#freeSlot = slot;
    this.digest.touch(slot);
  }

  /** The account's newest open order, or −1; `following` walks to older ones. */
  firstOf(accountId: number): number {
    return this.#firstOfAccount[accountId] ?? NONE;
  }

  /** How many open orders the account has. */
  countOf(accountId: number): number {
    return this.#countOfAccount[accountId] ?? 0;
  }

  /** How many open stop orders the account has, fired ones included. */
  stopsOf(accountId: number): number {
    return this.#stopsOfAccount[accountId] ?? 0;
  }

  following(slot: number): number {
    return this.#ints[slot * 32 + NEXT]!;
  }

  /** Visits every open order, in no particular order. */
  forEach(visit: (slot: number) => void): void {
    this.#byOrderId.forEach(visit);
  }

  /** Visits every open order, account by account, the oldest first. */
  forEachByAccount(visit: (slot: number) => void): void {
    const slots: number[] = [];
    for (let accountId = 0; accountId < this.#firstOfAccount.length; accountId++) {
      slots.length = 0;
      for (let at = this.firstOf(accountId); at !== NONE; at = this.following(at)) slots.push(at);
      for (let at = slots.length - 1; at >= 0; at--) visit(slots[at]!);
    }
  }

  save(writer: SnapshotWriter): void {
    const count = writer.table('open order count', 1);
    count.put(this.size);
    count.end();
    const row = writer.table('open orders', SAVED_COLUMNS);
    this.forEachByAccount((slot) => {
      for (const field of SAVED_DOUBLES) row.put(this.#doubles[slot * 16 + field]!);
      for (const field of SAVED_INTS) row.put(this.#ints[slot * 32 + field]!);
    });
    row.end();
  }

  load(reader: SnapshotReader): void {
    const count = reader.table('open order count', 1);
    while (count.next()) this.#reserve(count.take());
    const row = reader.table('open orders', SAVED_COLUMNS);
    while (row.next()) {
      const slot = this.#takeSlot();
      for (const field of SAVED_DOUBLES) this.#doubles[slot * 16 + field] = row.take();
      for (const field of SAVED_INTS) this.#ints[slot * 32 + field] = row.take();
      this.#enter(slot);
    }
  }

  /** Makes a record that is filled in findable, as the newest of its account. */
  #enter(slot: number): void {
    const doubles = this.#doubles;
    assert(this.#byOrderId.insert(slot, doubles), 'order id is open already');
    const hasClientId = doubles[slot * 16 + CLIENT_KEY] !== NO_CLIENT_ID;
    assert(!hasClientId || this.#byClientKey.insert(slot, doubles), 'client id is in use');
    this.#link(slot, this.#ints[slot * 32 + ACCOUNT_ID]!);
  }

  /** Makes a record the newest of its account. */
  #link(slot: number, accountId: number): void {
    if (accountId >= this.#firstOfAccount.length) this.#growAccounts(accountId);
    const first = this.#firstOfAccount[accountId]!;
    this.#ints[slot * 32 + PREVIOUS] = NONE;
    this.#ints[slot * 32 + NEXT] = first;
    if (first !== NONE) this.#ints[first * 32 + PREVIOUS] = slot;
    this.#firstOfAccount[accountId] = slot;
    this.#countOfAccount[accountId]!++;
    if (this.triggerPriceTicks(slot) > 0) this.#stopsOfAccount[accountId]!++;
  }

  #takeSlot(): number {
    const free = this.#freeSlot;
    if (free !== NONE) {
      this.#freeSlot = this.#ints[free * 32 + NEXT]!;
      return free;
    }
    if (this.#slotCount === this.#capacity) this.#reserve(this.#capacity + (this.#capacity >>> 1));
    return this.#slotCount++;
  }

  #growAccounts(accountId: number): void {
    const size = Math.max(this.#firstOfAccount.length * 2, accountId + 1);
    const first = new Int32Array(size).fill(NONE);
    first.set(this.#firstOfAccount);
    this.#firstOfAccount = first;
    const counts = new Int32Array(size);
    counts.set(this.#countOfAccount);
    this.#countOfAccount = counts;
    const stops = new Int32Array(size);
    stops.set(this.#stopsOfAccount);
    this.#stopsOfAccount = stops;
  }

  /** Makes room for so many records, if there is less. */
  #reserve(capacity: number): void {
    if (capacity <= this.#capacity) return;
    assert(capacity <= 2 ** 26, 'above 2^26 open orders');
    this.#capacity = capacity;
    const doubles = new Float64Array(this.#capacity * 16);
    doubles.set(this.#doubles);
    this.#doubles = doubles;
    this.#ints = new Int32Array(doubles.buffer);
  }
}

function termsOf(order: Readonly<PlaceOrder>): number {
  return (
    order.side |
    (order.orderType << ORDER_TYPE_SHIFT) |
    (order.timeInForce << TIME_IN_FORCE_SHIFT) |
    (order.selfTradePrevention << SELF_TRADE_PREVENTION_SHIFT) |
    (order.postOnly ? POST_ONLY_BIT : 0) |
    (order.triggerPriceTicks > 0 ? StopPhase.Sent << STOP_PHASE_SHIFT : 0)
  );
}
