import type { ScenarioResult } from '../result/run-result.ts';
import { runLoad } from '../run/load-run.ts';
import { SLOW_CLOSED, SLOW_LOST } from '../run/subscriber-figures.ts';
import { commonParameters, commonPlan, steadySchedule } from './common-parameters.ts';
import { fraction } from './parameters.ts';
import type { Scenario } from './scenario.ts';
import { MIX_PARAMETERS, mixOf } from './steady-mix.ts';

const NAME = 'slow-consumers';
const DESCRIPTION =
  'Subscribers that stop reading for good while the market trades: the venue must close them, and the others must not notice.';

/**
 * A venue of ours tears down, without a close frame, what takes nothing for 12 to 16 s after it was closed, and it has
 * filled 8 MiB of its own before that, which take 4 s at the default rate: who reads on before that finds the 1008.
 */
const TORN_DOWN_MS_LEAST = 16_000;

/**
 * At the default rate a subscriber is told 2 MB a second. The kernels' buffers hold about 4 MiB of it on loopback
 * (`tcp_wmem`; those that may hold 16 are full in time, too) before the venue's own 8 begin to fill: of 14 s that is
 * enough for a close, and too short for a tearing down.
 */
export const slowConsumers: Scenario = {
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...commonParameters({
      ...{ rate: 5_000, seconds: 14, subscribers: 8 },
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
    const slow = Math.min(plan.slowSubscribers, plan.subscribers);
    return [closedOrWarned(await runLoad(plan, services), slow)];
  },
};

/** What it is there to see must have happened: to each of the slow ones. */
export function closedOrWarned(result: ScenarioResult, slow: number): ScenarioResult {
  const figure = (name: string): number =>
    result.figures.find((each) => each.name === name)?.value ?? 0;
  const isLong = result.measuredMs >= TORN_DOWN_MS_LEAST;
  const closed = figure(SLOW_CLOSED) + (isLong ? figure(SLOW_LOST) : 0);
  if (closed > 0 && closed === slow) return result;
  const left = slow - closed;
  const why =
    slow > 0 && figure(SLOW_CLOSED) + figure(SLOW_LOST) === slow
      ? 'they lost their connections otherwise'
      : 'what they did not read fitted into buffers; a higher --rate, or more --seconds';
  const warning =
    slow === 0
      ? 'no subscriber was slow'
      : `${left} of ${slow} slow subscribers were not closed as slow consumers: ${why}`;
  return { ...result, warnings: [...result.warnings, warning], passed: false };
}
