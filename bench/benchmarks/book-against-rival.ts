import { OrderBook } from '../../engine/book/order-book.ts';
import { Hash64 } from '../../engine/collections/hash64.ts';
import { replay } from '../replay/replay.ts';
import { ReportHash } from '../replay/report-hash.ts';
import { type RivalResult, replayIntoRival, textIdsOf } from '../replay/rival-replay.ts';
import { type Benchmark, Checks, median, type Outcome, type Size, secondsOf } from '../suite.ts';
import { makeUsEquityFlow, REGIME_NAMES, US_EQUITY_MIX } from '../workloads/us-equity-flow.ts';

const MESSAGES: Record<Size, number> = { full: 300_000, quick: 50_000, test: 5_000 };
const ROUNDS: Record<Size, number> = { full: 3, quick: 2, test: 1 };
const SEED = 1;
/** Ours is over in milliseconds: repeated within a round, or the timer would decide the ratio. */
const OWN_REPEATS = 5;

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const regimes = REGIME_NAMES.map((regime) => {
    const flow = makeUsEquityFlow(regime, SEED, MESSAGES[size]);
    const ids = textIdsOf(flow);
    return { regime, flow, ids, own: [] as number[], rival: [] as number[] };
  });
  // Round 0 warms both up and compares what they answer.
  for (let round = 0; round <= ROUNDS[size]; round++) {
    for (const { regime, flow, ids, own, rival } of regimes) {
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
      if (round > 0) {
        own.push((flow.count * OWN_REPEATS) / ownSeconds / 1e6);
        rival.push(flow.count / rivalSeconds / 1e6);
        continue;
      }
      checks.equal(`${regime}: the same trades`, answer.trades, reports.trades);
      checks.equal(`${regime}: the same traded lots`, answer.tradedLots, reports.tradedLots);
      checks.equal(`${regime}: the same rejects`, answer.rejects, reports.rejects);
      hash.add(reports.trades);
      hash.add(reports.tradedLots);
      hash.add(reports.rejects);
    }
  }
  const metrics = regimes.flatMap(({ regime, own, rival }) => [
    { name: `${regime}: ours`, unit: 'M messages/s', values: own },
    { name: `${regime}: nodejs-order-book`, unit: 'M messages/s', values: rival },
    { name: `${regime}: ratio`, unit: 'times', values: ratios(own, rival) },
  ]);
  const ownWorst = worstOf(regimes.map(({ own }) => own));
  const rivalWorst = worstOf(regimes.map(({ rival }) => rival));
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

export const bookAgainstRival: Benchmark = {
  name: 'book-against-rival',
  description:
    'our book and the npm package nodejs-order-book on the same messages, in turns in one process; ' +
    'ours also hashes every report, the rival is only counted',
  mix: US_EQUITY_MIX,
  leavesOut: 'accounts, balances, encoding, threads, sockets',
  run,
};
