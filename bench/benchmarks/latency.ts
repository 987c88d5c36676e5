import { Hash64 } from '../../engine/collections/hash64.ts';
import { type Benchmark, Checks, type Metric, type Outcome, type Size } from '../suite.ts';
import { RingVenue } from '../venue/ring-venue.ts';
import type { CommandFlow } from '../workloads/command-flow.ts';
import { EXCHANGE_CORE_MIX, ExchangeCoreFlow } from '../workloads/exchange-core-flow.ts';

const RATES: Record<Size, readonly number[]> = {
  full: [125_000, 250_000, 500_000, 1_000_000, 1_500_000, 2_000_000, 3_000_000],
  quick: [125_000, 250_000, 500_000, 1_000_000],
  test: [20_000],
};
const SECONDS: Record<Size, number> = { full: 1.5, quick: 0.5, test: 0.1 };
const ROUNDS: Record<Size, number> = { full: 3, quick: 1, test: 1 };
const WARM_UP: Record<Size, number> = { full: 400_000, quick: 200_000, test: 2_000 };
/** A rate counts as sustained when the last answer came this soon after the last planned send. */
const SUSTAINED_WITHIN_MS = 50;
const SEED = 1;

/** What one round at one rate showed; times in µs. */
interface Round {
  readonly fastest: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** How late the generator itself was, at the 99.9th percentile. */
  readonly lateness: number;
  /** Commands answered per second, from the first planned send to the last answer. */
  readonly achieved: number;
  readonly isSustained: boolean;
}

/** One round, its schedule fixed in advance: command `i` is due at start + i / rate whatever happens. */
function runRound(venue: RingVenue, flow: CommandFlow, rate: number): Round {
  const intervalMs = 1000 / rate;
  const sentAtMs = new Float64Array(flow.count);
  const answeredAtMs = new Float64Array(flow.count);
  const startMs = performance.now() + 1;
  venue.sendOnSchedule(flow, startMs, intervalMs, sentAtMs, answeredAtMs);
  const tookMs = performance.now() - startMs;
  const lateness = sinceDueUs(sentAtMs, startMs, intervalMs);
  const latency = sinceDueUs(answeredAtMs, startMs, intervalMs);
  return {
    fastest: latency[0]!,
    p50: percentileOf(latency, 0.5),
    p99: percentileOf(latency, 0.99),
    p999: percentileOf(latency, 0.999),
    max: latency.at(-1)!,
    lateness: percentileOf(lateness, 0.999),
    achieved: (flow.count / tookMs) * 1000,
    isSustained: tookMs - flow.count * intervalMs < SUSTAINED_WITHIN_MS,
  };
}

/** Of each command the time since it was due, µs, sorted. */
function sinceDueUs(atMs: Float64Array, startMs: number, intervalMs: number): Float64Array {
  return atMs.map((at, index) => (at - startMs - index * intervalMs) * 1000).sort();
}

/** Of values sorted ascending: the smallest that at least this share does not exceed. */
export function percentileOf(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const source = new ExchangeCoreFlow(SEED);
  const warmUp = source.next(WARM_UP[size]);
  const venue = new RingVenue(warmUp);
  await venue.setUp();
  venue.sendAtFullSpeed(warmUp, 0, warmUp.count);
  hash.add(venue.trades);
  hash.add(venue.refusals);
  const metrics: Metric[] = [];
  let sent = warmUp.count;
  let sustained = 0;
  for (const rate of RATES[size]) {
    const rounds: Round[] = [];
    while (rounds.length < ROUNDS[size]) {
      const flow = source.next(Math.round(rate * SECONDS[size]));
      rounds.push(runRound(venue, flow, rate));
      sent += flow.count;
    }
    const isEarly = rounds.some(({ fastest }) => fastest <= 0);
    checks.expect(`${rate}/s: no command was answered before it was due`, !isEarly);
    const isSustained = rounds.filter((round) => round.isSustained).length * 2 > rounds.length;
    metrics.push(...metricsOf(rate, rounds, isSustained));
    if (!isSustained) break;
    sustained = rate;
  }
  checks.equal('every command sent was answered once', venue.answers, sent);
  checks.expect('every asset adds up to the unit', venue.isAudited());
  await venue.stop();
  metrics.unshift({ name: 'highest rate sustained', unit: 'orders/s', values: [sustained] });
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

function metricsOf(rate: number, rounds: readonly Round[], isSustained: boolean): Metric[] {
  const label = `${rate.toLocaleString('en')}/s${isSustained ? '' : ' (saturated)'}`;
  const metric = (name: string, unit: string, of: (round: Round) => number): Metric => ({
    name: `${label}: ${name}`,
    unit,
    values: rounds.map(of),
  });
  return [
    metric('p50', 'µs', (round) => round.p50),
    metric('p99', 'µs', (round) => round.p99),
    metric('p99.9', 'µs', (round) => round.p999),
    metric('max', 'µs', (round) => round.max),
    metric('generator late by, p99.9', 'µs', (round) => round.lateness),
    metric('achieved', 'orders/s', (round) => round.achieved),
  ];
}

export const latency: Benchmark = {
  name: 'latency',
  description:
    'the path of engine-through-rings under an open load: answers timed from the planned send time (decoded ' +
    'at the gateway), three rounds of 1.5 s a rate, upwards until one is not sustained',
  mix: EXCHANGE_CORE_MIX,
  leavesOut:
    'sockets, signatures, market-data frames, the database; the gateway spins over its rings',
  run,
};
