import { Hash64 } from '../../engine/collections/hash64.ts';
import {
  type About,
  type Benchmark,
  Checks,
  digestWords,
  grouped,
  type Metric,
  median,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';
import { backlogGrowth, delaysOf, SUSTAINED_GROWTH_MAX } from '../venue/backlog.ts';
import { runChecked } from '../venue/checked-venue.ts';
import { RingVenue } from '../venue/ring-venue.ts';
import { type CommandFlow, sliceOf } from '../workloads/command-flow.ts';
import { EXCHANGE_CORE_MIX, ExchangeCoreFlow } from '../workloads/exchange-core-flow.ts';
import { commandsOf } from '../workloads/message-commands.ts';
import {
  makeUsEquityFlow,
  type Regime,
  US_EQUITY_ACCOUNTS,
  US_EQUITY_MIX,
} from '../workloads/us-equity-flow.ts';

/** Of each of the two timed parts: as fast as answered, and offered by the clock. */
const COMMANDS: Record<Size, number> = { full: 1_000_000, quick: 200_000, test: 10_000 };
const WARM_UP: Record<Size, number> = { full: 250_000, quick: 100_000, test: 2_000 };
const ROUNDS: Record<Size, number> = { full: 4, quick: 2, test: 2 };
const SEED = 1;
/** Of workload 1 the one that trades most; every round needs a new shard thread, so five would take minutes. */
const REGIME: Regime = 'collapse';
/** Of the rate at which commands were answered when the next was sent for each answer. */
const OFFERED_SHARE = 0.95;

/** What one new venue showed. */
interface Round {
  /** M commands/s, as fast as they were answered. */
  readonly rate: number;
  /** M commands/s, by the clock. */
  readonly offered: number;
  /** Of the backlog while they were offered, see `backlogGrowth`. */
  readonly growth: number;
  readonly digest: string;
}

/** Sends a flow through a new shard thread: to warm up, as fast as it is answered, and by the clock. */
async function sendOnce(
  flow: CommandFlow,
  warmUp: number,
  timed: number,
  checks: Checks,
): Promise<Round> {
  const venue = new RingVenue(flow);
  await venue.setUp();
  venue.sendAtFullSpeed(flow, 0, warmUp);
  const seconds = secondsOf(() => venue.sendAtFullSpeed(flow, warmUp, warmUp + timed));
  const rate = timed / seconds / 1e6;
  const offered = rate * OFFERED_SHARE;
  const growth = offer(venue, sliceOf(flow, warmUp + timed, flow.count), offered);
  checks.equal('every command was answered', venue.answers, flow.count);
  checks.expect('every asset adds up to the unit', venue.isAudited());
  const digest = venue.heard.text();
  await venue.stop();
  return { rate, offered, growth, digest };
}

/** Offers a flow at a fixed rate, M commands/s; answers the growth of the backlog. */
function offer(venue: RingVenue, flow: CommandFlow, rate: number): number {
  const intervalMs = 1 / (rate * 1000);
  const sentAtMs = new Float64Array(flow.count);
  const answeredAtMs = new Float64Array(flow.count);
  const startMs = performance.now() + 1;
  venue.sendOnSchedule(flow, startMs, intervalMs, sentAtMs, answeredAtMs);
  return backlogGrowth(delaysOf(answeredAtMs, startMs, intervalMs), intervalMs);
}

function flowsOf(size: Size) {
  const total = WARM_UP[size] + 2 * COMMANDS[size];
  const equities = commandsOf(makeUsEquityFlow(REGIME, SEED, total), US_EQUITY_ACCOUNTS);
  const source = new ExchangeCoreFlow(SEED);
  const flow = source.next(total);
  return [
    { name: `workload 1, ${REGIME}`, flow: equities.commands, trades: equities.trades },
    { name: 'workload 2, exchange-core', flow, trades: source.trades },
  ].map((of) => ({ ...of, rounds: [] as Round[] }));
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const flows = flowsOf(size);
  for (let round = 0; round < ROUNDS[size]; round++) {
    for (const { flow, rounds } of flows)
      rounds.push(await sendOnce(flow, WARM_UP[size], COMMANDS[size], checks));
  }
  for (const { name, flow, trades, rounds } of flows) {
    const { digest } = runChecked(flow, trades, name, checks);
    for (const word of digestWords(digest.text())) hash.add(word);
    for (const round of rounds)
      checks.equal(`${name}: the same through rings`, round.digest, digest.text());
  }
  const metrics = flows.flatMap(({ name, rounds }) => metricsOf(name, rounds));
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

function metricsOf(name: string, rounds: readonly Round[]): Metric[] {
  const isSustained = median(rounds.map(({ growth }) => growth)) < SUSTAINED_GROWTH_MAX;
  const metric = (what: string, unit: string, of: (round: Round) => number): Metric => ({
    name: `${name}: ${what}`,
    unit,
    values: rounds.map(of),
  });
  return [
    metric('as fast as answered', 'M orders/s', ({ rate }) => rate),
    metric(isSustained ? 'sustained' : 'offered, NOT sustained', 'M orders/s', (of) => of.offered),
    metric('growth of the backlog then', '% of the offered', ({ growth }) => growth * 100),
  ];
}

function about(size: Size): About {
  return {
    description:
      'gateway thread → msgpack ring → shard thread (reserve, match, settle, fees) → msgpack ring → gateway ' +
      'thread: every command encoded and every event decoded within the clock. First as fast as commands are ' +
      `answered, at most 8,192 under way; then offered by the clock at ${OFFERED_SHARE * 100} % of that rate, which ` +
      'is called sustained when the backlog grows by less than 1 % of what is offered',
    work:
      `${grouped(COMMANDS[size])} commands of each of the two workloads in each way, after ` +
      `${grouped(WARM_UP[size])} to warm up a new shard; ${ROUNDS[size]} rounds`,
    mix: `${US_EQUITY_MIX} (${REGIME} only). ${EXCHANGE_CORE_MIX}`,
    leavesOut:
      'sockets, signatures, market-data frames, the database (its ring is emptied undecoded)',
    hashOf: 'every trade of both workloads with its ids, and the number of refusals',
  };
}

export const engineThroughRings: Benchmark = { name: 'engine-through-rings', about, run };
