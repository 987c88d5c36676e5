import { commonParameters, commonPlan, steadySchedule } from './common-parameters.ts';
import { fraction } from './parameters.ts';
import { loadScenario } from './scenario.ts';
import { MIX_PARAMETERS, mixOf } from './steady-mix.ts';

const NAME = 'private-streams';
const DESCRIPTION =
  'Every account listens to its own orders and balances while the mix trades: the way from a fill to its parties, each told once, and balances that change by exactly the fills told.';

const { 'private-streams': _privateStreams, ...COMMON } = commonParameters({
  rate: 2_000,
  seconds: 20,
});

/**
 * The one scenario that listens to private streams without being asked to: who listens takes its share of the
 * processors that venue and generator need, which is no figure of order entry.
 */
export const privateStreams = loadScenario({
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...COMMON,
    ...MIX_PARAMETERS,
    'take-share': fraction(0.5, 0, 1, 'of the requests: orders at the touch and orders that take'),
  },
  plan: (parameters) => ({
    ...commonPlan(NAME, DESCRIPTION, parameters),
    schedule: steadySchedule(parameters),
    work: mixOf(parameters),
    hearsAccounts: true,
  }),
});
