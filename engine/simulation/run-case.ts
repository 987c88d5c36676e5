import { SHARD_PARTS } from '../shard/shard-parts.ts';
import { shrink } from '../shard/venue-comparison.fixture.ts';
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

/** A case of few steps and, if it can be, of one engine that still fails in some way, made of one that fails. */
export function shrinkCase(
  simulated: SimulationCase,
  fault: Fault,
  options: Partial<RunOptions> = {},
): SimulationCase {
  const failing = (tried: SimulationCase) => runCase(tried, options).fault;
  const ofOneEngine = simulated.shardCounts
    .map((count) => ({ ...simulated, shardCounts: [count] }))
    .find((alone) => failing(alone) !== null);
  const smaller = ofOneEngine ?? simulated;
  const { appliedSteps } = ofOneEngine === undefined ? fault : failing(ofOneEngine)!;
  const { fixedSteps, steps: whole } = smaller;
  const fails = (steps: SimulationCase['steps']) => failing(withSteps(smaller, steps)) !== null;
  const upToFault = whole.slice(fixedSteps, appliedSteps + 1);
  return withSteps(smaller, shrink(fails(upToFault) ? upToFault : whole.slice(fixedSteps), fails));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
