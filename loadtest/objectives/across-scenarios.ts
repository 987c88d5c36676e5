import type { ScenarioResult } from '../result/run-result.ts';
import type { Objective } from './objective.ts';

/**
 * Of several scenarios an objective is held against those that have what it names: REST requests have no `ack`. One of
 * them must have it, or it has not held in any.
 *
 * @param objectives those that every result was held against, in their order
 */
export function acrossScenarios(
  objectives: readonly Objective[],
  results: readonly ScenarioResult[],
): ScenarioResult[] {
  const measured = objectives.filter((each) => results.some((result) => has(result, each)));
  return results.map((result) => {
    const applied = result.objectives.filter((_, index) => {
      const objective = objectives[index]!;
      return !measured.includes(objective) || has(result, objective);
    });
    const isHeld = applied.every(({ held }) => held);
    const passed = result.audit.clean && isHeld && result.warnings.length === 0;
    return { ...result, objectives: applied, passed };
  });
}

/** A scenario in which nothing was acknowledged has every span, and has not measured it. */
function has({ spans, counts, generators }: ScenarioResult, { subject }: Objective): boolean {
  if (subject.kind === 'span') {
    return counts.acknowledged === 0 || spans.some(({ name }) => name === subject.span);
  }
  return subject.kind !== 'requests' || subject.which !== 'late' || generators.length > 0;
}
