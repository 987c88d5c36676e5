import { generateKeyPair, secretOf } from '../client/signing.ts';
import type { GeneratorReport } from '../generator/messages.ts';
import type { Encoding } from '../generator/request-encoder.ts';
import type { GeneratorResult, RequestCounts, SpanResult } from '../result/run-result.ts';
import { generatorResults, requestCounts, spanCountsOf } from '../run/gathered.ts';
import { GeneratorFleet } from '../run/generator-fleet.ts';
import { LiveTeller } from '../run/live-progress.ts';
import type { RunServices } from '../run/services.ts';
import { Timeline } from '../run/timeline.ts';
import type { Parameters } from '../scenarios/parameters.ts';
import { mixOf } from '../scenarios/steady-mix.ts';
import { countsPerSecond } from '../schedule/schedule.ts';

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

/** A steady mix for a sink. */
export interface SinkLoad {
  readonly name: string;
  readonly url: string;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly encoding: Encoding;
}

export interface SinkMeasured {
  readonly startedAtMs: number;
  readonly measuredMs: number;
  readonly reports: readonly GeneratorReport[];
  readonly timeline: Timeline;
  readonly generators: readonly GeneratorResult[];
  readonly counts: RequestCounts;
  readonly spans: readonly SpanResult[];
}

/**
 * One generator process and a sink: the requests of a steady mix, of which nothing is audited.
 *
 * @param parameters of a mix, with `connections` and `warm-up`
 */
export async function measureSink(
  { name, url, rate, seconds, encoding }: SinkLoad,
  parameters: Parameters,
  services: RunServices,
): Promise<SinkMeasured> {
  const schedule = { kind: 'constant', rate, seconds } as const;
  const warmUpSeconds = parameters.number('warm-up');
  const measuredMs = seconds * 1000;
  const timeline = new Timeline(countsPerSecond(schedule));
  const teller = new LiveTeller(services.live, name);
  const setup = {
    ...{ process: 0, processes: 1, streamUrl: url, encoding },
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
    teller.enter('measuring', warmUpSeconds * 1000 + measuredMs, () => rate);
    const running = fleet;
    const reports = await services.interruption.ending(
      () => running.stop(),
      () => running.reports(),
    );
    // A sink has no latency to speak of, so what shows as one is the generator's: only the rate can make it the
    // bottleneck.
    const generators = generatorResults(reports, undefined);
    const counts = requestCounts(reports, 'measured', 0);
    const spans = spanCountsOf(reports).results('ack', counts.unknown);
    return { startedAtMs, measuredMs, reports, timeline, generators, counts, spans };
  } finally {
    teller.end();
    await fleet?.end();
  }
}
