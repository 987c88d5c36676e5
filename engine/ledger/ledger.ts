import { assert } from '../assert.ts';
import { RecordDigest } from '../collections/record-digest.ts';
import { RecordIndex } from '../collections/record-index.ts';
import { MAX_AMOUNT } from '../protocol/units.ts';
import type { Saved } from '../snapshot/saved.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';

/** Asset ids are below this, so (account, asset) fits one integer key. */
export const MAX_ASSETS = 4096;

const INITIAL_SLOTS = 1024;
const NONE = -1;
/** A total beyond what a number holds is saved as two. */
const TOTAL_BASE = 2n ** 53n;

// A balance's record is 32 bytes: doubles at [slot × 4 + …], and an integer at [slot × 8 + …].
const KEY = 0;
const AVAILABLE = 1;
const LOCKED = 2;
const NEXT_OF_ACCOUNT = 6;

/**
 * The balances of a shard's accounts, and the totals that prove them. A balance lives in a slot that
 * never moves; callers look the slot up once and then use it.
 *
 * Invariants: available ≥ 0 and locked ≥ 0 for every slot; for every asset
 * Σ(available + locked) + fees + in flight = deposits − withdrawals. Callers check before they move:
 * a movement that would break an invariant is a bug and asserts.
 */
export class Ledger implements Saved {
  /** Totals by asset id. */
  readonly fees = new Float64Array(MAX_ASSETS);
  readonly inFlight = new Float64Array(MAX_ASSETS);
  /** Of all time, so without a bound of their own. */
  readonly deposits = new Array<bigint>(MAX_ASSETS).fill(0n);
  readonly withdrawals = new Array<bigint>(MAX_ASSETS).fill(0n);
  /** Of the balances, by slot; `ledger-hash.ts` says what of them it hashes. */
  readonly digest = new RecordDigest();
  /** One more than the highest id of an asset that somebody ever held here. */
  assetLimit = 0;
  #doubles = new Float64Array(INITIAL_SLOTS * 4);
  #ints = new Int32Array(this.#doubles.buffer);
  readonly #slotOfKey = new RecordIndex(4, KEY);
  /** By account id; the slots of an account are chained: a balance query must not visit everybody's. */
  #firstOfAccount = new Int32Array(INITIAL_SLOTS).fill(NONE);
  #slotCount = 0;
  readonly #supplyMax: number;

  /** @param shardCount shards share the bound on an asset's supply, so no sum anywhere can overflow */
  constructor(shardCount: number) {
    this.#supplyMax = Math.floor(MAX_AMOUNT / shardCount);
  }

  /** The slot of an account's balance of an asset; made on first use. */
  slot(accountId: number, assetId: number): number {
    assert(assetId < MAX_ASSETS, 'asset id out of range');
    const key = accountId * MAX_ASSETS + assetId;
    const found = this.#slotOfKey.find(key, this.#doubles);
    return found === NONE ? this.#open(accountId, assetId, key) : found;
  }

