import type { Figure, ScenarioResult } from '../result/run-result.ts';
import { runLoad } from '../run/load-run.ts';
import { commonParameters, commonPlan, steadySchedule } from './common-parameters.ts';
import type { Scenario } from './scenario.ts';
import { MIX_PARAMETERS, mixOf } from './steady-mix.ts';

const NAME = 'soak';
const DESCRIPTION =
  'The mix for a long time at a moderate rate: what grows that should not, in memory and in latency.';
const MIB = 2 ** 20;
const MS_PER_HOUR = 3_600_000;
/** Over less, memory goes up and down with its collections. */
const HALF_MS_LEAST = 60_000;

export const soak: Scenario = {
  name: NAME,
  description: DESCRIPTION,
  parameters: { ...commonParameters({ rate: 2_000, seconds: 600 }), ...MIX_PARAMETERS },
  objectives: [],
  async run(parameters, services) {
    const plan = {
      ...commonPlan(NAME, DESCRIPTION, parameters),
      schedule: steadySchedule(parameters),
      work: mixOf(parameters),
    };
    const result = await runLoad(plan, services);
    return [{ ...result, figures: [...result.figures, ...growth(result)] }];
  },
};

/**
 * Resident memory of the venue over the second half, when its caches and tables have their size; nothing when it does
 * not tell.
 */
function growth({ venueSamples, measuredMs }: ScenarioResult): Figure[] {
  const points = venueSamples.flatMap(({ atMs, residentMemoryBytes }) =>
    residentMemoryBytes === undefined || atMs < measuredMs / 2
      ? []
      : [{ atMs, bytes: residentMemoryBytes }],
  );
  if (points.length < 2 || measuredMs < 2 * HALF_MS_LEAST) return [];
  return [
    { name: 'resident memory at the end', value: points.at(-1)!.bytes / MIB, unit: 'MiB' },
    {
      name: 'growth of resident memory over the second half',
      value: (slopePerMs(points) * MS_PER_HOUR) / MIB,
      unit: 'MiB an hour',
    },
  ];
}

/** Of the line of least squares. */
function slopePerMs(points: readonly { readonly atMs: number; readonly bytes: number }[]): number {
  const mean = (of: (point: (typeof points)[number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const meanMs = mean(({ atMs }) => atMs);
  const meanBytes = mean(({ bytes }) => bytes);
  const covariance = mean(({ atMs, bytes }) => (atMs - meanMs) * (bytes - meanBytes));
  const variance = mean(({ atMs }) => (atMs - meanMs) ** 2);
  return variance === 0 ? 0 : covariance / variance;
}
