import { commonParameters, commonPlan, steadySchedule } from './common-parameters.ts';
import { fraction, whole } from './parameters.ts';
import { loadScenario } from './scenario.ts';

const NAME = 'market-maker';
const DESCRIPTION =
  'Market makers that keep quotes on both sides and move them all the time: place, cancel, replace.';

export const marketMaker = loadScenario({
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...commonParameters({ rate: 10_000, seconds: 20, markets: 4 }),
    levels: whole(5, 1, 1_000, 'quotes of each connection on each side'),
    'cancel-share': fraction(
      0.2,
      0,
      1,
      'of the moves of a quote: a cancel and a new order, not a replace',
    ),
  },
  plan: (parameters) => ({
    ...commonPlan(NAME, DESCRIPTION, parameters),
    schedule: steadySchedule(parameters),
    work: {
      kind: 'quotes',
      levels: parameters.number('levels'),
      cancelShare: parameters.number('cancel-share'),
    },
  }),
});
