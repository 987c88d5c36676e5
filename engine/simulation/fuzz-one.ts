import type { FlowCoverage } from '../shard/flow-coverage.fixture.ts';
import type { ShardParts } from '../shard/shard-parts.ts';
import type { ShrinkBudget } from '../shard/shrink.fixture.ts';
import { drawCase } from './draw-case.ts';
import { runCase, shrinkCase } from './run-case.ts';
import type { Mode, SavedCase } from './simulation-case.ts';

/** One case in so many is run a second time, which must give the same. */
const REPEAT_ONE_IN = 8;

export interface FuzzResult {
  readonly seed: number;
  readonly mode: Mode;
  /** Sent to all engines of the case together. */
  readonly commands: number;
  readonly trades: number;
  /** How often a process died, of a case in which it does. */
  readonly deaths: number;
  /** What to save and to run for ever; null when all was well. */
  readonly failure: SavedCase | null;
}

/** Draws and runs the case of a seed; a failing one is shrunk within the budget. */
export function fuzzOne(
  seed: number,
  coverage: FlowCoverage,
  { parts, budget }: { parts?: ShardParts; budget?: ShrinkBudget } = {},
): FuzzResult {
  const drawn = drawCase(seed, {}, coverage);
  const options = parts === undefined ? {} : { parts };
  const { summary, fault } = runCase(drawn, options);
  const commands = [...summary.commands.values()].reduce((sum, count) => sum + count, 0);
  const trades = summary.events.get('Trade') ?? 0;
  const deaths = [...summary.deaths.values()].reduce((sum, count) => sum + count, 0);
  const result = { seed, mode: drawn.mode, commands, trades, deaths };
  const foundBy = `seed ${seed}, ${drawn.mode}, ${drawn.steps.length} commands`;
  if (fault !== null) {
    const shrunk = shrinkCase(drawn, fault, options, budget);
    // The message of the case as it is saved: shrinking may have found another way to fail.
    const message = runCase(shrunk, options).fault?.message ?? fault.message;
    return { ...result, failure: { message, foundBy, case: shrunk } };
  }
  if (seed % REPEAT_ONE_IN === 0 && runCase(drawn, options).summary.digest() !== summary.digest()) {
    const message = 'the same case gave two results';
    return { ...result, failure: { message, foundBy, case: drawn } };
  }
  return { ...result, failure: null };
}
