import { spanResult } from '../histogram/span-summary.ts';
import { evaluateObjectives } from '../objectives/evaluate.ts';
import { REST_MIXES, type RestMix } from '../rest/rest-requests.ts';
import { runRest } from '../rest/rest-run.ts';
import type { ScenarioResult } from '../result/run-result.ts';
import { type Found, type Sent, withAudit } from '../run/audited.ts';
import { requestWarnings } from '../run/gathered.ts';
import { notMeasuredOf } from '../run/not-measured.ts';
import type { RunServices } from '../run/services.ts';
import { listeningParameters } from './common-parameters.ts';
import { type Parameters, whole } from './parameters.ts';
import type { Scenario } from './scenario.ts';

const NAME = 'rest';
const DESCRIPTION =
  'Signed REST requests by autocannon: an order that is placed, asked for and cancelled, balances and public reads; closed loop.';

const { 'private-streams': PRIVATE_STREAMS } = listeningParameters({});

export const rest: Scenario = {
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    requests: whole(20_000, 1, 100_000_000, 'in all'),
    connections: whole(8, 1, 10_000, 'each sends its next request when the last is answered'),
    accounts: whole(8, 1, 10_000, 'that the orders are of, in turn'),
    mix: {
      kind: 'choice',
      default: 'all',
      choices: REST_MIXES,
      help: 'what is sent: everything, orders that are placed and cancelled (signed beforehand), or one public read, of 20 levels a side or of all markets',
    },
    'private-streams': PRIVATE_STREAMS!,
  },
  objectives: [],
  async run(parameters, services) {
    const connections = parameters.number('connections');
    const requests = parameters.number('requests');
    const setup = {
      ...{ name: NAME, markets: 1, accounts: parameters.number('accounts') },
      hearsAccounts: parameters.text('private-streams') === 'yes',
    };
    const found = await withAudit(setup, services, async (place) => {
      place.teller.enter('measuring', 0);
      const mix = parameters.text('mix') as RestMix;
      const load = { url: services.venue.url, connections, requests, mix };
      const { interruption } = services;
      interruption.check();
      const rested = await runRest(load, place.listed, place.trading, interruption);
      return { ...rested, all: { ...rested.all, marketDataFrames: 0 } };
    });
    return [resultOf(parameters, services, found)];
  },
};

type Rested = Sent & Awaited<ReturnType<typeof runRest>>;

function resultOf(
  parameters: Parameters,
  services: RunServices,
  found: Found<Rested>,
): ScenarioResult {
  const { outcome, audit, venueSamples } = found;
  const { startedAtMs, measuredMs, timeline } = outcome;
  const counts = { ...outcome.measured, marketDataFrames: 0 };
  const spans = [spanResult('rest', false, outcome.latency)];
  const objectives = evaluateObjectives(services.objectives, {
    ...{ measuredMs, spans, counts, generators: [] },
  });
  const warnings = [
    ...services.interruption.warnings,
    ...requestWarnings(outcome.all),
    ...found.warnings,
  ];
  const notMeasured = notMeasuredOf(services.venue, spans, venueSamples);
  return {
    name: NAME,
    description: DESCRIPTION,
    parameters: parameters.all,
    startedAtMs,
    measuredMs,
    schedule: {
      kind: 'closed',
      isOpenLoop: false,
      offeredPerSecond: (counts.sent * 1000) / measuredMs,
    },
    spans,
    timeline,
    counts,
    generators: [],
    venueSamples,
    audit,
    objectives,
    figures: [{ name: 'processor of the client', value: outcome.cpuShare, unit: 'cores' }],
    ...(notMeasured.length === 0 ? {} : { notMeasured }),
    warnings,
    passed: audit.clean && objectives.every(({ held }) => held) && warnings.length === 0,
  };
}
