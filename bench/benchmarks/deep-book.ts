import { OrderBook } from '../../engine/book/order-book.ts';
import { Hash64 } from '../../engine/collections/hash64.ts';
import { memoryInUse } from '../memory.ts';
import { replay } from '../replay/replay.ts';
import { ReportHash } from '../replay/report-hash.ts';
import {
  type About,
  type Benchmark,
  Checks,
  digestWords,
  grouped,
  type Metric,
  median,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';
import { DEEP_MIX, makeDeepFlow, restBackground } from '../workloads/deep-flow.ts';
import type { MessageFlow } from '../workloads/message-flow.ts';
import { makeUsEquityFlow } from '../workloads/us-equity-flow.ts';

const DEPTHS: Record<Size, readonly number[]> = {
  full: [1_000, 10_000, 100_000, 1_000_000, 10_000_000],
  quick: [1_000, 10_000, 100_000, 1_000_000],
  test: [1_000, 10_000],
};
const ROUNDS: Record<Size, number> = { full: 5, quick: 3, test: 1 };
const MESSAGES_PER_ROUND: Record<Size, number> = { full: 200_000, quick: 100_000, test: 5_000 };
const SEED = 1;

/** Fills a book to a depth, then times `rounds` runs of messages that keep it there. */
function runDepth(depth: number, rounds: number, messages: number, checks: Checks) {
  const flow = makeDeepFlow(SEED, depth, rounds * messages);
  const before = memoryInUse();
  const book = new OrderBook();
  const reports = new ReportHash();
  replay(flow, 0, depth, book, reports);
  const after = memoryInUse();
  checks.equal(`${depth}: all of them rest`, book.orderCount, depth);
  const nanoseconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const from = depth + round * messages;
    const seconds = secondsOf(() => replay(flow, from, from + messages, book, reports));
    nanoseconds.push((seconds / messages) * 1e9);
  }
  const drift = Math.abs(book.orderCount - depth) / depth;
  checks.expect(`${depth}: the depth was held`, drift < 0.5);
  checks.expect(`${depth}: there were trades`, reports.trades > messages / 200);
  return {
    nanoseconds,
    bytesPerOrder: (after.usedBytes - before.usedBytes) / depth,
    residentPerOrder: (after.residentBytes - before.residentBytes) / depth,
    digest: reports.digest(),
  };
}

/** Times workload 1 in the middle of `depth` resting orders. */
function runTouch(flow: MessageFlow, depth: number, rounds: number, checks: Checks) {
  const book = new OrderBook();
  const reports = new ReportHash();
  restBackground(book, depth);
  const messages = Math.floor(flow.count / rounds);
  const nanoseconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const from = round * messages;
    const seconds = secondsOf(() => replay(flow, from, from + messages, book, reports));
    nanoseconds.push((seconds / messages) * 1e9);
  }
  checks.expect(`${depth} around the touch: all of them still rest`, book.orderCount >= depth);
  return { nanoseconds, digest: reports.digest() };
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const depths = DEPTHS[size];
  runDepth(depths[0]!, 2, MESSAGES_PER_ROUND[size], new Checks());
  const results = depths.map((depth) =>
    runDepth(depth, ROUNDS[size], MESSAGES_PER_ROUND[size], checks),
  );
  const touchFlow = makeUsEquityFlow('static', SEED, ROUNDS[size] * MESSAGES_PER_ROUND[size]);
  const alone = runTouch(touchFlow, 0, ROUNDS[size], new Checks()).digest;
  const touches = depths.map((depth) => runTouch(touchFlow, depth, ROUNDS[size], checks));
  for (const { digest } of touches) {
    checks.equal('at the touch: the reports are those without the depth', digest, alone);
  }
  for (const { digest } of [...results, touches[0]!])
    for (const word of digestWords(digest)) hash.add(word);
  const metrics = depths.map(
    (depth, index): Metric => ({
      name: `${grouped(depth)} resting orders, everywhere`,
      unit: 'ns/message',
      values: results[index]!.nanoseconds,
    }),
  );
  depths.forEach((depth, index) => {
    metrics.push({
      name: `${grouped(depth)} resting orders, at the touch`,
      unit: 'ns/message',
      values: touches[index]!.nanoseconds,
    });
  });
  const deepest = results.at(-1)!;
  const one = (name: string, unit: string, value: number): Metric => ({
    name,
    unit,
    values: [value],
  });
  const growth = (of: readonly { nanoseconds: number[] }[]): number =>
    median(of.at(-1)!.nanoseconds) / median(of[0]!.nanoseconds);
  metrics.push(one('cost at the deepest over cost at 1,000, everywhere', 'times', growth(results)));
  metrics.push(
    one('cost at the deepest over cost at 1,000, at the touch', 'times', growth(touches)),
  );
  metrics.push(one('memory of the book at the deepest', 'bytes/order', deepest.bytesPerOrder));
  metrics.push(one('  as pages of the process', 'bytes/order', deepest.residentPerOrder));
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

function about(size: Size): About {
  return {
    description: 'the book alone as resting orders grow: cost of a message and memory of an order',
    work:
      `depths of ${DEPTHS[size].map(grouped).join(', ')} orders; at each, ${ROUNDS[size]} runs of ` +
      `${grouped(MESSAGES_PER_ROUND[size])} messages everywhere and about as many at the touch, in one book`,
    mix: DEEP_MIX,
    leavesOut: 'accounts, balances, encoding, threads, sockets',
    hashOf:
      'every report at each depth everywhere, and at the touch, where they must be the same at each depth',
  };
}

export const deepBook: Benchmark = {
  name: 'deep-book',
  nodeOptions: ['--expose-gc'],
  about,
  run,
};
