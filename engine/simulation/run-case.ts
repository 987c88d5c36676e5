import { SHARD_PARTS } from '../shard/shard-parts.ts';
import { ShrinkBudget, shrink } from '../shard/shrink.fixture.ts';
import { runCrowdCase } from './crowd-run.ts';
import type { RunOptions } from './engine-run.ts';
import { RunSummary } from './run-summary.ts';
import { runShardsCase } from './shards-run.ts';
import { type Mode, type SimulationCase, withSteps } from './simulation-case.ts';
import { runTwinCase } from './twin-run.ts';

const RUNS: Record<Mode, typeof runTwinCase> = {
  twin: runTwinCase,
  lockstep: runShardsCase,
  shards: runShardsCase,
  crowd: runCrowdCase,
  crash: runCrowdCase,
};

/** What proves that something is wrong, and after how many of the case's steps it showed. */
export interface Fault {
  readonly message: string;
  readonly appliedSteps: number;
}

export interface CaseResult {
  readonly summary: RunSummary;
  readonly fault: Fault | null;
}

/** Runs a case to its end or its first fault. The same case has the same result, to the byte. */
export function runCase(simulated: SimulationCase, options: Partial<RunOptions> = {}): CaseResult {
  const summary = new RunSummary();
  try {
    RUNS[simulated.mode](simulated, summary, { parts: SHARD_PARTS, hashEvery: 0, ...options });
    return { summary, fault: null };
  } catch (error) {
    const { appliedSteps } = summary;
    return { summary, fault: { message: messageOf(error), appliedSteps } };
  }
}

/**
 * Schedules that shrinking tries a shorter crowd under: what fails there is a race, and with any step fewer
 * another one wins it.
 */
const SCHEDULES = 8;

/**
 * A case of few steps and, if it can be, of one engine that still fails in some way, made of one that
 * fails; as short as the budget lets it become.
 */
export function shrinkCase(
  simulated: SimulationCase,
  fault: Fault,
  options: Partial<RunOptions> = {},
  budget = new ShrinkBudget(),
): SimulationCase {
  const failing = (tried: SimulationCase) =>
    budget.takeRun() ? runCase(tried, options).fault : null;
  let smaller = simulated;
  let { appliedSteps } = fault;
  for (const count of simulated.shardCounts) {
    const alone = { ...simulated, shardCounts: [count] };
    const found = failing(alone);
    if (found === null) continue;
    smaller = alone;
    appliedSteps = found.appliedSteps;
    break;
  }
  const { fixedSteps, steps, mode } = smaller;
  const whole = steps.slice(fixedSteps);
  const upToFault = steps.slice(fixedSteps, appliedSteps + 1);
  const isEnough = failing(withSteps(smaller, upToFault)) !== null;
  let { seed } = smaller;
  const fails = (some: SimulationCase['steps']) => {
    for (let tried = 0; tried < (mode === 'crowd' ? SCHEDULES : 1); tried++) {
      // The first run is counted by who shrinks.
      if (tried > 0 && !budget.takeRun()) return false;
      const scheduled = { ...withSteps(smaller, some), seed: seed + tried };
      if (runCase(scheduled, options).fault === null) continue;
      seed += tried;
      return true;
    }
    return false;
  };
  const shrunk = shrink(isEnough ? upToFault : whole, fails, budget);
  return { ...withSteps(smaller, shrunk), seed };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
