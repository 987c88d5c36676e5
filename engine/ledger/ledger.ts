import { assert } from '../assert.ts';
import { NumberMap } from '../collections/number-map.ts';
import { MAX_AMOUNT } from '../protocol/units.ts';

/** Asset ids are below this, so (account, asset) fits one integer key. */
export const MAX_ASSETS = 4096;

const INITIAL_SLOTS = 1024;

/**
 * The balances of a shard's accounts, and the totals that prove them. A balance lives in a slot that
 * never moves; callers look the slot up once and then use it.
 *
 * Invariants: available ≥ 0 and locked ≥ 0 for every slot; for every asset
 * Σ(available + locked) + fees + in flight = deposits − withdrawals. Callers check before they move:
 * a movement that would break an invariant is a bug and asserts.
 */
export class Ledger {
  available = new Float64Array(INITIAL_SLOTS);
  locked = new Float64Array(INITIAL_SLOTS);
  /** Totals by asset id. */
  readonly fees = new Float64Array(MAX_ASSETS);
  readonly inFlight = new Float64Array(MAX_ASSETS);
  readonly deposits = new Float64Array(MAX_ASSETS);
  readonly withdrawals = new Float64Array(MAX_ASSETS);
  readonly #slots = new NumberMap();
  /** The slots of each account, chained: a balance query must not visit everybody's. */
  readonly #firstSlotOf = new NumberMap();
  #nextSlot = new Int32Array(INITIAL_SLOTS);
  #keys = new Float64Array(INITIAL_SLOTS);
  #slotCount = 0;
  readonly #depositsMax: number;

  /** @param shardCount shards share the bound on an asset's supply, so no sum anywhere can overflow */
  constructor(shardCount: number) {
    this.#depositsMax = Math.floor(MAX_AMOUNT / shardCount);
  }

  /** The slot of an account's balance of an asset; made on first use. */
  slot(accountId: number, assetId: number): number {
    assert(assetId < MAX_ASSETS, 'asset id out of range');
    const key = accountId * MAX_ASSETS + assetId;
    const found = this.#slots.get(key);
    if (found !== -1) return found;
    const slot = this.#slotCount++;
    if (slot === this.#keys.length) this.#grow();
    this.#keys[slot] = key;
    this.#slots.set(key, slot);
    this.#nextSlot[slot] = this.#firstSlotOf.get(accountId);
    this.#firstSlotOf.set(accountId, slot);
    return slot;
  }

  /** Whether `units` more of the asset may be deposited on this shard. */
  canDeposit(assetId: number, units: number): boolean {
    return this.deposits[assetId]! + units <= this.#depositsMax;
  }

  deposit(slot: number, assetId: number, units: number): void {
    assert(this.canDeposit(assetId, units), 'deposit above the supply bound');
    this.deposits[assetId]! += units;
    this.available[slot]! += units;
  }

  withdraw(slot: number, assetId: number, units: number): void {
    assert(this.available[slot]! >= units, 'withdrawal of more than is available');
    this.withdrawals[assetId]! += units;
    this.available[slot]! -= units;
  }

  /** Moves units from available to locked, or back when negative. */
  lock(slot: number, units: number): void {
    const available = this.available[slot]! - units;
    const locked = this.locked[slot]! + units;
    assert(available >= 0 && locked >= 0, 'lock of more than is there');
    this.available[slot] = available;
    this.locked[slot] = locked;
  }

  /** Takes locked units away: they were paid. */
  spendLocked(slot: number, units: number): void {
    const locked = this.locked[slot]! - units;
    assert(locked >= 0, 'spent more than is locked');
    this.locked[slot] = locked;
  }

  credit(slot: number, units: number): void {
    assert(units >= 0, 'negative credit');
    this.available[slot]! += units;
  }

  /** Visits every asset the account ever held. */
  forEachOf(accountId: number, visit: (assetId: number, slot: number) => void): void {
    let slot = this.#firstSlotOf.get(accountId);
    while (slot !== -1) {
      visit(this.#keys[slot]! % MAX_ASSETS, slot);
      slot = this.#nextSlot[slot]!;
    }
  }

  /** Visits every balance ever used, in order of first use. */
  forEach(visit: (accountId: number, assetId: number, slot: number) => void): void {
    for (let slot = 0; slot < this.#slotCount; slot++) {
      const key = this.#keys[slot]!;
      visit(Math.floor(key / MAX_ASSETS), key % MAX_ASSETS, slot);
    }
  }

  #grow(): void {
    const grow = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(old.length * 2);
      grown.set(old);
      return grown;
    };
    this.available = grow(this.available);
    this.locked = grow(this.locked);
    this.#keys = grow(this.#keys);
    const nextSlot = new Int32Array(this.#keys.length);
    nextSlot.set(this.#nextSlot);
    this.#nextSlot = nextSlot;
  }
}
