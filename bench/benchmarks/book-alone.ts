import { OrderBook } from '../../engine/book/order-book.ts';
import { Hash64 } from '../../engine/collections/hash64.ts';
import { replay } from '../replay/replay.ts';
import { ReportHash } from '../replay/report-hash.ts';
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
import type { MessageFlow } from '../workloads/message-flow.ts';
import { makeUsEquityFlow, REGIME_NAMES, US_EQUITY_MIX } from '../workloads/us-equity-flow.ts';

const MESSAGES: Record<Size, number> = { full: 2_000_000, quick: 300_000, test: 20_000 };
const ROUNDS: Record<Size, number> = { full: 7, quick: 3, test: 1 };
const SEED = 1;
/** Of the flow with a fuller book: some eighty orders wait to be cancelled at any time, instead of about one. */
const LONG_LIFE_ARRIVALS = 100;

interface ReplayResult {
  readonly seconds: number;
  readonly digest: string;
  readonly trades: number;
  /** Orders that rest when half of the messages have come. */
  readonly resting: number;
}

/** Replays a whole flow into a fresh book. */
function replayOnce(flow: MessageFlow, Book: typeof OrderBook): ReplayResult {
  const book = new Book();
  const reports = new ReportHash();
  let resting = 0;
  const seconds = secondsOf(() => {
    const half = flow.count >> 1;
    replay(flow, 0, half, book, reports);
    resting = book.orderCount;
    replay(flow, half, flow.count, book, reports);
  });
  return { seconds, digest: reports.digest(), trades: reports.trades, resting };
}

/** @param Book a wrong one, to see that it is found out */
export async function runBookAlone(size: Size, Book = OrderBook): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const messages = MESSAGES[size];
  const names: string[] = [
    ...REGIME_NAMES,
    `normal, orders live ${LONG_LIFE_ARRIVALS} times as long`,
  ];
  const flows = REGIME_NAMES.map((regime) => makeUsEquityFlow(regime, SEED, messages));
  flows.push(makeUsEquityFlow('normal', SEED, messages, LONG_LIFE_ARRIVALS));
  const warm = flows.map((flow) => replayOnce(flow, Book));
  const rates = flows.map((): number[] => []);
  for (let round = 0; round < ROUNDS[size]; round++) {
    flows.forEach((flow, index) => {
      const result = replayOnce(flow, Book);
      rates[index]!.push(flow.count / result.seconds / 1e6);
      checks.equal(`${names[index]}: the same reports`, result.digest, warm[index]!.digest);
    });
  }
  for (const { digest } of warm) for (const word of digestWords(digest)) hash.add(word);
  const metrics = names.map((name, index) => {
    const { trades, resting } = warm[index]!;
    const traded = `${((100 * trades) / flows[index]!.count).toFixed(1)} % trades per message`;
    return {
      name: `${name} (${traded}, ${grouped(resting)} rest half-way)`,
      unit: 'M messages/s',
      values: rates[index]!,
    };
  });
  const worst = rates
    .slice(0, REGIME_NAMES.length)
    .reduce((low, of) => (median(of) < median(low) ? of : low));
  metrics.unshift({ name: 'worst of the five regimes', unit: 'M messages/s', values: worst });
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

function about(size: Size): About {
  return {
    description:
      'the matching book in process: warm code, a fresh book each round, every report hashed',
    work:
      `about ${grouped(MESSAGES[size])} messages of each of the five regimes, and of one with orders that ` +
      `live ${LONG_LIFE_ARRIVALS} arrivals; ${ROUNDS[size]} rounds after one to warm up`,
    mix: US_EQUITY_MIX,
    leavesOut: 'accounts, balances, encoding, threads, sockets',
    hashOf: 'every field of every report, of each flow',
  };
}

export const bookAlone: Benchmark = {
  name: 'book-alone',
  about,
  run: (size) => runBookAlone(size),
};
