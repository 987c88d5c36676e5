import { commonParameters, commonPlan, steadySchedule } from './common-parameters.ts';
import { fraction } from './parameters.ts';
import { loadScenario } from './scenario.ts';
import { MIX_PARAMETERS, mixOf } from './steady-mix.ts';

const NAME = 'fan-out';
const DESCRIPTION =
  'Many subscribers to the trades, depth and book ticker of a market that trades all the time, a few of whom stop reading.';

export const fanOut = loadScenario({
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...commonParameters({
      ...{ rate: 500, seconds: 20, subscribers: 200 },
      'slow-subscribers': 4,
    }),
    ...MIX_PARAMETERS,
    'take-share': fraction(0.8, 0, 1, 'of the requests: orders at the touch and orders that take'),
  },
  plan: (parameters) => ({
    ...commonPlan(NAME, DESCRIPTION, parameters),
    schedule: steadySchedule(parameters),
    work: mixOf(parameters),
  }),
});
