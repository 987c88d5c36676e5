import { Hash64 } from '../../engine/collections/hash64.ts';
import {
  type About,
  type Benchmark,
  Checks,
  digestWords,
  grouped,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';
import { HeardTrades } from '../venue/heard-trades.ts';
import { dropped, encodeFlow, LoneVenue } from '../venue/lone-venue.ts';
import { makeZipfFlow, ZIPF_ACCOUNTS, ZIPF_MARKETS, zipfMix } from '../workloads/zipf-flow.ts';

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
  const state = checked.stateDigest();
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS[size]; round++) {
    const venue = new LoneVenue(flow);
    const seconds = secondsOf(() => venue.applyFrames(frames, dropped));
    rates.push(flow.count / seconds / 1e6);
    checks.expect('every asset adds up to the unit', venue.isAudited());
    checks.equal('every round the same state and events', venue.stateDigest(), state);
  }
  const { digest } = heard;
  checks.expect('there were trades', digest.trades > flow.count / 50);
  for (const text of [state, digest.text()]) for (const word of digestWords(text)) hash.add(word);
  const name = `frames in, frames out (${digest.trades} trades, ${digest.refusals} refusals)`;
  const metrics = [{ name, unit: 'M commands/s', values: rates }];
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

function about(size: Size): About {
  return {
    description:
      `one shard in process with ${ZIPF_MARKETS} markets and ${grouped(ACCOUNTS[size])} funded accounts: commands ` +
      'decoded, applied, events encoded and dropped',
    work: `${grouped(COMMANDS[size])} commands, a fresh shard each time; ${ROUNDS[size]} rounds after one to warm up`,
    mix: zipfMix(ACCOUNTS[size]),
    leavesOut: 'encoding of the commands, rings and threads, sockets',
    hashOf:
      'every trade with its ids, the number of refusals and of events, and all balances, open orders and books ' +
      'at the end',
  };
}

export const manyMarkets: Benchmark = { name: 'many-markets', about, run };
