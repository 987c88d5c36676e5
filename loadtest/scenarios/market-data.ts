import { evaluateObjectives } from '../objectives/evaluate.ts';
import type { ScenarioResult } from '../result/run-result.ts';
import { listenToMarkets } from '../run/listen-run.ts';
import { listeningParameters } from './common-parameters.ts';
import { fraction, whole } from './parameters.ts';
import type { Scenario } from './scenario.ts';

const NAME = 'market-data';
const DESCRIPTION =
  'Subscribers to the trades, depth and book ticker of markets in which others trade; sends nothing, and needs no account.';
const { 'private-streams': _, ...LISTENING } = listeningParameters({ subscribers: 20 });

export const marketData: Scenario = {
  name: NAME,
  description: DESCRIPTION,
  isPublicOnly: true,
  parameters: {
    seconds: fraction(20, 0.5, 86_400, 'length of the measured part'),
    markets: whole(1, 1, 1_000, 'markets that are listened to'),
    ...LISTENING,
  },
  objectives: [],
  async run(parameters, services) {
    const subscribers = parameters.number('subscribers');
    const listened = await listenToMarkets(
      {
        name: NAME,
        seconds: parameters.number('seconds'),
        markets: parameters.number('markets'),
        subscribers,
        slow: Math.min(parameters.number('slow-subscribers'), subscribers),
        slowPauseMs: parameters.number('slow-pause-ms'),
      },
      services,
    );
    const { audit, warnings } = listened;
    const objectives = evaluateObjectives(services.objectives, { ...listened, generators: [] });
    const result: ScenarioResult = {
      ...{ name: NAME, description: DESCRIPTION, parameters: parameters.all },
      ...listened,
      ...{ generators: [], venueSamples: [], timeline: [], objectives },
      schedule: { kind: 'none', isOpenLoop: true, offeredPerSecond: 0 },
      passed: audit.clean && objectives.every(({ held }) => held) && warnings.length === 0,
    };
    return [result];
  },
};
