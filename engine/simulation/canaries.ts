import { SHARD_PARTS, type ShardParts } from '../shard/shard-parts.ts';
import {
  BookDroppingTheNext,
  BookFillingOneTooFew,
  BookJumpingTheQueue,
  BookLeakingLevels,
  BookLosingThePlace,
  BookTradingAtTheLimit,
  BookWithStaleBest,
} from './broken-books.ts';
import {
  LedgerKeepingAUnit,
  LedgerLosingAUnit,
  ReservationsKeepingImprovement,
  ReservationsRoundingDown,
} from './broken-money.ts';
import { BROKEN_RECOVERIES } from './broken-recovery.ts';
import type { RecoveryParts } from './crash-conditions.ts';
import { type CaseWishes, drawCase } from './draw-case.ts';
import type { RunOptions } from './engine-run.ts';
import { type Fault, runCase, shrinkCase } from './run-case.ts';
import { type SimulationCase, withSteps } from './simulation-case.ts';

/** A venue with one deliberate fault: a simulation that does not find it proves nothing. */
export interface Canary {
  readonly name: string;
  readonly parts: ShardParts;
  /** Shows only where processes crash. */
  readonly recovery?: RecoveryParts;
}

const book = (Book: ShardParts['Book']): ShardParts => ({ ...SHARD_PARTS, Book });
const ledger = (Broken: ShardParts['Ledger']): ShardParts => ({ ...SHARD_PARTS, Ledger: Broken });
const reservations = (Broken: ShardParts['Reservations']): ShardParts => {
  return { ...SHARD_PARTS, Reservations: Broken };
};

export const CANARIES: readonly Canary[] = [
  { name: 'a cancel drops the order behind it', parts: book(BookDroppingTheNext) },
  { name: 'a later order goes first', parts: book(BookJumpingTheQueue) },
  { name: 'the best price outlives its level', parts: book(BookWithStaleBest) },
  { name: 'a partial fill costs the place', parts: book(BookLosingThePlace) },
  { name: 'an emptied level stays in the depth', parts: book(BookLeakingLevels) },
  { name: 'a sweep trades at its limit', parts: book(BookTradingAtTheLimit) },
  { name: 'just enough is too little to fill or kill', parts: book(BookFillingOneTooFew) },
  { name: 'a release forgets a unit', parts: ledger(LedgerKeepingAUnit) },
  { name: 'a credit loses a unit', parts: ledger(LedgerLosingAUnit) },
  { name: 'a fee is rounded down', parts: reservations(ReservationsRoundingDown) },
  { name: 'price improvement stays locked', parts: reservations(ReservationsKeepingImprovement) },
  ...Object.entries(BROKEN_RECOVERIES).map(([name, recovery]) => {
    return { name, parts: SHARD_PARTS, recovery };
  }),
];

/** What a case is run with to show the canary's fault. */
export function optionsOf({ parts, recovery }: Canary): Partial<RunOptions> {
  return recovery === undefined ? { parts } : { parts, recovery };
}

/** How a canary was found out. */
export interface Catch {
  /** Seeds that it took. */
  readonly seeds: number;
  readonly found: SimulationCase;
  readonly fault: Fault;
  /** What is left of the case after shrinking. */
  readonly shrunk: SimulationCase;
}

/** Runs the cases of seed 1, 2, … with the canary's parts until it shows; null when it does not. */
export function catchCanary(canary: Canary, seedsMax: number, wishes: CaseWishes): Catch | null {
  const options = optionsOf(canary);
  const wished: CaseWishes =
    canary.recovery === undefined ? wishes : { ...wishes, mode: 'crash', shardCount: 2 };
  for (let seeds = 1; seeds <= seedsMax; seeds++) {
    const found = drawCase(seeds, wished);
    const { fault } = runCase(found, options);
    if (fault === null) continue;
    // Without one of its steps a crash comes elsewhere, so such a case takes long to shrink.
    const shrunk =
      canary.recovery === undefined
        ? shrinkCase(found, fault, options)
        : withSteps(found, found.steps.slice(found.fixedSteps, fault.appliedSteps + 1));
    // A case that fails on the real parts too has found something, but not the canary.
    if (runCase(shrunk).fault === null) return { seeds, found, fault, shrunk };
  }
  return null;
}
