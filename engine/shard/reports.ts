import type { RecordSource } from '../collections/record-digest.ts';
import { type Ledger, MAX_ASSETS } from '../ledger/ledger.ts';
import { balanceRecords, hashOfPartition, openOrderRecords } from '../ledger/ledger-hash.ts';
import type { OpenOrders } from '../ledger/open-orders.ts';
import { AuditEntry, MarketReport, ShardReport } from '../protocol/events.ts';
import type { Accounts } from './accounts.ts';
import { hashOfMarket } from './market-hash.ts';
import type { Markets, ShardMarket } from './markets.ts';
import type { ShardOutputs } from './outputs.ts';
import type { Reservations } from './reservations.ts';

/** What a shard says about itself when asked: its part of the audit, hashes and sequences. */
export class Reports {
  readonly #shard: number;
  readonly #ledger: Ledger;
  readonly #orders: OpenOrders;
  readonly #balanceRecords: RecordSource;
  readonly #orderRecords: RecordSource;
  readonly #accounts: Accounts;
  readonly #markets: Markets;
  readonly #reservations: Reservations;
  readonly #outputs: ShardOutputs;
  readonly #consumedFrom: readonly number[];

  constructor(deps: {
    shard: number;
    ledger: Ledger;
    orders: OpenOrders;
    accounts: Accounts;
    markets: Markets;
    reservations: Reservations;
    outputs: ShardOutputs;
    consumedFrom: readonly number[];
  }) {
    this.#shard = deps.shard;
    this.#ledger = deps.ledger;
    this.#orders = deps.orders;
    this.#balanceRecords = balanceRecords(deps.ledger);
    this.#orderRecords = openOrderRecords(deps.orders);
    this.#accounts = deps.accounts;
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
        depositUnits: String(ledger.deposits[assetId]!),
        withdrawalUnits: String(ledger.withdrawals[assetId]!),
      });
    }
    this.#outputs.done(requestId);
  }

  /** Hashes of the own markets, then of the shard's ledger partition. */
  state(requestId: number): void {
    for (const market of this.#markets.values()) {
      if (market.book === null) continue;
      this.#outputs.answer(MarketReport, {
        requestId,
        marketId: market.spec.marketId,
        updateId: market.updateId,
        marketHash: this.marketHash(market),
        bookHash: market.book.hash(),
        lastPriceTicks: market.lastPriceTicks,
        triggerHash: market.triggers!.digest().text(),
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
   * The hash of a market that this shard owns; see `hashOfMarket`. Costs what changed in it since it was
   * last asked for (see RecordDigest).
   */
  marketHash(market: ShardMarket): string {
    return hashOfMarket(market.book!.digest(), market.triggers!.digest(), market);
  }

  /**
   * The hash of this shard's ledger partition: balances, open orders, totals by asset, transfers. Equal
   * partitions give equal hashes, whatever their history and whatever slots things lie in. Costs what
   * changed since it was last asked for, and a little for every asset. What is under way between
   * shards, names and API keys are no part of it.
   */
  stateHash(): string {
    return hashOfPartition(
      this.#ledger.digest.update(this.#balanceRecords),
      this.#orders.digest.update(this.#orderRecords),
      this.#accounts.transferSum,
      this.#ledger,
    );
  }
}
