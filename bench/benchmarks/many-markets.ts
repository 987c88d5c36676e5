import { Hash64 } from '../../engine/collections/hash64.ts';
import {
  type Benchmark,
  Checks,
  digestWords,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';
import { HeardTrades } from '../venue/heard-trades.ts';
import { dropped, encodeFlow, LoneVenue } from '../venue/lone-venue.ts';
import { makeZipfFlow, ZIPF_ACCOUNTS, ZIPF_MARKETS, ZIPF_MIX } from '../workloads/zipf-flow.ts';

const COMMANDS: Record<Size, number> = { full: 500_000, quick: 200_000, test: 10_000 };
const ACCOUNTS: Record<Size, number> = { full: ZIPF_ACCOUNTS, quick: ZIPF_ACCOUNTS, test: 2_000 };
const ROUNDS: Record<Size, number> = { full: 3, quick: 2, test: 1 };
const SEED = 1;

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const flow = makeZipfFlow(SEED, COMMANDS[size], ZIPF_MARKETS, ACCOUNTS[size]);
  const frames = encodeFlow(flow);
  const checked = new LoneVenue(flow);
  const heard = new HeardTrades();
  checked.applyFrames(frames, heard.take);
  const digest = checked.stateDigest();
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS[size]; round++) {
    const venue = new LoneVenue(flow);
    const seconds = secondsOf(() => venue.applyFrames(frames, dropped));
    rates.push(flow.count / seconds / 1e6);
    checks.expect('every asset adds up to the unit', venue.isAudited());
    checks.equal('every round the same state and events', venue.stateDigest(), digest);
  }
  checks.expect('there were trades', heard.tradeCount > flow.count / 50);
  for (const word of digestWords(digest)) hash.add(word);
  hash.add(heard.tradeCount);
  hash.add(heard.refusals);
  const name = `frames in, frames out (${heard.tradeCount} trades, ${heard.refusals} refusals)`;
  const metrics = [{ name, unit: 'M commands/s', values: rates }];
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

export const manyMarkets: Benchmark = {
  name: 'many-markets',
  description:
    'one shard in process with 100 markets and 100,000 funded accounts: commands decoded, applied, events encoded and dropped',
  mix: ZIPF_MIX,
  leavesOut: 'encoding of the commands, rings and threads, sockets',
  run,
};
