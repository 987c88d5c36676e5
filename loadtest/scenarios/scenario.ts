import type { ScenarioResult } from '../result/run-result.ts';
import type { LoadPlan } from '../run/load-plan.ts';
import { runLoad } from '../run/load-run.ts';
import type { RunServices } from '../run/services.ts';
import type { TestedVenue } from '../run/venue.ts';
import type { ParameterSpecs, Parameters } from './parameters.ts';

/** One kind of load, with what can be chosen about it. */
export interface Scenario {
  readonly name: string;
  /** One sentence: what it loads the venue with, and what is learnt from it. */
  readonly description: string;
  readonly parameters: ParameterSpecs;
  /** Held besides those of the command line. */
  readonly objectives: readonly string[];
  /**
   * What is missing to run it here; undefined when nothing is.
   *
   * @param isForeign the venue is known by its public and private API only
   */
  readonly missing?: (isForeign: boolean) => string | undefined;
  /** Sentences: which parts of it cannot be run here. */
  readonly leavesOut?: () => readonly string[];
  /** It sends nothing: all that it asks of a venue is public. */
  readonly isPublicOnly?: boolean;
  /** What is loaded instead of a venue. */
  readonly openTarget?: () => Promise<TestedVenue>;
  run(parameters: Parameters, services: RunServices): Promise<readonly ScenarioResult[]>;
}

interface LoadScenario extends Omit<Scenario, 'run' | 'objectives'> {
  readonly objectives?: readonly string[];
  plan(parameters: Parameters): LoadPlan;
}

/** A scenario that sends orders by a schedule. */
export function loadScenario({ plan, objectives = [], ...scenario }: LoadScenario): Scenario {
  return {
    ...scenario,
    objectives,
    run: async (parameters, services) => [await runLoad(plan(parameters), services)],
  };
}
