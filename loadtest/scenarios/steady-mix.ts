import type { MixSpec } from '../flows/mix-flow.ts';
import { commonParameters, commonPlan, steadySchedule } from './common-parameters.ts';
import { fraction, type ParameterSpecs, type Parameters, whole } from './parameters.ts';
import { loadScenario } from './scenario.ts';

const NAME = 'steady-mix';
const DESCRIPTION =
  'Many participants at a steady rate: limits that rest near the touch, their cancels and replaces, and orders that trade.';

/** What of a mix can be chosen. */
export const MIX_PARAMETERS: ParameterSpecs = {
  resting: whole(500, 2, 9_000, 'orders that rest at most, of each connection'),
  levels: whole(20, 1, 50_000, 'ticks behind the touch over which they rest'),
  'replace-share': fraction(0.15, 0, 1, 'of the requests: replaces of resting orders'),
  'take-share': fraction(0.2, 0, 1, 'of the requests: orders at the touch and orders that take'),
};

export function mixOf(parameters: Parameters): MixSpec {
  const resting = parameters.number('resting');
  return {
    kind: 'mix',
    restingPerConnection: resting,
    preludePerConnection: Math.floor((resting * 3) / 4),
    levels: parameters.number('levels'),
    replaceShare: parameters.number('replace-share'),
    takeShare: parameters.number('take-share'),
    zipfExponent: 0,
  };
}

export const steadyMix = loadScenario({
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...commonParameters({ rate: 10_000, seconds: 20 }),
    ...MIX_PARAMETERS,
  },
  plan: (parameters) => ({
    ...commonPlan(NAME, DESCRIPTION, parameters),
    schedule: steadySchedule(parameters),
    work: mixOf(parameters),
  }),
});
