import { assert } from '../assert.ts';
import { NumberMap } from '../collections/number-map.ts';
import type { PlaceOrder } from '../protocol/commands.ts';
import { StopPhase } from './stop-phase.ts';

const NONE = -1;
const INITIAL_SLOTS = 1024;

/** No client id: real ones are 0 … 2^32 − 1. */
export const NO_CLIENT_ID = -1;

/**
 * The open orders of a shard's accounts: what the home shard knows of each, by order id, by client id
 * and by account, in parallel arrays indexed by slot. A slot is reused after its order closed.
 *
 * Invariants: client ids are unique among an account's open orders; the size of every index is the
 * number of open orders (client ids: of those that have one).
 */
export class OpenOrders {
  orderId = new Float64Array(INITIAL_SLOTS);
  accountId = new Int32Array(INITIAL_SLOTS);
  marketId = new Int32Array(INITIAL_SLOTS);
  clientId = new Float64Array(INITIAL_SLOTS);
  side = new Uint8Array(INITIAL_SLOTS);
  orderType = new Uint8Array(INITIAL_SLOTS);
  timeInForce = new Uint8Array(INITIAL_SLOTS);
  postOnly = new Uint8Array(INITIAL_SLOTS);
  selfTradePrevention = new Uint8Array(INITIAL_SLOTS);
  /** 1 once the market's shard has taken it and the account has been told. */
  accepted = new Uint8Array(INITIAL_SLOTS);
  stopPhase = new Uint8Array(INITIAL_SLOTS);
  priceTicks = new Float64Array(INITIAL_SLOTS);
  quantityLots = new Float64Array(INITIAL_SLOTS);
  quoteBudgetUnits = new Float64Array(INITIAL_SLOTS);
  executedLots = new Float64Array(INITIAL_SLOTS);
  executedQuoteUnits = new Float64Array(INITIAL_SLOTS);
  /** Units the ledger holds locked for it: quote for a bid, base for an ask. */
  reservedUnits = new Float64Array(INITIAL_SLOTS);
  /** The account's balance slots of the market's two assets. */
  baseSlot = new Int32Array(INITIAL_SLOTS);
  quoteSlot = new Int32Array(INITIAL_SLOTS);
  /** See fees.ts. */
  feeCredit = new Int32Array(INITIAL_SLOTS);
  createdAtUs = new Float64Array(INITIAL_SLOTS);
  #next = new Int32Array(INITIAL_SLOTS);
  #previous = new Int32Array(INITIAL_SLOTS);
  readonly #byOrderId = new NumberMap();
  readonly #byClientId: NumberMap;
  /** By account id: its newest open order, and how many it has. */
  #firstOfAccount = new Int32Array(INITIAL_SLOTS).fill(NONE);
  #countOfAccount = new Int32Array(INITIAL_SLOTS);
  /** By slot, of stop orders only: they are few, and a column is paid for by every order. */
  readonly #triggers = new Map<number, { readonly priceTicks: number; reachedAtUs: number }>();
  #freeSlot = NONE;
  #slotCount = 0;
  #size = 0;

  /** @param hashSeed hides from outsiders which client ids fall together in the index */
  constructor(hashSeed: number) {
    this.#byClientId = new NumberMap(hashSeed);
  }

  get size(): number {
    return this.#size;
  }

  /** The slot of an open order, or −1. */
  find(orderId: number): number {
    return this.#byOrderId.get(orderId);
  }

  /** The slot of an account's open order of this client id, or −1. */
  findByClientId(accountId: number, clientId: number): number {
    return this.#byClientId.get(clientKey(accountId, clientId));
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
    this.orderId[slot] = orderId;
    this.accountId[slot] = order.accountId;
    this.marketId[slot] = order.marketId;
    this.clientId[slot] = order.clientId ?? NO_CLIENT_ID;
    this.side[slot] = order.side;
    this.orderType[slot] = order.orderType;
    this.timeInForce[slot] = order.timeInForce;
    this.postOnly[slot] = order.postOnly ? 1 : 0;
    this.selfTradePrevention[slot] = order.selfTradePrevention;
    this.accepted[slot] = 0;
    this.priceTicks[slot] = order.priceTicks;
    this.quantityLots[slot] = order.quantityLots;
    this.quoteBudgetUnits[slot] = order.quoteBudgetUnits;
    this.executedLots[slot] = 0;
    this.executedQuoteUnits[slot] = 0;
    this.reservedUnits[slot] = reservedUnits;
    this.baseSlot[slot] = baseSlot;
    this.quoteSlot[slot] = quoteSlot;
    this.feeCredit[slot] = 0;
    this.createdAtUs[slot] = nowUs;
    const isStop = order.triggerPriceTicks > 0;
    this.stopPhase[slot] = isStop ? StopPhase.Sent : StopPhase.None;
    if (isStop) this.#triggers.set(slot, { priceTicks: order.triggerPriceTicks, reachedAtUs: 0 });
    this.#index(slot);
    return slot;
  }

  /** 0 unless it is a stop order. */
  triggerPriceTicks(slot: number): number {
    if (this.stopPhase[slot] === StopPhase.None) return 0;
    return this.#triggers.get(slot)!.priceTicks;
  }

  /** When its trigger price was reached, µs; 0 until then. */
  triggeredAtUs(slot: number): number {
    if (this.stopPhase[slot] === StopPhase.None) return 0;
    return this.#triggers.get(slot)!.reachedAtUs;
  }

