import { commonParameters, commonPlan, steadySchedule } from './common-parameters.ts';
import { whole } from './parameters.ts';
import { loadScenario } from './scenario.ts';

const NAME = 'connect-storm';
const DESCRIPTION =
  'Clients that come back all at once, as after an outage: connections that are opened, logged in, held and closed.';

const {
  encoding: _encoding,
  markets: _markets,
  'private-streams': _privateStreams,
  ...COMMON
} = commonParameters({
  rate: 200,
  seconds: 15,
  subscribers: 0,
});

export const connectStorm = loadScenario({
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...COMMON,
    rate: { ...COMMON.rate!, help: 'connections a second' },
    connections: whole(8, 1, 10_000, 'accounts that they log in to, in turn'),
    'hold-ms': whole(2_000, 0, 600_000, 'how long a connection stays open'),
  },
  plan: (parameters) => ({
    ...commonPlan(NAME, DESCRIPTION, parameters),
    schedule: steadySchedule(parameters),
    work: { kind: 'connects', holdMs: parameters.number('hold-ms') },
  }),
});
