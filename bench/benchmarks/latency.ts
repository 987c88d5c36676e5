import {
  type About,
  type Benchmark,
  Checks,
  grouped,
  type Metric,
  median,
  type Outcome,
  percentileOf,
  type Size,
} from '../suite.ts';
import { backlogGrowth, delaysOf, SUSTAINED_GROWTH_MAX } from '../venue/backlog.ts';
import { runChecked } from '../venue/checked-venue.ts';
import { RingVenue } from '../venue/ring-venue.ts';
import { type CommandFlow, sliceOf } from '../workloads/command-flow.ts';
import {
  EXCHANGE_CORE_MIX,
  EXCHANGE_CORE_PUBLISHED,
  ExchangeCoreFlow,
} from '../workloads/exchange-core-flow.ts';

/** Rates that are always measured, orders/s; the result hash is of their commands and of those to warm up. */
const RATES: Record<Size, readonly number[]> = {
  full: [125_000, 250_000],
  quick: [125_000, 250_000],
  test: [20_000],
};
/** Then these, upwards, until one is not sustained. */
const HIGHER_RATES: Record<Size, readonly number[]> = {
  full: [500_000, 1_000_000, 1_500_000, 2_000_000, 3_000_000],
  quick: [500_000, 1_000_000],
  test: [40_000],
};
const SECONDS: Record<Size, number> = { full: 1.5, quick: 0.5, test: 0.1 };
const ROUNDS: Record<Size, number> = { full: 3, quick: 1, test: 1 };
/** In which every account that ever sells does so: the venue funds those that it sees selling. */
const WARM_UP: Record<Size, number> = { full: 400_000, quick: 200_000, test: 100_000 };
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
  /** Of the backlog, see `backlogGrowth`. */
  readonly growth: number;
}

/** One round, its schedule fixed in advance: command `i` is due at start + i / rate whatever happens. */
function runRound(venue: RingVenue, flow: CommandFlow, rate: number): Round {
  const intervalMs = 1000 / rate;
  const sentAtMs = new Float64Array(flow.count);
  const answeredAtMs = new Float64Array(flow.count);
  const startMs = performance.now() + 1;
  venue.sendOnSchedule(flow, startMs, intervalMs, sentAtMs, answeredAtMs);
  const tookMs = performance.now() - startMs;
  const delays = delaysOf(answeredAtMs, startMs, intervalMs);
  const growth = backlogGrowth(delays, intervalMs);
  const latency = inMicroseconds(delays);
  return {
    fastest: latency[0]!,
    p50: percentileOf(latency, 0.5),
    p99: percentileOf(latency, 0.99),
    p999: percentileOf(latency, 0.999),
    max: latency.at(-1)!,
    lateness: percentileOf(inMicroseconds(delaysOf(sentAtMs, startMs, intervalMs)), 0.999),
    achieved: (flow.count / tookMs) * 1000,
    growth,
  };
}

/** Delays in µs, sorted. */
function inMicroseconds(delaysMs: Float64Array): Float64Array {
  return delaysMs.map((delay) => delay * 1000).sort();
}

function isSustained(rounds: readonly Round[]): boolean {
  return median(rounds.map(({ growth }) => growth)) < SUSTAINED_GROWTH_MAX;
}

/** The commands of a round of a rate. */
function commandsAt(rate: number, size: Size): number {
  return Math.round(rate * SECONDS[size]);
}

/** Sends a new flow through a new venue, rate after rate, and checks what it answers. */
class RateLadder {
  readonly checks = new Checks();
  readonly metrics: Metric[] = [];
  readonly #size: Size;
  readonly #source = new ExchangeCoreFlow(SEED);
  /** What is always sent. */
  readonly #flow: CommandFlow;
  readonly #venue: RingVenue;
  #sent = 0;

  constructor(size: Size) {
    const timed = RATES[size].reduce((sum, rate) => sum + commandsAt(rate, size), 0);
    this.#size = size;
    this.#flow = this.#source.next(WARM_UP[size] + timed * ROUNDS[size]);
    this.#venue = new RingVenue(this.#flow);
  }

