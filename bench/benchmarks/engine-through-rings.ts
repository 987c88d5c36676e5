import { Hash64 } from '../../engine/collections/hash64.ts';
import {
  type Benchmark,
  Checks,
  digestWords,
  type Metric,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';
import { RingVenue } from '../venue/ring-venue.ts';
import type { CommandFlow } from '../workloads/command-flow.ts';
import { EXCHANGE_CORE_MIX, makeExchangeCoreFlow } from '../workloads/exchange-core-flow.ts';
import { commandsOf } from '../workloads/message-commands.ts';
import {
  makeUsEquityFlow,
  type Regime,
  US_EQUITY_ACCOUNTS,
  US_EQUITY_MIX,
} from '../workloads/us-equity-flow.ts';

const COMMANDS: Record<Size, number> = { full: 1_000_000, quick: 200_000, test: 10_000 };
const WARM_UP: Record<Size, number> = { full: 250_000, quick: 100_000, test: 2_000 };
const ROUNDS: Record<Size, number> = { full: 4, quick: 2, test: 2 };
const SEED = 1;
/** Every round needs a new shard thread: five regimes would take minutes, so the slowest in process is taken. */
const REGIME: Regime = 'collapse';

/** Sends a whole flow through a new shard thread: the first part to warm up, the rest timed. */
async function sendOnce(flow: CommandFlow, warmUp: number, checks: Checks) {
  const venue = new RingVenue(flow);
  await venue.setUp();
  venue.sendAtFullSpeed(flow, 0, warmUp);
  const seconds = secondsOf(() => venue.sendAtFullSpeed(flow, warmUp, flow.count));
  checks.equal('every command was answered', venue.answers, flow.count);
  checks.expect('every asset adds up to the unit', venue.isAudited());
  const digest = venue.digest();
  await venue.stop();
  return { rate: (flow.count - warmUp) / seconds / 1e6, digest, trades: venue.trades };
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const total = COMMANDS[size] + WARM_UP[size];
  const { commands, trades } = commandsOf(
    makeUsEquityFlow(REGIME, SEED, total),
    US_EQUITY_ACCOUNTS,
  );
  const flows = [
    { name: `workload 1, ${REGIME}`, flow: commands, trades: trades.lots.length },
    { name: 'workload 2, exchange-core', flow: makeExchangeCoreFlow(SEED, total), trades: -1 },
  ].map((of) => ({ ...of, rates: [] as number[], digest: '' }));
  for (let round = 0; round < ROUNDS[size]; round++) {
    for (const of of flows) {
      const result = await sendOnce(of.flow, WARM_UP[size], checks);
      of.rates.push(result.rate);
      if (of.trades >= 0) checks.equal('as many trades as the book', result.trades, of.trades);
      if (round > 0) checks.equal('every round the same trades', result.digest, of.digest);
      of.digest = result.digest;
    }
  }
  for (const { digest } of flows) for (const word of digestWords(digest)) hash.add(word);
  const metrics = flows.map(
    ({ name, rates }): Metric => ({ name, unit: 'M orders/s', values: rates }),
  );
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

export const engineThroughRings: Benchmark = {
  name: 'engine-through-rings',
  description:
    'gateway thread → msgpack ring → shard thread (reserve, match, settle, fees) → msgpack ring → gateway ' +
    'thread, sustained: every command encoded and every event decoded within the clock',
  mix: `${US_EQUITY_MIX} (${REGIME} only). ${EXCHANGE_CORE_MIX}`,
  leavesOut:
    'sockets, signatures, market-data frames, the database (its ring is emptied undecoded)',
  run,
};
