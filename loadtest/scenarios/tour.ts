import { acrossScenarios } from '../objectives/across-scenarios.ts';
import type { ScenarioResult } from '../result/run-result.ts';
import { Interrupted } from '../run/interruption.ts';
import type { RunServices } from '../run/services.ts';
import { cancelStorm } from './cancel-storm.ts';
import { connectStorm } from './connect-storm.ts';
import { deepBook } from './deep-book.ts';
import { fanOut } from './fan-out.ts';
import { manyMarkets } from './many-markets.ts';
import { marketMaker } from './market-maker.ts';
import { microburst } from './microburst.ts';
import { fraction, Parameters } from './parameters.ts';
import { privateStreams } from './private-streams.ts';
import { recordedDay } from './recorded-day.ts';
import { rest } from './rest.ts';
import type { Scenario } from './scenario.ts';
import { steadyMix } from './steady-mix.ts';

/** A stop of the tour: what differs from the scenario's defaults, with rates and seconds of a tour at `--pace 1`. */
interface Stop {
  readonly scenario: Scenario;
  readonly rate?: number;
  readonly seconds?: number;
  readonly with?: Readonly<Record<string, string | number>>;
}

const STOPS: readonly Stop[] = [
  { scenario: steadyMix, rate: 4_000, seconds: 12 },
  { scenario: marketMaker, rate: 4_000, seconds: 8 },
  { scenario: microburst, rate: 1_000, seconds: 8, with: { 'burst-requests': 1_000 } },
  { scenario: cancelStorm, rate: 4_000, seconds: 8, with: { resting: 1_000 } },
  { scenario: deepBook, rate: 3_000, seconds: 8, with: { resting: 4_000 } },
  { scenario: manyMarkets, rate: 3_000, seconds: 8, with: { markets: 25 } },
  { scenario: privateStreams, rate: 1_000, seconds: 6 },
  { scenario: fanOut, rate: 200, seconds: 8, with: { subscribers: 100, 'slow-subscribers': 2 } },
  { scenario: connectStorm, rate: 100, seconds: 5 },
  { scenario: rest, with: { requests: 3_000 } },
  { scenario: recordedDay, seconds: 8, with: { speed: '20' } },
];
const WARM_UP_SECONDS = 1;

/** A stop of the tour ended with an error, its cause; what came before it is kept. */
export class StopFailed extends Error {
  override name = 'StopFailed';
}

export const tour: Scenario = {
  name: 'tour',
  description: 'The main scenarios one after the other, a few seconds each: two minutes in all.',
  parameters: {
    load: fraction(1, 0.01, 100, 'of the rates that the tour has: 2 doubles them'),
    length: fraction(1, 0.05, 100, 'of the seconds that it has'),
  },
  objectives: [],
  missing: (isForeign) =>
    isForeign
      ? 'it goes through more markets than --keys can list; name one of its scenarios'
      : undefined,
  leavesOut: () =>
    STOPS.flatMap(({ scenario }) => {
      const missing = scenario.missing?.(false);
      return missing === undefined ? [] : [`The tour had no ${scenario.name}: ${missing}.`];
    }),
  async run(parameters, services) {
    const results: ScenarioResult[] = [];
    for (const stop of STOPS) {
      const { scenario } = stop;
      if (scenario.missing?.(false) !== undefined) continue;
      services.interruption.check();
      results.push(...(await runStop(scenario, parametersOf(stop, parameters), services)));
      services.keep(acrossScenarios(services.objectives, results));
    }
    return acrossScenarios(services.objectives, results);
  },
};

async function runStop(
  scenario: Scenario,
  parameters: Parameters,
  services: RunServices,
): Promise<readonly ScenarioResult[]> {
  try {
    return await scenario.run(parameters, services);
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    throw new StopFailed(`${scenario.name} failed: ${(error as Error).message}`, { cause: error });
  }
}

function parametersOf(stop: Stop, tourParameters: Parameters): Parameters {
  const { scenario, rate, seconds } = stop;
  const defaults = Parameters.read(scenario.parameters, {});
  const load = tourParameters.number('load');
  const length = tourParameters.number('length');
  return defaults.with({
    ...(defaults.has('warm-up') ? { 'warm-up': WARM_UP_SECONDS } : {}),
    ...(rate === undefined ? {} : { rate: rate * load }),
    ...(seconds === undefined ? {} : { seconds: Math.max(seconds * length, 0.5) }),
    ...stop.with,
  });
}
