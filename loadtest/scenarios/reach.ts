import { generateKeyPair, secretOf } from '../client/signing.ts';
import type { GeneratorReport } from '../generator/messages.ts';
import { evaluateObjectives } from '../objectives/evaluate.ts';
import { parseObjective } from '../objectives/objective.ts';
import { SinkVenue } from '../reach/sink-venue.ts';
import type { ScenarioResult } from '../result/run-result.ts';
import {
  generatorResults,
  requestCounts,
  requestWarnings,
  spanCountsOf,
  warningsOf,
} from '../run/gathered.ts';
import { GeneratorFleet } from '../run/generator-fleet.ts';
import { LiveTeller } from '../run/live-progress.ts';
import type { RunServices } from '../run/services.ts';
import { Timeline } from '../run/timeline.ts';
import { countsPerSecond } from '../schedule/schedule.ts';
import { fraction, type Parameters, whole } from './parameters.ts';
import type { Scenario } from './scenario.ts';
import { MIX_PARAMETERS, mixOf } from './steady-mix.ts';

const DESCRIPTION =
  'What one generator process can do, over msgpack websockets, to a sink that answers every order at once and does nothing.';
/** Of the rate that is asked for; the rest is the edge of the last second. */
const OFFERED_SHARE = 0.99;
const MARKET = {
  symbol: 'REACHB_REACHQ',
  priceDecimals: 2,
  quantityDecimals: 3,
  tickUnits: 1,
  lotUnits: 1,
  midTicks: 100_000,
  reachTicks: 99_999,
};
const DRAIN_TIMEOUT_MS = 15_000;
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
  const schedule = { kind: 'constant', rate, seconds: parameters.number('seconds') } as const;
  const warmUpSeconds = parameters.number('warm-up');
  const scheduleMs = schedule.seconds * 1000;
  const intended = countsPerSecond(schedule);
  const timeline = new Timeline(intended);
  const teller = new LiveTeller(services.live, 'reach');
  const setup = {
    ...{ process: 0, processes: 1, streamUrl: services.venue.url, encoding: 'msgpack' as const },
    ...{ firstConnection: 0, markets: [MARKET], work: mixOf(parameters), seed: 1, schedule },
    ...{ warmUpSeconds, sharesClock: true, drainTimeoutMs: DRAIN_TIMEOUT_MS },
    accounts: Array.from({ length: parameters.number('connections') }, () => {
      const keyPair = generateKeyPair();
      return { apiKey: keyPair.apiKey, secret: secretOf(keyPair) };
    }),
  };
  let fleet: GeneratorFleet | undefined;
  try {
    fleet = await GeneratorFleet.start([setup], (progress) => {
      timeline.add(progress);
      teller.add(progress);
    });
    const startedAtMs = fleet.begin(warmUpSeconds);
    teller.enter('measuring', warmUpSeconds * 1000 + scheduleMs, () => rate);
    const running = fleet;
    const reports = await services.interruption.ending(
      () => running.stop(),
      () => running.reports(),
    );
    return resultOf(parameters, services, {
      startedAtMs,
      reports,
      rate,
      aim,
      scheduleMs,
      timeline,
    });
  } finally {
    teller.end();
    await fleet?.end();
  }
}

interface Reached {
  readonly startedAtMs: number;
  readonly reports: readonly GeneratorReport[];
  readonly rate: number;
  readonly aim: string;
  readonly scheduleMs: number;
  readonly timeline: Timeline;
}

function resultOf(parameters: Parameters, services: RunServices, reached: Reached): ScenarioResult {
  const { startedAtMs, reports, rate, aim, timeline } = reached;
  const measuredMs = reached.scheduleMs;
  // A sink has no latency to speak of, so what shows as one is the generator's: only the rate can make it the
  // bottleneck.
  const generators = generatorResults(reports, undefined);
  const counts = requestCounts(reports, 'measured', 0);
  const spans = spanCountsOf(reports).results('ack', counts.unknown);
  const measured = { measuredMs, spans, counts, generators };
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
    startedAtMs,
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
        value: (cpuShare * 1e6) / (counts.sent / (reached.scheduleMs / 1000)),
        unit: 'µs',
      },
    ],
    warnings,
    passed: warnings.length === 0 && objectives.every(({ held }) => held),
  };
}
