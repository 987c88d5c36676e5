import { OrderBook } from '../../engine/book/order-book.ts';
import { Hash64 } from '../../engine/collections/hash64.ts';
import { replay } from '../replay/replay.ts';
import { ReportHash } from '../replay/report-hash.ts';
import {
  type Benchmark,
  Checks,
  digestWords,
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

/** What one regime's flow gave, whenever it was replayed. */
export interface ReplayResult {
  readonly seconds: number;
  readonly digest: string;
  readonly trades: number;
  readonly orderCount: number;
}

/** Replays a whole flow into a fresh book. */
export function replayOnce(flow: MessageFlow): ReplayResult {
  const book = new OrderBook();
  const reports = new ReportHash();
  const seconds = secondsOf(() => replay(flow, 0, flow.count, book, reports));
  return {
    seconds,
    digest: reports.digest(),
    trades: reports.trades,
    orderCount: book.orderCount,
  };
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const flows = REGIME_NAMES.map((regime) => makeUsEquityFlow(regime, SEED, MESSAGES[size]));
  const warm = flows.map((flow) => replayOnce(flow));
  const rates = flows.map((): number[] => []);
  for (let round = 0; round < ROUNDS[size]; round++) {
    flows.forEach((flow, index) => {
      const result = replayOnce(flow);
      rates[index]!.push(flow.count / result.seconds / 1e6);
      if (result.digest !== warm[index]!.digest)
        checks.expect('every round gave one result', false);
    });
  }
  checks.expect('every round gave the same reports', checks.ok);
  for (const { digest } of warm) for (const word of digestWords(digest)) hash.add(word);
  const metrics = REGIME_NAMES.map((regime, index) => ({
    name: `${regime} (${percent(warm[index]!.trades, flows[index]!.count)} trades per message)`,
    unit: 'M messages/s',
    values: rates[index]!,
  }));
  const worst = rates.reduce((low, of) => (median(of) < median(low) ? of : low));
  metrics.unshift({ name: 'worst of the five regimes', unit: 'M messages/s', values: worst });
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

export const bookAlone: Benchmark = {
  name: 'book-alone',
  description:
    'the matching book in process: warm code, a fresh book each round, every report hashed',
  mix: US_EQUITY_MIX,
  leavesOut: 'accounts, balances, encoding, threads, sockets',
  run,
};
