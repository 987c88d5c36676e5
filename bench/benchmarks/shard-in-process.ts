import { Hash64 } from '../../engine/collections/hash64.ts';
import { SHARD_PARTS, type ShardParts } from '../../engine/shard/shard-parts.ts';
import { SILENT_PARTS } from '../../engine/shard/silent-outputs.ts';
import {
  type About,
  type Benchmark,
  Checks,
  digestWords,
  grouped,
  median,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';
import { runChecked } from '../venue/checked-venue.ts';
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
  readonly parts: ShardParts;
  prepare(flow: CommandFlow): (venue: LoneVenue) => void;
}

const FRAMES: Variant = {
  parts: SHARD_PARTS,
  prepare(flow) {
    const frames = encodeFlow(flow);
    return (venue) => venue.applyFrames(frames, dropped);
  },
};

const CALLS: Variant = {
  parts: SILENT_PARTS,
  prepare: (flow) => (venue) => venue.applyCalls(flow),
};

async function run(variant: Variant, size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const rates = REGIME_NAMES.map((regime) => {
    const flow = makeUsEquityFlow(regime, SEED, MESSAGES[size]);
    const { commands, trades } = commandsOf(flow, US_EQUITY_ACCOUNTS);
    return { regime, commands, trades, values: [] as number[], digests: [] as string[] };
  });
  for (const { commands, values, digests } of rates) {
    const apply = variant.prepare(commands);
    apply(new LoneVenue(commands, variant.parts));
    for (let round = 0; round < ROUNDS[size]; round++) {
      const venue = new LoneVenue(commands, variant.parts);
      const seconds = secondsOf(() => apply(venue));
      values.push(commands.count / seconds / 1e6);
      digests.push(venue.stateDigest());
    }
  }
  for (const { regime, commands, trades, digests } of rates) {
    const { venue, digest } = runChecked(commands, trades, regime, checks);
    const state = venue.stateDigest();
    for (const text of [state, digest.text()]) for (const word of digestWords(text)) hash.add(word);
    for (const is of digests) checks.equal(`${regime}: the same state and events`, is, state);
  }
  const worst = rates.reduce((low, next) =>
    median(next.values) < median(low.values) ? next : low,
  );
  const metrics = [{ ...worst, regime: 'worst of the five regimes' }, ...rates].map(
    ({ regime, values }) => ({ name: regime, unit: 'M commands/s', values }),
  );
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

/** All but what each variant does and leaves out. */
function commonAbout(size: Size): Omit<About, 'description' | 'leavesOut'> {
  return {
    work:
      `about ${grouped(MESSAGES[size])} commands of each of the five regimes, a fresh shard each time; ` +
      `${ROUNDS[size]} rounds after one to warm up`,
    mix: `${US_EQUITY_MIX}; of ${grouped(US_EQUITY_ACCOUNTS)} accounts with ample funds, half of which only buy`,
    hashOf:
      'every trade with its ids, the number of refusals and of events, and all balances, open orders and the ' +
      'book at the end, of each regime',
  };
}

export const coreInProcess: Benchmark = {
  name: 'core-in-process',
  about: (size) => ({
    ...commonAbout(size),
    description:
      'book and ledger of one shard in process: commands by call, checked, funds reserved, matched, settled with fees, events made and dropped',
    leavesOut: 'decoding of commands, encoding of events, rings and threads, sockets',
  }),
  run: (size) => run(CALLS, size),
};

export const shardInProcess: Benchmark = {
  name: 'shard-in-process',
  about: (size) => ({
    ...commonAbout(size),
    description:
      'one shard in process: commands decoded, funds reserved, matched, settled with fees, events encoded and dropped',
    leavesOut: 'encoding of the commands, rings and threads, sockets',
  }),
  run: (size) => run(FRAMES, size),
};
