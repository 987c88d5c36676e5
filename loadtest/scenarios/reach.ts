import { evaluateObjectives } from '../objectives/evaluate.ts';
import { parseObjective } from '../objectives/objective.ts';
import { measureSink } from '../reach/sink-run.ts';
import { SinkVenue } from '../reach/sink-venue.ts';
import type { ScenarioResult } from '../result/run-result.ts';
import { requestWarnings, warningsOf } from '../run/gathered.ts';
import type { RunServices } from '../run/services.ts';
import { fraction, type Parameters, whole } from './parameters.ts';
import type { Scenario } from './scenario.ts';
import { MIX_PARAMETERS } from './steady-mix.ts';

const DESCRIPTION =
  'What one generator process can do, over msgpack websockets, to a sink that answers every order at once and does nothing.';
/** Of the rate that is asked for; the rest is the edge of the last second. */
const OFFERED_SHARE = 0.99;
const NOT_AUDITED = { clean: true, checks: [] };

export const reach: Scenario = {
  name: 'reach',
  description: DESCRIPTION,
  parameters: {
    rate: fraction(250_000, 1, 5_000_000, 'requests a second that are to be offered'),
    'punctual-rate': fraction(
      50_000,
      1,
      5_000_000,
      'at which the p99 of lateness is to be below 1 ms',
    ),
    seconds: fraction(10, 0.5, 600, 'of each of the two'),
    connections: whole(4, 1, 1_000, 'of the one generator'),
    'warm-up': fraction(3, 0, 600, 'seconds before the measured part'),
    ...MIX_PARAMETERS,
  },
  objectives: [],
  openTarget: () => SinkVenue.start(),
  async run(parameters, services) {
    const rate = parameters.number('rate');
    const punctualRate = parameters.number('punctual-rate');
    const offered = `rate>=${Math.floor(rate * OFFERED_SHARE)}`;
    const first = await runAt(parameters, services, rate, offered);
    services.keep([first]);
    services.interruption.check();
    const second = await runAt(parameters, services, punctualRate, 'schedule-error.p99<1ms');
    return [first, { ...second, name: 'reach-punctual' }];
  },
};

async function runAt(
  parameters: Parameters,
  services: RunServices,
  rate: number,
  aim: string,
): Promise<ScenarioResult> {
  const seconds = parameters.number('seconds');
  const { url } = services.venue;
  const load = { name: 'reach', url, rate, seconds, encoding: 'msgpack' } as const;
  const found = await measureSink(load, parameters, services);
  const { reports, timeline, ...measured } = found;
  const { generators, counts } = measured;
  const aims = [parseObjective(aim), ...services.objectives];
  const objectives = evaluateObjectives(aims, measured);
  const warnings = [
    ...services.interruption.warnings,
    ...requestWarnings(counts),
    ...warningsOf(generators, reports),
  ];
  const cpuShare = generators[0]!.cpuShare;
  return {
    name: 'reach',
    description: DESCRIPTION,
    parameters: parameters.all,
    ...measured,
    schedule: { kind: 'constant', isOpenLoop: true, offeredPerSecond: rate },
    timeline: timeline.points(),
    venueSamples: [],
    audit: NOT_AUDITED,
    objectives,
    figures: [
      { name: 'processor of the generator', value: cpuShare, unit: 'cores' },
      {
        name: 'processor of a request',
        value: (cpuShare * 1e6) / (counts.sent / seconds),
        unit: 'µs',
      },
    ],
    warnings,
    passed: warnings.length === 0 && objectives.every(({ held }) => held),
  };
}
