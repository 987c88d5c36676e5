import { commonParameters, commonPlan, steadySchedule } from './common-parameters.ts';
import { whole } from './parameters.ts';
import { loadScenario } from './scenario.ts';

const NAME = 'cancel-storm';
const DESCRIPTION =
  'Everybody pulls all orders, one by one, places as many again, and pulls them again.';

export const cancelStorm = loadScenario({
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...commonParameters({ rate: 10_000, seconds: 20 }),
    resting: whole(2_000, 1, 9_000, 'orders of each connection when its storm begins'),
    levels: whole(200, 1, 50_000, 'ticks from the middle over which they rest'),
  },
  plan: (parameters) => ({
    ...commonPlan(NAME, DESCRIPTION, parameters),
    schedule: steadySchedule(parameters),
    work: {
      kind: 'cancel-storm',
      restingPerConnection: parameters.number('resting'),
      levels: parameters.number('levels'),
    },
  }),
});
