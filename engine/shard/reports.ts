import { Hash64 } from '../collections/hash64.ts';
import { type Ledger, MAX_ASSETS } from '../ledger/ledger.ts';
import type { OpenOrders } from '../ledger/open-orders.ts';
import { AuditEntry, MarketReport, ShardReport } from '../protocol/events.ts';
import type { Markets } from './markets.ts';
import type { ShardOutputs } from './outputs.ts';
import type { Reservations } from './reservations.ts';

/** What a shard says about itself when asked: its part of the audit, hashes and sequences. */
export class Reports {
  readonly #shard: number;
  readonly #ledger: Ledger;
  readonly #orders: OpenOrders;
  readonly #markets: Markets;
  readonly #reservations: Reservations;
  readonly #outputs: ShardOutputs;
  readonly #consumedFrom: readonly number[];

  constructor(deps: {
    shard: number;
    ledger: Ledger;
    orders: OpenOrders;
    markets: Markets;
    reservations: Reservations;
    outputs: ShardOutputs;
    consumedFrom: readonly number[];
  }) {
    this.#shard = deps.shard;
    this.#ledger = deps.ledger;
    this.#orders = deps.orders;
    this.#markets = deps.markets;
    this.#reservations = deps.reservations;
    this.#outputs = deps.outputs;
    this.#consumedFrom = deps.consumedFrom;
  }

  /** One entry per asset that ever moved on this shard. */
  audit(requestId: number): void {
    const ledger = this.#ledger;
    const available = new Float64Array(MAX_ASSETS);
    const locked = new Float64Array(MAX_ASSETS);
    const seen = new Set<number>();
    ledger.forEach((_accountId, assetId, slot) => {
      available[assetId]! += ledger.available(slot);
      locked[assetId]! += ledger.locked(slot);
      seen.add(assetId);
    });
    const reserved = this.#reservations.sums();
    for (const assetId of seen) {
      this.#outputs.answer(AuditEntry, {
        requestId,
        assetId,
        availableUnits: available[assetId]!,
        lockedUnits: locked[assetId]!,
        reservedUnits: reserved.get(assetId) ?? 0,
        feeUnits: ledger.fees[assetId]!,
        inFlightUnits: ledger.inFlight[assetId]!,
        depositUnits: ledger.deposits[assetId]!,
        withdrawalUnits: ledger.withdrawals[assetId]!,
      });
    }
    this.#outputs.done(requestId);
  }

  /** Hashes of the own markets' books and pending stop orders, then the shard's own state. */
  state(requestId: number): void {
    for (const market of this.#markets.values()) {
      if (market.book === null) continue;
      this.#outputs.answer(MarketReport, {
        requestId,
        marketId: market.spec.marketId,
        updateId: market.updateId,
        bookHash: market.book.hash(),
        lastPriceTicks: market.lastPriceTicks,
        triggerHash: market.triggers!.hash(),
      });
    }
    this.#outputs.answer(ShardReport, {
      requestId,
      shard: this.#shard,
      eventSequence: this.#outputs.eventSequence,
      stateHash: this.stateHash(),
      openOrders: this.#orders.size,
      sentTo: [...this.#outputs.sentTo],
      consumedFrom: [...this.#consumedFrom],
    });
  }

  /**
   * Of balances and open orders, the same for equal states whatever slots they lie in: entries are
   * visited in order of account and asset, and of order id. Balances that are zero do not count.
   */
  stateHash(): string {
    const hash = new Hash64();
    const ledger = this.#ledger;
    const balances: [number, number, number][] = [];
    ledger.forEach((accountId, assetId, slot) => {
      balances.push([accountId, assetId, slot]);
    });
    balances.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    for (const [accountId, assetId, slot] of balances) {
      const available = ledger.available(slot);
      const locked = ledger.locked(slot);
      if (available === 0 && locked === 0) continue;
      for (const value of [accountId, assetId, available, locked]) hash.add(value);
    }
    const orders = this.#orders;
    const slots: number[] = [];
    orders.forEach((slot) => {
      slots.push(slot);
    });
    slots.sort((a, b) => orders.orderId(a) - orders.orderId(b));
    for (const slot of slots) {
      hash.add(orders.orderId(slot));
      hash.add(orders.accountId(slot));
      hash.add(orders.marketId(slot));
      hash.add(orders.priceTicks(slot));
      hash.add(orders.quantityLots(slot));
      hash.add(orders.executedLots(slot));
      hash.add(orders.reservedUnits(slot));
      hash.add(orders.feeCredit(slot));
      hash.add(orders.stopPhase(slot));
      hash.add(orders.triggerPriceTicks(slot));
    }
    return hash.digest();
  }
}
