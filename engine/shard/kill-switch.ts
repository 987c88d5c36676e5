import type { Hash64 } from '../collections/hash64.ts';
import { KillScope } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import type { Saved } from '../snapshot/saved.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import type { Accounts } from './accounts.ts';
import type { Markets } from './markets.ts';

/** A latch that is set: what it stops, and which one (0 for the venue). */
export type Latch = readonly [scope: KillScope, targetId: number];

/**
 * The latches of the kill switch that this shard holds: those of the venue and of markets, which every shard has, so
 * that an order is refused at its home and one that was on its way then at its market; and those of its own accounts.
 * Each stays until it is lifted, and one does not lift another: an account of a stopped market that is stopped itself
 * needs both to be lifted.
 */
export class KillSwitch implements Saved {
  readonly #markets: Markets;
  readonly #accounts: Accounts;
  readonly #killed = new Set<number>();

  constructor(markets: Markets, accounts: Accounts) {
    this.#markets = markets;
    this.#accounts = accounts;
  }

  /** Asked before every new order. */
  isAccountKilled(accountId: number): boolean {
    return this.#killed.size !== 0 && this.#killed.has(accountId);
  }

  /** Sets or lifts a latch; answers why not when there is no such target. */
  set(scope: number, targetId: number, isActive: boolean): RejectCode {
    if (scope === KillScope.Venue) {
      this.#markets.setVenueKilled(isActive);
      return RejectCode.None;
    }
    if (scope === KillScope.Market) {
      const market = this.#markets.get(targetId);
      if (market === undefined) return RejectCode.UnknownMarket;
      this.#markets.setMarketKilled(market, isActive);
      return RejectCode.None;
    }
    if (!this.#accounts.has(targetId)) return RejectCode.UnknownAccount;
    if (isActive) this.#killed.add(targetId);
    else this.#killed.delete(targetId);
    return RejectCode.None;
  }

  /** Those of the venue and of markets that are set, by id. */
  *latches(): Generator<Latch> {
    if (this.#markets.isVenueKilled) yield [KillScope.Venue, 0];
    for (const market of this.#markets.values()) {
      if (this.#markets.isMarketKilled(market)) yield [KillScope.Market, market.spec.marketId];
    }
  }

  /** Takes all that is set into a hash; nothing when nothing is. */
  addTo(hash: Hash64): void {
    for (const latch of this.#all()) for (const value of [1, ...latch]) hash.add(value);
  }

  save(writer: SnapshotWriter): void {
    const row = writer.table('kill switch', 2);
    for (const latch of this.#all()) for (const value of latch) row.put(value);
    row.end();
  }

  load(reader: SnapshotReader): void {
    const row = reader.table('kill switch', 2);
    while (row.next()) this.set(row.take(), row.take(), true);
  }

  *#all(): Generator<Latch> {
    yield* this.latches();
    for (const accountId of [...this.#killed].sort((a, b) => a - b)) {
      yield [KillScope.Account, accountId];
    }
  }
}
