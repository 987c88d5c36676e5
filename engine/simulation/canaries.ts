import { SHARD_PARTS, type ShardParts } from '../shard/shard-parts.ts';
import type { ShrinkBudget } from '../shard/shrink.fixture.ts';
import * as books from './broken-books.ts';
import * as money from './broken-money.ts';
import { BROKEN_RECOVERIES } from './broken-recovery.ts';
import * as rules from './broken-rules.ts';
import * as stops from './broken-stops.ts';
import type { RecoveryParts } from './crash-conditions.ts';
import { type CaseWishes, drawCase } from './draw-case.ts';
import type { RunOptions } from './engine-run.ts';
import { type Fault, runCase, shrinkCase } from './run-case.ts';
import { type SimulationCase, withSteps } from './simulation-case.ts';

/** A venue with one deliberate fault: a simulation that does not find it proves nothing. */
export interface Canary {
  readonly name: string;
  readonly parts: ShardParts;
  /** Of the cases to look for it in, where not any will do. */
  readonly wishes: CaseWishes;
  /** Shows only where processes crash. */
  readonly recovery?: RecoveryParts;
}

/** A shard with these parts instead of the real ones. */
function canary(name: string, parts: Partial<ShardParts>, wishes: CaseWishes = {}): Canary {
  return { name, parts: { ...SHARD_PARTS, ...parts }, wishes };
}

/** Where commands race each other between shards, and so do their answers. */
const CROWD: CaseWishes = { mode: 'crowd', commands: 400 };

/** Several crashes of a venue whose shards have something to tell each other. */
const CRASHES: CaseWishes = { mode: 'crash', shardCount: 2, commands: 400 };

/** Where much happens before something rare does. */
const LONG: CaseWishes = { mode: 'twin', commands: 800 };

export const CANARIES: readonly Canary[] = [
  canary('a cancel drops the order behind it', { Book: books.BookDroppingTheNext }),
  canary('a later order goes first', { Book: books.BookJumpingTheQueue }),
  canary('the best price outlives its level', { Book: books.BookWithStaleBest }),
  canary('a partial fill costs the place', { Book: books.BookLosingThePlace }),
  canary('a reduce costs the place', { Book: books.BookLosingThePlaceOfAReduced }),
  canary('a replace keeps the place', { Book: books.BookKeepingThePlaceOfAReplaced }),
  canary('an emptied level stays in the depth', { Book: books.BookLeakingLevels }),
  canary('a sweep trades at its limit', { Book: books.BookTradingAtTheLimit }),
  canary('just enough is too little to fill or kill', { Book: books.BookFillingOneTooFew }),
  canary('a release forgets a unit', { Ledger: money.LedgerKeepingAUnit }),
  canary('a credit loses a unit', { Ledger: money.LedgerLosingAUnit }),
  canary('a fee is rounded down', { Reservations: money.ReservationsRoundingDown }),
  canary('price improvement stays locked', { Reservations: money.ReservationsKeepingImprovement }),
  canary('a stop order fires a tick early', { Markets: stops.MarketsFiringEarly }),
  canary(
    'only the end of a sweep fires stop orders',
    { Markets: stops.MarketsMissingASweep },
    LONG,
  ),
  canary('a stop order fires twice', { Markets: stops.MarketsFiringTwice }),
  canary('stop orders fire in the wrong order', { Markets: stops.MarketsFiringBackwards }),
  canary('a cancelled stop order waits on', { Markets: stops.MarketsKeepingCancelledStops }),
  canary(
    'no cancel-all meets a stop order under way',
    {
      Orders: stops.OrdersMissingStopsUnderWay,
    },
    CROWD,
  ),
  canary('the modes of self-trade prevention are mixed up', {
    Matching: rules.MatchingMixingModes,
  }),
  canary('an account trades with itself', { Matching: rules.MatchingWithinAnAccount }),
  canary('the price band is not applied', { Markets: rules.MarketsWithoutBand }),
  canary('the kill switch does not hold', { Markets: rules.MarketsIgnoringTheKillSwitch }),
  canary('an order never expires', { Desk: rules.DeskIgnoringTime }),
  canary('a replace never expires', { Desk: rules.DeskReplacingLate }, LONG),
  canary('every account is known', { Accounts: rules.AccountsKnowingEverybody }),
  canary('a refund far from home is not told', { Outputs: rules.OutputsHidingRefunds }, CROWD),
  canary(
    'a replace far from home locks too little',
    {
      Reservations: rules.ReservationsTooSmallForAReplace,
    },
    CROWD,
  ),
  ...Object.entries(BROKEN_RECOVERIES).map(([name, recovery]) => {
    return { ...canary(name, {}, CRASHES), recovery };
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
export function catchCanary(
  canary: Canary,
  seedsMax: number,
  wishes: CaseWishes,
  budget?: () => ShrinkBudget,
): Catch | null {
  const options = optionsOf(canary);
  for (let seeds = 1; seeds <= seedsMax; seeds++) {
    const found = drawCase(seeds, { ...wishes, ...canary.wishes });
    const { fault } = runCase(found, options);
    if (fault === null) continue;
    // Without one of its steps a crash comes elsewhere, so such a case takes long to shrink.
    const shrunk =
      found.mode !== 'crash'
        ? shrinkCase(found, fault, options, budget?.())
        : withSteps(found, found.steps.slice(found.fixedSteps, fault.appliedSteps + 1));
    // A case that fails on the real parts too has found something, but not the canary.
    if (runCase(shrunk).fault === null) return { seeds, found, fault, shrunk };
  }
  return null;
}
