import { assert } from '../assert.ts';
import { bidLockUnits } from '../ledger/fees.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { OpenOrders } from '../ledger/open-orders.ts';
import { Side } from '../protocol/enums.ts';
import type { Deferrals } from './deferrals.ts';
import type { Markets, ShardMarket } from './markets.ts';

/**
 * What open orders have locked. Invariant: a balance's locked amount is the sum of the reservations of
 * its account's open orders, and each covers the worst the order can still cost.
 */
export class Reservations {
  readonly #ledger: Ledger;
  readonly #orders: OpenOrders;
  readonly #markets: Markets;
  readonly #deferrals: Deferrals;

  constructor(ledger: Ledger, orders: OpenOrders, markets: Markets, deferrals: Deferrals) {
    this.#ledger = ledger;
    this.#orders = orders;
    this.#markets = markets;
    this.#deferrals = deferrals;
  }

  /** Locks on a balance for a new order, or answers false when it cannot pay. */
  tryLock(balance: number, units: number): boolean {
    if (this.#ledger.available(balance) < units) return false;
    this.#ledger.lock(balance, units);
    return true;
  }

  /**
   * Locks what a replaced order may need, or answers false when the account cannot pay. Where the book
   * is another shard's, fills at the old price may be under way, so until that shard has answered, the
   * lock covers the lots open now at the higher of both prices.
   */
  tryLockReplacement(
    slot: number,
    market: ShardMarket,
    priceTicks: number,
    openLots: number,
  ): boolean {
    const orders = this.#orders;
    const reserved = orders.reservedUnits(slot);
    const openNow = orders.quantityLots(slot) - orders.executedLots(slot);
    const lotsAtOldPrice = market.book === null ? Math.min(openNow, openLots) : 0;
    const extraTicks = Math.max(0, orders.priceTicks(slot) - priceTicks);
    const tickLots = openLots * priceTicks + lotsAtOldPrice * extraTicks;
    const needed = this.#neededUnits(slot, market, tickLots, openLots);
    if (needed <= reserved) return true;
    if (!this.tryLock(this.#lockedBalance(slot), needed - reserved)) return false;
    orders.setReservedUnits(slot, needed);
    return true;
  }

  /**
   * Moves the money of one fill: the paid asset out of the lock, the bought one in, the fee to the fee
   * account, and what the lock now has too much back.
   */
  settle(
    slot: number,
    market: ShardMarket,
    baseUnits: number,
    costUnits: number,
    feeUnits: number,
  ): void {
    const ledger = this.#ledger;
    const orders = this.#orders;
    const { baseAssetId, quoteAssetId } = market.spec;
    const base = orders.baseSlot(slot);
    const quote = orders.quoteSlot(slot);
    ledger.fees[quoteAssetId]! += feeUnits;
    if (orders.side(slot) === Side.Bid) {
      ledger.spendLocked(quote, costUnits + feeUnits);
      orders.setReservedUnits(slot, orders.reservedUnits(slot) - (costUnits + feeUnits));
      ledger.credit(base, baseUnits);
      ledger.inFlight[quoteAssetId]! += costUnits;
      ledger.inFlight[baseAssetId]! -= baseUnits;
      this.refundExcess(slot, market);
    } else {
      ledger.spendLocked(base, baseUnits);
      orders.setReservedUnits(slot, orders.reservedUnits(slot) - baseUnits);
      ledger.credit(quote, costUnits - feeUnits);
      ledger.inFlight[quoteAssetId]! -= costUnits;
      ledger.inFlight[baseAssetId]! += baseUnits;
    }
  }

  /** Refunds what a lock has too much for what is open now; not while a replace is under way. */
  refundExcess(slot: number, market: ShardMarket): void {
    const orders = this.#orders;
    if (this.#deferrals.isUnderWay(orders.orderId(slot))) return;
    const openLots = orders.quantityLots(slot) - orders.executedLots(slot);
    const tickLots = openLots * orders.priceTicks(slot);
    const needed = this.#neededUnits(slot, market, tickLots, openLots);
    const excess = orders.reservedUnits(slot) - needed;
    assert(excess >= 0, 'reservation does not cover what is open');
    if (excess > 0) this.#unlock(slot, excess);
  }

  /** Gives back everything the order still has locked. */
  release(slot: number): void {
    const reserved = this.#orders.reservedUnits(slot);
    if (reserved > 0) this.#unlock(slot, reserved);
  }

  /** Σ of the reservations of open orders by asset: what the ledger must hold locked. */
  sums(): Map<number, number> {
    const sums = new Map<number, number>();
    this.#orders.forEach((slot) => {
      const { spec } = this.#markets.require(this.#orders.marketId(slot));
      const isBid = this.#orders.side(slot) === Side.Bid;
      const assetId = isBid ? spec.quoteAssetId : spec.baseAssetId;
      sums.set(assetId, (sums.get(assetId) ?? 0) + this.#orders.reservedUnits(slot));
    });
    return sums;
  }

  #unlock(slot: number, units: number): void {
    this.#ledger.lock(this.#lockedBalance(slot), -units);
    this.#orders.setReservedUnits(slot, this.#orders.reservedUnits(slot) - units);
  }

  #lockedBalance(slot: number): number {
    const orders = this.#orders;
    return orders.side(slot) === Side.Bid ? orders.quoteSlot(slot) : orders.baseSlot(slot);
  }

  /** The worst an order with `openLots` open, Σ price × lots of them `tickLots`, can still cost. */
  #neededUnits(slot: number, market: ShardMarket, tickLots: number, openLots: number): number {
    const orders = this.#orders;
    const { spec } = market;
    if (orders.side(slot) === Side.Ask) return openLots * spec.baseUnitsPerLot;
    const budget = orders.quoteBudgetUnits(slot);
    const notional =
      budget > 0 ? budget - orders.executedQuoteUnits(slot) : tickLots * spec.quoteUnitsPerTickLot;
    return bidLockUnits(notional, market.feeBpsMax, orders.feeCredit(slot));
  }
}
