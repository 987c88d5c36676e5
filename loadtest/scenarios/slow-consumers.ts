import type { ScenarioResult } from '../result/run-result.ts';
import { runLoad } from '../run/load-run.ts';
import { SLOW_CLOSED } from '../run/subscriber-figures.ts';
import { commonParameters, commonPlan, steadySchedule } from './common-parameters.ts';
import { fraction } from './parameters.ts';
import type { Scenario } from './scenario.ts';
import { MIX_PARAMETERS, mixOf } from './steady-mix.ts';

const NAME = 'slow-consumers';
const DESCRIPTION =
  'Subscribers that stop reading for good while the market trades: the venue must close them, and the others must not notice.';

/**
 * The buffers of both kernels hold some MiB before the venue's own begin to fill, so it takes a few thousand requests a
 * second over ten seconds and more before a venue sees that somebody is slow.
 */
export const slowConsumers: Scenario = {
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...commonParameters({
      ...{ rate: 4_000, seconds: 20, subscribers: 8 },
      ...{ 'slow-subscribers': 4, 'slow-pause-ms': 86_400_000 },
    }),
    ...MIX_PARAMETERS,
    'take-share': fraction(0.8, 0, 1, 'of the requests: orders at the touch and orders that take'),
  },
  objectives: [],
  async run(parameters, services) {
    const plan = {
      ...commonPlan(NAME, DESCRIPTION, parameters),
      schedule: steadySchedule(parameters),
      work: mixOf(parameters),
    };
    return [closedOrWarned(await runLoad(plan, services))];
  },
};

/** What it is there to see must have happened. */
function closedOrWarned(result: ScenarioResult): ScenarioResult {
  const closed = result.figures.find(({ name }) => name === SLOW_CLOSED)?.value ?? 0;
  if (closed > 0) return result;
  const warning =
    'no slow subscriber was closed: what it did not read fitted into buffers; a higher --rate, or more --seconds';
  return { ...result, warnings: [...result.warnings, warning], passed: false };
}
