import { Ledger } from '../ledger/ledger.ts';
import type { ShardMarket } from '../shard/markets.ts';
import { Reservations } from '../shard/reservations.ts';

/*
 * Ledgers and reservations that are each wrong in one way that real ones could be. They show that the
 * simulation finds such faults; nothing else uses them.
 */

/** Giving back a lock forgets its last unit. */
export class LedgerKeepingAUnit extends Ledger {
  override lock(slot: number, units: number): void {
    super.lock(slot, units < -1 ? units + 1 : units);
  }
}

/** A large credit loses a unit, as one that passed through a float would. */
export class LedgerLosingAUnit extends Ledger {
  override credit(slot: number, units: number): void {
    super.credit(slot, units > 1_000 ? units - 1 : units);
  }
}

/** Takes a fee one unit too low where it takes any: rounded down instead of up. */
export class ReservationsRoundingDown extends Reservations {
  override settle(
    slot: number,
    market: ShardMarket,
    baseUnits: number,
    costUnits: number,
    feeUnits: number,
  ): void {
    super.settle(slot, market, baseUnits, costUnits, Math.max(0, feeUnits - 1));
  }
}

/** What a bid paid less than its limit stays locked until the order ends. */
export class ReservationsKeepingImprovement extends Reservations {
  override refundExcess(): void {}
}
