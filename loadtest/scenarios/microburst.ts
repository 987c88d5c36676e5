import { commonParameters, commonPlan } from './common-parameters.ts';
import { fraction, whole } from './parameters.ts';
import { loadScenario } from './scenario.ts';
import { MIX_PARAMETERS, mixOf } from './steady-mix.ts';

const NAME = 'microburst';
const DESCRIPTION =
  'A quiet mix with bursts of a few milliseconds in it, as after news: what the queues do, and how long they take to drain.';

const { arrivals: _, ...COMMON } = commonParameters({ rate: 2_000, seconds: 20 });

export const microburst = loadScenario({
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...COMMON,
    ...MIX_PARAMETERS,
    'burst-requests': whole(2_000, 1, 1_000_000, 'of one burst, over what is sent anyway'),
    'burst-ms': fraction(10, 0.1, 10_000, 'how long a burst takes'),
    'every-ms': fraction(1_000, 1, 600_000, 'from the start of a burst to that of the next'),
  },
  plan: (parameters) => ({
    ...commonPlan(NAME, DESCRIPTION, parameters),
    schedule: {
      kind: 'microbursts',
      rate: parameters.number('rate'),
      burstRequests: parameters.number('burst-requests'),
      burstMs: parameters.number('burst-ms'),
      everyMs: parameters.number('every-ms'),
      seconds: parameters.number('seconds'),
    },
    work: mixOf(parameters),
  }),
});
