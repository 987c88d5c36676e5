import { OrderBook } from '../../engine/book/order-book.ts';
import { Hash64 } from '../../engine/collections/hash64.ts';
import { replay } from '../replay/replay.ts';
import { ReportDrain } from '../replay/report-drain.ts';
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
import { makeUsEquityFlow, REGIME_NAMES, US_EQUITY_MIX } from '../workloads/us-equity-flow.ts';

const MESSAGES: Record<Size, number> = { full: 2_000_000, quick: 300_000, test: 20_000 };
const ROUNDS: Record<Size, number> = { full: 5, quick: 3, test: 1 };
const SEED = 1;

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const flows = REGIME_NAMES.map((regime) => makeUsEquityFlow(regime, SEED, MESSAGES[size]));
  const rates = flows.map((): number[] => []);
  const digests = flows.map(() => '');
  const drain = new ReportDrain();
  // Round 0 warms both threads up and is not counted.
  for (let round = 0; round <= ROUNDS[size]; round++) {
    flows.forEach((flow, index) => {
      const seconds = secondsOf(() => {
        replay(flow, 0, flow.count, new OrderBook(), drain.writer);
        const digest = drain.finish();
        digests[index] = round === 0 || digest === digests[index] ? digest : 'differs';
      });
      if (round > 0) rates[index]!.push(flow.count / seconds / 1e6);
    });
  }
  await drain.stop();
  flows.forEach((flow, index) => {
    const reports = new ReportHash();
    replay(flow, 0, flow.count, new OrderBook(), reports);
    const what = `${REGIME_NAMES[index]}: the other thread folded what the book reports in process`;
    checks.equal(what, digests[index], reports.digest());
    for (const word of digestWords(reports.digest())) hash.add(word);
  });
  const metrics = REGIME_NAMES.map((regime, index) => ({
    name: regime as string,
    unit: 'M messages/s',
    values: rates[index]!,
  }));
  const worst = rates.reduce((low, of) => (median(of) < median(low) ? of : low));
  metrics.unshift({ name: 'worst of the five regimes', unit: 'M messages/s', values: worst });
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

function about(size: Size): About {
  return {
    description:
      'the book with every report written as a binary record into a ring; another thread drains it and ' +
      'hashes every report, and the clock stops when it has hashed the last',
    work:
      `about ${grouped(MESSAGES[size])} messages of each of the five regimes, a fresh book each round; ` +
      `${ROUNDS[size]} rounds after one to warm up`,
    mix: US_EQUITY_MIX,
    leavesOut: 'accounts, balances, msgpack, the way in (messages come from memory), sockets',
    hashOf: 'every field of every report, of each regime, as the other thread drained them',
  };
}

export const bookThroughRing: Benchmark = { name: 'book-through-ring', about, run };