  /** Of a balance's slot. */
  accountId(slot: number): number {
    return Math.floor(this.#doubles[slot * 4 + KEY]! / MAX_ASSETS);
  }

  /** Of a balance's slot. */
  assetId(slot: number): number {
    return this.#doubles[slot * 4 + KEY]! % MAX_ASSETS;
  }

  /** Units, of a balance's slot. */
  available(slot: number): number {
    return this.#doubles[slot * 4 + AVAILABLE]!;
  }

  /** Units, of a balance's slot. */
  locked(slot: number): number {
    return this.#doubles[slot * 4 + LOCKED]!;
  }

  /**
   * Whether `units` more of the asset may be deposited on this shard: what came in here and did not go out here stays
   * within its share of what can be counted exactly, wherever it is now.
   */
  canDeposit(assetId: number, units: number): boolean {
    const supply = Number(this.deposits[assetId]! - this.withdrawals[assetId]!);
    return units <= this.#supplyMax - supply;
  }

  deposit(slot: number, assetId: number, units: number): void {
    assert(this.canDeposit(assetId, units), 'deposit above the supply bound');
    this.deposits[assetId]! += BigInt(units);
    this.#doubles[slot * 4 + AVAILABLE]! += units;
    this.digest.touch(slot);
  }

  withdraw(slot: number, assetId: number, units: number): void {
    assert(this.available(slot) >= units, 'withdrawal of more than is available');
    this.withdrawals[assetId]! += BigInt(units);
    this.#doubles[slot * 4 + AVAILABLE]! -= units;
    this.digest.touch(slot);
  }

  /** Takes available units away: they go to another account. */
  debit(slot: number, units: number): void {
    assert(this.available(slot) >= units, 'debit of more than is available');
    this.#doubles[slot * 4 + AVAILABLE]! -= units;
    this.digest.touch(slot);
  }

  /** Moves units from available to locked, or back when negative. */
  lock(slot: number, units: number): void {
    const doubles = this.#doubles;
    const available = doubles[slot * 4 + AVAILABLE]! - units;
    const locked = doubles[slot * 4 + LOCKED]! + units;
    assert(available >= 0 && locked >= 0, 'lock of more than is there');
    doubles[slot * 4 + AVAILABLE] = available;
    doubles[slot * 4 + LOCKED] = locked;
    this.digest.touch(slot);
  }

  /** Takes locked units away: they were paid. */
  spendLocked(slot: number, units: number): void {
    const locked = this.#doubles[slot * 4 + LOCKED]! - units;
    assert(locked >= 0, 'spent more than is locked');
    this.#doubles[slot * 4 + LOCKED] = locked;
    this.digest.touch(slot);
  }

  credit(slot: number, units: number): void {
    assert(units >= 0, 'negative credit');
    this.#doubles[slot * 4 + AVAILABLE]! += units;
    this.digest.touch(slot);
  }

  /** Visits every asset the account ever held, or asked for in vain. */
  forEachOf(accountId: number, visit: (assetId: number, slot: number) => void): void {
    let slot = this.#firstOfAccount[accountId] ?? NONE;
    while (slot !== NONE) {
      visit(this.#doubles[slot * 4 + KEY]! % MAX_ASSETS, slot);
      slot = this.#ints[slot * 8 + NEXT_OF_ACCOUNT]!;
    }
  }

  /** Visits every balance ever used, in order of first use. */
  forEach(visit: (accountId: number, assetId: number, slot: number) => void): void {
    for (let slot = 0; slot < this.#slotCount; slot++) {
      visit(this.accountId(slot), this.assetId(slot), slot);
    }
  }

  /**
   * The balances in order of first use, those that are zero included: an account's are listed in that
   * order, and open orders know them by their slots, which are so the same again.
   */
  save(writer: SnapshotWriter): void {
    const balance = writer.table('balances', 4);
    this.forEach((accountId, assetId, slot) => {
      balance.put(accountId);
      balance.put(assetId);
      balance.put(this.available(slot));
      balance.put(this.locked(slot));
    });
    balance.end();
    const totals = writer.table('totals', 6);
    for (let assetId = 0; assetId < this.assetLimit; assetId++) {
      totals.put(this.fees[assetId]!);
      totals.put(this.inFlight[assetId]!);
      for (const total of [this.deposits[assetId]!, this.withdrawals[assetId]!]) {
        totals.put(Number(total / TOTAL_BASE));
        totals.put(Number(total % TOTAL_BASE));
      }
    }
    totals.end();
  }

  load(reader: SnapshotReader): void {
    const balance = reader.table('balances', 4);
    while (balance.next()) {
      const accountId = balance.take();
      const assetId = balance.take();
      const slot = this.#open(accountId, assetId, accountId * MAX_ASSETS + assetId);
      this.#doubles[slot * 4 + AVAILABLE] = balance.take();
      this.#doubles[slot * 4 + LOCKED] = balance.take();
    }
    const totals = reader.table('totals', 6);
    for (let assetId = 0; totals.next(); assetId++) {
      this.fees[assetId] = totals.take();
      this.inFlight[assetId] = totals.take();
      for (const sums of [this.deposits, this.withdrawals]) {
        const high = BigInt(totals.take());
        sums[assetId] = high * TOTAL_BASE + BigInt(totals.take());
      }
    }
  }

  #open(accountId: number, assetId: number, key: number): number {
    const slot = this.#slotCount++;
    if (slot * 4 === this.#doubles.length) this.#grow();
    if (accountId >= this.#firstOfAccount.length) this.#growAccounts(accountId);
    this.#doubles[slot * 4 + KEY] = key;
    this.#slotOfKey.insert(slot, this.#doubles);
    this.#ints[slot * 8 + NEXT_OF_ACCOUNT] = this.#firstOfAccount[accountId]!;
    this.#firstOfAccount[accountId] = slot;
    this.assetLimit = Math.max(this.assetLimit, assetId + 1);
    return slot;
  }

  #grow(): void {
    const doubles = new Float64Array(this.#doubles.length * 2);
    doubles.set(this.#doubles);
    this.#doubles = doubles;
    this.#ints = new Int32Array(doubles.buffer);
  }

  #growAccounts(accountId: number): void {
    const first = new Int32Array(Math.max(this.#firstOfAccount.length * 2, accountId + 1));
    first.fill(NONE);
    first.set(this.#firstOfAccount);
    this.#firstOfAccount = first;
  }
}
