import { commonParameters, commonPlan, steadySchedule } from './common-parameters.ts';
import { fraction } from './parameters.ts';
import { loadScenario } from './scenario.ts';
import { MIX_PARAMETERS, mixOf } from './steady-mix.ts';

const NAME = 'many-markets';
const DESCRIPTION = 'The mix over many markets, a few of which have nearly all of the activity.';

export const manyMarkets = loadScenario({
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...commonParameters({ rate: 10_000, seconds: 20, markets: 50 }),
    ...MIX_PARAMETERS,
    zipf: fraction(
      1,
      0,
      5,
      "exponent of the markets' activity: 1 is Zipf's law, 0 makes them alike",
    ),
  },
  plan: (parameters) => ({
    ...commonPlan(NAME, DESCRIPTION, parameters),
    schedule: steadySchedule(parameters),
    work: { ...mixOf(parameters), zipfExponent: parameters.number('zipf') },
  }),
});