  /** Whether it is a stop order whose price was not reached, as far as has been heard. */
  waitsForTrigger(slot: number): boolean {
    const phase = this.stopPhase[slot];
    return phase === StopPhase.Sent || phase === StopPhase.Pending;
  }

  /** The trigger price of a pending stop order was reached. */
  fire(slot: number, nowUs: number): void {
    assert(this.stopPhase[slot] === StopPhase.Pending, 'a stop order fires once');
    this.stopPhase[slot] = StopPhase.Fired;
    this.#triggers.get(slot)!.reachedAtUs = nowUs;
  }

  remove(slot: number): void {
    if (this.stopPhase[slot] !== StopPhase.None) this.#triggers.delete(slot);
    const accountId = this.accountId[slot]!;
    const next = this.#next[slot]!;
    const previous = this.#previous[slot]!;
    if (next !== NONE) this.#previous[next] = previous;
    if (previous !== NONE) this.#next[previous] = next;
    else this.#firstOfAccount[accountId] = next;
    this.#countOfAccount[accountId]!--;
    assert(this.#byOrderId.delete(this.orderId[slot]!) === slot, 'order id index is wrong');
    const clientId = this.clientId[slot]!;
    if (clientId !== NO_CLIENT_ID) {
      const indexed = this.#byClientId.delete(clientKey(accountId, clientId));
      assert(indexed === slot, 'client id index is wrong');
    }
    this.#next[slot] = this.#freeSlot;
    this.#freeSlot = slot;
    this.#size--;
  }

  /** The account's newest open order, or −1; `following` walks to older ones. */
  firstOf(accountId: number): number {
    return this.#firstOfAccount[accountId] ?? NONE;
  }

  /** How many open orders the account has. */
  countOf(accountId: number): number {
    return this.#countOfAccount[accountId] ?? 0;
  }

  following(slot: number): number {
    return this.#next[slot]!;
  }

  /** Visits every open order, in no particular order. */
  forEach(visit: (slot: number) => void): void {
    this.#byOrderId.forEach((_orderId, slot) => {
      visit(slot);
    });
  }

  #index(slot: number): void {
    const orderId = this.orderId[slot]!;
    const accountId = this.accountId[slot]!;
    const clientId = this.clientId[slot]!;
    this.#byOrderId.set(orderId, slot);
    if (clientId !== NO_CLIENT_ID) this.#byClientId.set(clientKey(accountId, clientId), slot);
    if (accountId >= this.#firstOfAccount.length) this.#growAccounts(accountId);
    const first = this.#firstOfAccount[accountId]!;
    this.#previous[slot] = NONE;
    this.#next[slot] = first;
    if (first !== NONE) this.#previous[first] = slot;
    this.#firstOfAccount[accountId] = slot;
    this.#countOfAccount[accountId]!++;
    this.#size++;
  }

  #takeSlot(): number {
    const free = this.#freeSlot;
    if (free !== NONE) {
      this.#freeSlot = this.#next[free]!;
      return free;
    }
    if (this.#slotCount === this.orderId.length) this.#grow();
    return this.#slotCount++;
  }

  #growAccounts(accountId: number): void {
    const size = Math.max(this.#firstOfAccount.length * 2, accountId + 1);
    this.#firstOfAccount = copyInto(new Int32Array(size).fill(NONE), this.#firstOfAccount);
    this.#countOfAccount = copyInto(new Int32Array(size), this.#countOfAccount);
  }

  #grow(): void {
    const size = this.orderId.length * 2;
    const doubles = (old: Float64Array): Float64Array<ArrayBuffer> =>
      copyInto(new Float64Array(size), old);
    const ints = (old: Int32Array): Int32Array<ArrayBuffer> => copyInto(new Int32Array(size), old);
    const bytes = (old: Uint8Array): Uint8Array<ArrayBuffer> => copyInto(new Uint8Array(size), old);
    this.orderId = doubles(this.orderId);
    this.accountId = ints(this.accountId);
    this.marketId = ints(this.marketId);
    this.clientId = doubles(this.clientId);
    this.side = bytes(this.side);
    this.orderType = bytes(this.orderType);
    this.timeInForce = bytes(this.timeInForce);
    this.postOnly = bytes(this.postOnly);
    this.selfTradePrevention = bytes(this.selfTradePrevention);
    this.accepted = bytes(this.accepted);
    this.stopPhase = bytes(this.stopPhase);
    this.priceTicks = doubles(this.priceTicks);
    this.quantityLots = doubles(this.quantityLots);
    this.quoteBudgetUnits = doubles(this.quoteBudgetUnits);
    this.executedLots = doubles(this.executedLots);
    this.executedQuoteUnits = doubles(this.executedQuoteUnits);
    this.reservedUnits = doubles(this.reservedUnits);
    this.baseSlot = ints(this.baseSlot);
    this.quoteSlot = ints(this.quoteSlot);
    this.feeCredit = ints(this.feeCredit);
    this.createdAtUs = doubles(this.createdAtUs);
    this.#next = ints(this.#next);
    this.#previous = ints(this.#previous);
  }
}

/** Account ids are below 2^21 (the shard refuses more), client ids below 2^32: the key is exact. */
function clientKey(accountId: number, clientId: number): number {
  return accountId * 0x100000000 + clientId;
}

function copyInto<T extends { set(source: ArrayLike<number>): void }>(
  grown: T,
  old: ArrayLike<number>,
): T {
  grown.set(old);
  return grown;
}
