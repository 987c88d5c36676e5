import { commonParameters, commonPlan, steadySchedule } from './common-parameters.ts';
import { fraction, whole } from './parameters.ts';
import { loadScenario } from './scenario.ts';
import { mixOf } from './steady-mix.ts';

const NAME = 'deep-book';
const DESCRIPTION =
  'Tens of thousands of orders on thousands of price levels, built up first; then the mix, anywhere in them.';

export const deepBook = loadScenario({
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...commonParameters({ rate: 10_000, seconds: 20 }),
    resting: whole(8_000, 2, 9_000, 'orders that rest at most, of each connection'),
    levels: whole(5_000, 1, 50_000, 'ticks behind the touch over which they rest'),
    'replace-share': fraction(0.15, 0, 1, 'of the requests: replaces of resting orders'),
    'take-share': fraction(0.1, 0, 1, 'of the requests: orders at the touch and orders that take'),
  },
  plan: (parameters) => ({
    ...commonPlan(NAME, DESCRIPTION, parameters),
    schedule: steadySchedule(parameters),
    work: mixOf(parameters),
  }),
});
