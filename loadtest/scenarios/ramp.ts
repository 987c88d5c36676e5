import { commonParameters, commonPlan } from './common-parameters.ts';
import { fraction } from './parameters.ts';
import { loadScenario } from './scenario.ts';
import { MIX_PARAMETERS, mixOf } from './steady-mix.ts';

const NAME = 'ramp';
const DESCRIPTION =
  'The mix at a rate that grows in a straight line: where latency begins to leave the floor.';

const { arrivals: _, ...COMMON } = commonParameters({ rate: 1_000, seconds: 30 });

export const ramp = loadScenario({
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...COMMON,
    ...MIX_PARAMETERS,
    'to-rate': fraction(30_000, 0.1, 5_000_000, 'requests a second at the end'),
  },
  plan: (parameters) => ({
    ...commonPlan(NAME, DESCRIPTION, parameters),
    schedule: {
      kind: 'ramp',
      fromRate: parameters.number('rate'),
      toRate: parameters.number('to-rate'),
      seconds: parameters.number('seconds'),
    },
    work: mixOf(parameters),
  }),
});
