import { checkAtRest, checkFills, checkPrevented } from '../shard/cluster-checks.fixture.ts';
import { VenueComparison } from '../shard/venue-comparison.fixture.ts';
import { EngineRun, type RunOptions } from './engine-run.ts';
import { Expectations } from './expectations.ts';
import type { RunSummary } from './run-summary.ts';
import type { SimulationCase } from './simulation-case.ts';

/** Commands between two looks at the whole engine. */
const REST_EVERY = 100;

/**
 * One shard beside its twin, command by command; the same commands go through a simulated engine of one
 * shard, whose stream of events must be the predicted one however it was delayed and cut.
 */
export function runTwinCase(
  simulated: SimulationCase,
  summary: RunSummary,
  options: RunOptions,
): void {
  const comparison = new VenueComparison(simulated.regime.setup, options.parts);
  const run = new EngineRun(simulated, 1, summary, options);
  const expectations = new Expectations(comparison.twin);
  const rest = () => {
    run.engine.settle();
    checkAtRest(run.engine);
    checkFills(run.engine.heard);
    checkPrevented(run.engine.heard);
    expectations.compareStream(run.engine.heard[0]!);
    run.collect();
  };
  for (const step of simulated.steps) {
    const command = comparison.twin.resolve(step);
    expectations.add(step.number, comparison.apply(step));
    run.send(command);
    summary.appliedSteps++;
    if (summary.appliedSteps % REST_EVERY === 0 || run.isReportDue) rest();
    if (run.isReportDue) expectations.compareMarkets(run.report());
  }
  rest();
  comparison.compareWhole();
  expectations.compareMarkets(run.finish());
}
