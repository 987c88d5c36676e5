import { Hash64 } from '../../engine/collections/hash64.ts';
import { type Benchmark, Checks, type Metric, type Outcome, type Size } from '../suite.ts';
import { RingVenue } from '../venue/ring-venue.ts';
import { EXCHANGE_CORE_MIX, makeExchangeCoreFlow } from '../workloads/exchange-core-flow.ts';

const RATES: Record<Size, readonly number[]> = {
  full: [125_000, 250_000, 500_000, 1_000_000, 1_500_000, 2_000_000, 3_000_000],
  quick: [125_000, 250_000, 500_000, 1_000_000],
  test: [20_000],
};
const SECONDS: Record<Size, number> = { full: 2, quick: 0.5, test: 0.2 };
const WARM_UP: Record<Size, number> = { full: 400_000, quick: 200_000, test: 2_000 };
/** A rate counts as sustained when the last answer came this soon after the last planned send. */
const SUSTAINED_WITHIN_MS = 50;
const SEED = 1;

interface Step {
  readonly latenciesUs: Float64Array;
  /** How late the generator itself was, at the 99.9th percentile. */
  readonly latenessUs: number;
  readonly achieved: number;
  readonly isSustained: boolean;
}

/** One rate, its schedule fixed in advance: command `i` is due at start + i / rate whatever happens. */
function runStep(venue: RingVenue, from: number, count: number, rate: number): Step {
  const intervalMs = 1000 / rate;
  const sentAtMs = new Float64Array(from + count);
  const startMs = performance.now() + 1;
  venue.sendOnSchedule(from, from + count, startMs, intervalMs, sentAtMs);
  const endMs = performance.now();
  const planned = (index: number): number => startMs + index * intervalMs;
  const since = (at: Float64Array): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => (at[from + i]! - planned(i)) * 1000).sort();
  const lateness = since(sentAtMs);
  return {
    latenciesUs: since(venue.answeredAtMs),
    latenessUs: percentileOf(lateness, 0.999),
    achieved: (count / (endMs - startMs)) * 1000,
    isSustained: endMs - planned(count) < SUSTAINED_WITHIN_MS,
  };
}

/** Of values sorted ascending: the smallest that at least this share does not exceed. */
export function percentileOf(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const counts = RATES[size].map((rate) => Math.round(rate * SECONDS[size]));
  const total = WARM_UP[size] + counts.reduce((sum, count) => sum + count, 0);
  const venue = new RingVenue(makeExchangeCoreFlow(SEED, total));
  await venue.setUp();
  venue.sendAtFullSpeed(0, WARM_UP[size]);
  const metrics: Metric[] = [];
  let from = WARM_UP[size];
  let sustained = 0;
  const hash = new Hash64();
  for (const [index, rate] of RATES[size].entries()) {
    const step = runStep(venue, from, counts[index]!, rate);
    from += counts[index]!;
    metrics.push(...metricsOf(rate, step));
    const fastest = step.latenciesUs[0]!;
    checks.expect(`${rate}/s: every command was answered after it was due`, fastest > 0);
    if (index === 0) {
      hash.add(venue.trades);
      hash.add(venue.refusals);
    }
    if (!step.isSustained) break;
    sustained = rate;
  }
  checks.equal('every command sent was answered once', venue.answers, from);
  checks.expect('every asset adds up to the unit', venue.isAudited());
  await venue.stop();
  metrics.unshift({ name: 'highest rate sustained', unit: 'orders/s', values: [sustained] });
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

function metricsOf(rate: number, step: Step): Metric[] {
  const label = `${rate.toLocaleString('en')}/s${step.isSustained ? '' : ' (saturated)'}`;
  const { latenciesUs } = step;
  const metric = (name: string, unit: string, value: number): Metric => ({
    name: `${label}: ${name}`,
    unit,
    values: [value],
  });
  return [
    metric('p50', 'µs', percentileOf(latenciesUs, 0.5)),
    metric('p99', 'µs', percentileOf(latenciesUs, 0.99)),
    metric('p99.9', 'µs', percentileOf(latenciesUs, 0.999)),
    metric('max', 'µs', latenciesUs.at(-1)!),
    metric('generator late by, p99.9', 'µs', step.latenessUs),
    metric('achieved', 'orders/s', step.achieved),
  ];
}

export const latency: Benchmark = {
  name: 'latency',
  description:
    'the path of engine-through-rings under an open load: answers timed from the planned send time (decoded ' +
    'at the gateway), each rate for some seconds, upwards until one is not sustained',
  mix: EXCHANGE_CORE_MIX,
  leavesOut:
    'sockets, signatures, market-data frames, the database; the gateway spins over its rings',
  run,
};
