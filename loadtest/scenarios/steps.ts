import { commonParameters, commonPlan } from './common-parameters.ts';
import { fraction, whole } from './parameters.ts';
import { loadScenario } from './scenario.ts';
import { MIX_PARAMETERS, mixOf } from './steady-mix.ts';

const NAME = 'steps';
const DESCRIPTION =
  'The mix at one rate after the other, each for a while: what a higher rate costs once it has settled.';

const {
  arrivals: _arrivals,
  seconds: _seconds,
  ...COMMON
} = commonParameters({ rate: 2_000, seconds: 1 });

export const steps = loadScenario({
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...COMMON,
    rate: { ...COMMON.rate!, help: 'of the first step, requests a second' },
    ...MIX_PARAMETERS,
    'step-rate': fraction(
      4_000,
      0.1,
      5_000_000,
      'by how much a step is higher than the one before',
    ),
    steps: whole(5, 1, 1_000, 'how many'),
    'step-seconds': fraction(6, 0.5, 86_400, 'length of each'),
  },
  plan: (parameters) => ({
    ...commonPlan(NAME, DESCRIPTION, parameters),
    schedule: {
      kind: 'steps',
      rates: Array.from(
        { length: parameters.number('steps') },
        (_, step) => parameters.number('rate') + step * parameters.number('step-rate'),
      ),
      stepSeconds: parameters.number('step-seconds'),
    },
    work: mixOf(parameters),
  }),
});
