import { Hash64 } from '../../engine/collections/hash64.ts';
import {
  type Benchmark,
  Checks,
  digestWords,
  median,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';
import { HeardTrades } from '../venue/heard-trades.ts';
import { dropped, encodeFlow, LoneVenue } from '../venue/lone-venue.ts';
import type { CommandFlow } from '../workloads/command-flow.ts';
import { commandsOf } from '../workloads/message-commands.ts';
import {
  makeUsEquityFlow,
  REGIME_NAMES,
  US_EQUITY_ACCOUNTS,
  US_EQUITY_MIX,
} from '../workloads/us-equity-flow.ts';

const MESSAGES: Record<Size, number> = { full: 1_000_000, quick: 200_000, test: 10_000 };
const ROUNDS: Record<Size, number> = { full: 3, quick: 2, test: 1 };
const SEED = 1;

/** A way to call the core. `prepare` does what the clock does not see and answers what it does. */
interface Variant {
  readonly name: string;
  prepare(flow: CommandFlow): (venue: LoneVenue) => void;
}

const VARIANTS: readonly Variant[] = [
  {
    name: 'frames in, frames out',
    prepare(flow) {
      const frames = encodeFlow(flow);
      return (venue) => venue.applyFrames(frames, dropped);
    },
  },
];

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const rates = VARIANTS.map(() => REGIME_NAMES.map((): number[] => []));
  REGIME_NAMES.forEach((regime, regimeIndex) => {
    const flow = makeUsEquityFlow(regime, SEED, MESSAGES[size]);
    const { commands, trades } = commandsOf(flow, US_EQUITY_ACCOUNTS);
    const checked = new LoneVenue(commands);
    const heard = new HeardTrades();
    checked.applyFrames(encodeFlow(commands), heard.take);
    checks.expect(`${regime}: the trades are those of the book alone`, heard.areTrades(trades));
    const digest = checked.stateDigest();
    for (const word of digestWords(digest)) hash.add(word);
    hash.add(heard.refusals);
    VARIANTS.forEach((variant, variantIndex) => {
      const apply = variant.prepare(commands);
      for (let round = 0; round < ROUNDS[size]; round++) {
        const venue = new LoneVenue(commands);
        const seconds = secondsOf(() => apply(venue));
        rates[variantIndex]![regimeIndex]!.push(commands.count / seconds / 1e6);
        const what = `${regime}, ${variant.name}, round ${round + 1}`;
        checks.expect(`${what}: every asset adds up to the unit`, venue.isAudited());
        checks.equal(`${what}: the same state and events`, venue.stateDigest(), digest);
      }
    });
  });
  const metrics = VARIANTS.flatMap((variant, index) => {
    const of = rates[index]!;
    const worst = of.reduce((low, next) => (median(next) < median(low) ? next : low));
    const named = of.map((values, at) => ({ name: REGIME_NAMES[at] as string, values }));
    return [{ name: 'worst of the five regimes', values: worst }, ...named].map((metric) => ({
      name: `${variant.name}: ${metric.name}`,
      unit: 'M commands/s',
      values: metric.values,
    }));
  });
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

export const shardInProcess: Benchmark = {
  name: 'shard-in-process',
  description:
    'one shard in process: commands decoded, funds reserved, matched, settled with fees, events encoded and dropped',
  mix: `${US_EQUITY_MIX}; of ${US_EQUITY_ACCOUNTS} accounts with ample funds, half of which only buy`,
  leavesOut: 'encoding of the commands, rings and threads, sockets',
  run,
};