  /** Answers the highest rate up to which all were sustained, and the hash of what is always sent. */
  async climb(): Promise<{ sustained: number; resultHash: string }> {
    await this.#venue.setUp();
    this.#venue.sendAtFullSpeed(this.#next(WARM_UP[this.#size]), 0, WARM_UP[this.#size]);
    let sustained = 0;
    let isHolding = true;
    for (const rate of RATES[this.#size]) {
      isHolding = this.#measure(rate) && isHolding;
      if (isHolding) sustained = rate;
    }
    const resultHash = this.#venue.heard.text();
    for (const rate of HIGHER_RATES[this.#size]) {
      if (!isHolding) break;
      isHolding = this.#measure(rate);
      if (isHolding) sustained = rate;
    }
    await this.#finish(resultHash);
    return { sustained, resultHash };
  }

  /** Whether the rate was sustained. */
  #measure(rate: number): boolean {
    const rounds: Round[] = [];
    while (rounds.length < ROUNDS[this.#size]) {
      rounds.push(runRound(this.#venue, this.#next(commandsAt(rate, this.#size)), rate));
    }
    const isEarly = rounds.some(({ fastest }) => fastest <= 0);
    this.checks.expect(`${rate}/s: no command was answered before it was due`, !isEarly);
    this.metrics.push(...metricsOf(rate, rounds));
    return isSustained(rounds);
  }

  /** The next commands: of what is always sent, then new ones. */
  #next(count: number): CommandFlow {
    const from = this.#sent;
    this.#sent += count;
    if (this.#sent > this.#flow.count) return this.#source.next(count);
    return sliceOf(this.#flow, from, this.#sent);
  }

  async #finish(resultHash: string): Promise<void> {
    const { checks } = this;
    const { heard, answers } = this.#venue;
    const { trades } = this.#source;
    const lots = trades.lots.reduce((sum, of) => sum + of, 0);
    checks.equal('every command sent was answered once', answers, this.#sent);
    checks.equal('at all rates: as many trades as the book alone', heard.trades, trades.count);
    checks.equal('at all rates: as many traded lots as the book alone', heard.tradedLots, lots);
    checks.expect('every asset adds up to the unit', this.#venue.isAudited());
    await this.#venue.stop();
    const source = new ExchangeCoreFlow(SEED);
    const flow = source.next(this.#flow.count);
    const { digest } = runChecked(flow, source.trades, 'what is always sent', checks);
    checks.equal('what is always sent: the same through rings', resultHash, digest.text());
  }
}

async function run(size: Size): Promise<Outcome> {
  const ladder = new RateLadder(size);
  const { sustained, resultHash } = await ladder.climb();
  const { checks, metrics } = ladder;
  metrics.unshift({ name: 'highest rate sustained', unit: 'orders/s', values: [sustained] });
  return { metrics, resultHash, ok: checks.ok, checks: checks.lines };
}

function metricsOf(rate: number, rounds: readonly Round[]): Metric[] {
  const label = `${grouped(rate)}/s${isSustained(rounds) ? '' : ' (not sustained)'}`;
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
    metric('growth of the backlog', '% of the rate', (round) => round.growth * 100),
  ];
}

function about(size: Size): About {
  const always = RATES[size].map(grouped).join(' and ');
  return {
    description:
      'the path of engine-through-rings under an open load: answers timed from the planned send time (decoded ' +
      `at the gateway); ${always} orders/s in any case, then upwards until the backlog grows by 1 % of the rate`,
    work:
      `${ROUNDS[size]} rounds of ${SECONDS[size]} s a rate, after ${grouped(WARM_UP[size])} commands to warm up ` +
      'the one venue of all rates',
    mix: EXCHANGE_CORE_MIX,
    leavesOut:
      'sockets, signatures, market-data frames, the database; the gateway spins over its rings',
    hashOf:
      `every trade with its ids, and the number of refusals, of what warms up and of ${always} orders/s; how many ` +
      'of the higher rates follow depends on the machine, so their trades are only counted and added up',
    published: EXCHANGE_CORE_PUBLISHED,
  };
}

export const latency: Benchmark = { name: 'latency', about, run };
