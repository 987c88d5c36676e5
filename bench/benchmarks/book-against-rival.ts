import { OrderBook } from '../../engine/book/order-book.ts';
import { Hash64 } from '../../engine/collections/hash64.ts';
import { replay } from '../replay/replay.ts';
import { ReportHash } from '../replay/report-hash.ts';
import { type RivalResult, replayIntoRival, textIdsOf } from '../replay/rival-replay.ts';
import { TradeList, TradeReports } from '../replay/trade-list.ts';
import {
  type About,
  type Benchmark,
  Checks,
  grouped,
  median,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';
import type { MessageFlow } from '../workloads/message-flow.ts';
import { makeUsEquityFlow, REGIME_NAMES, US_EQUITY_MIX } from '../workloads/us-equity-flow.ts';

const MESSAGES: Record<Size, number> = { full: 300_000, quick: 50_000, test: 5_000 };
const ROUNDS: Record<Size, number> = { full: 3, quick: 2, test: 1 };
const SEED = 1;
/** Ours is over in milliseconds: repeated within a round, or the timer would decide the ratio. */
const OWN_REPEATS = 5;

/** One regime's messages, and the rates of both books in M messages/s. */
interface Contest {
  readonly regime: string;
  readonly flow: MessageFlow;
  /** The order ids as the rival wants them. */
  readonly ids: readonly string[];
  readonly own: number[];
  readonly rival: number[];
}

/** Times both on the same messages, one after the other; both must count the same. */
function runRound(contest: Contest, isCounted: boolean, checks: Checks): void {
  const { regime, flow, ids, own, rival } = contest;
  let reports = new ReportHash();
  const ownSeconds = secondsOf(() => {
    for (let repeat = 0; repeat < OWN_REPEATS; repeat++) {
      reports = new ReportHash();
      replay(flow, 0, flow.count, new OrderBook(), reports);
    }
  });
  let answer: RivalResult = { trades: 0, tradedLots: 0, rejects: 0 };
  const rivalSeconds = secondsOf(() => {
    answer = replayIntoRival(flow, ids);
  });
  checks.equal(`${regime}: as many trades`, answer.trades, reports.trades);
  checks.equal(`${regime}: as many traded lots`, answer.tradedLots, reports.tradedLots);
  checks.equal(`${regime}: as many rejects`, answer.rejects, reports.rejects);
  if (!isCounted) return;
  own.push((flow.count * OWN_REPEATS) / ownSeconds / 1e6);
  rival.push(flow.count / rivalSeconds / 1e6);
}

/** Compares every trade of both. After the clock: a second class of reports would slow our replay down. */
function compareTrades({ regime, flow, ids }: Contest, checks: Checks, hash: Hash64): void {
  const own = new TradeReports();
  replay(flow, 0, flow.count, new OrderBook(), own);
  const rivalTrades = new TradeList();
  const { trades } = replayIntoRival(flow, ids, rivalTrades);
  checks.equal(`${regime}: every trade of the rival was noted`, rivalTrades.count, trades);
  const difference = own.trades.differenceFrom(rivalTrades);
  checks.equal(`${regime}: price, lots, maker and taker of every trade`, difference, '');
  own.trades.addTo(hash);
  hash.add(own.rejects);
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const contests = REGIME_NAMES.map((regime): Contest => {
    const flow = makeUsEquityFlow(regime, SEED, MESSAGES[size]);
    return { regime, flow, ids: textIdsOf(flow), own: [], rival: [] };
  });
  // Round 0 warms both up.
  for (let round = 0; round <= ROUNDS[size]; round++) {
    for (const contest of contests) runRound(contest, round > 0, checks);
  }
  for (const contest of contests) compareTrades(contest, checks, hash);
  const metrics = contests.flatMap(({ regime, own, rival }) => [
    { name: `${regime}: ours`, unit: 'M messages/s', values: own },
    { name: `${regime}: nodejs-order-book`, unit: 'M messages/s', values: rival },
    { name: `${regime}: ratio`, unit: 'times', values: ratios(own, rival) },
  ]);
  const ownWorst = worstOf(contests.map(({ own }) => own));
  const rivalWorst = worstOf(contests.map(({ rival }) => rival));
  metrics.unshift({
    name: 'worst regime of ours over worst regime of nodejs-order-book',
    unit: 'times',
    values: ratios(ownWorst, rivalWorst),
  });
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

/** The rates of the regime that is slowest by its median. */
function worstOf(rates: readonly number[][]): readonly number[] {
  return rates.reduce((low, of) => (median(of) < median(low) ? of : low));
}

function ratios(own: readonly number[], rival: readonly number[]): number[] {
  return own.map((rate, round) => rate / rival[round]!);
}

function about(size: Size): About {
  return {
    description:
      'our book and the npm package nodejs-order-book on the same messages, in turns in one process; ' +
      'ours also hashes every report, the rival is only counted; afterwards every trade of both is compared',
    work:
      `about ${grouped(MESSAGES[size])} messages of each of the five regimes a round: once for the rival, ` +
      `${OWN_REPEATS} times for ours, a fresh book each time; ${ROUNDS[size]} rounds after one to warm up`,
    mix: US_EQUITY_MIX,
    leavesOut: 'accounts, balances, encoding, threads, sockets',
    hashOf:
      'price, lots, maker and taker of every trade, and the number of rejects, of each regime',
  };
}

export const bookAgainstRival: Benchmark = { name: 'book-against-rival', about, run };
