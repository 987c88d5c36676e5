import { FrameWriter } from '../../engine/protocol/frame-writer.ts';
import { GcWatch } from '../gc-watch.ts';
import {
  type About,
  type Benchmark,
  Checks,
  grouped,
  type Metric,
  median,
  type Outcome,
  type Size,
} from '../suite.ts';
import { CommandEncoder } from '../venue/commands.ts';
import { dropped, LoneVenue } from '../venue/lone-venue.ts';
import type { CommandFlow } from '../workloads/command-flow.ts';
import { EXCHANGE_CORE_MIX, makeExchangeCoreFlow } from '../workloads/exchange-core-flow.ts';

const COMMANDS: Record<Size, number> = { full: 10_000_000, quick: 1_000_000, test: 200_000 };
/** With less, some of the code is not optimized yet, and allocates 110 bytes a command. */
const WARM_UP: Record<Size, number> = { full: 1_000_000, quick: 300_000, test: 300_000 };
/** Commands between two readings of the heap: few enough that most spans see no collection. */
const SPAN = 10_000;
const SEED = 1;

/** What the spans of a run showed. */
interface Spans {
  /** Growth of the heap in each span without a collection, the reading's own taken off, per command. */
  readonly bytes: number[];
  readonly spans: number;
  minor: number;
  major: number;
}

/** Growth of the heap that taking a reading causes by itself. */
function readingBytes(): number {
  const growths = Array.from({ length: 101 }, () => {
    const before = process.memoryUsage().heapUsed;
    return process.memoryUsage().heapUsed - before;
  });
  return median(growths);
}

async function runSpans(venue: LoneVenue, flow: CommandFlow, from: number): Promise<Spans> {
  const watch = new GcWatch();
  const encoder = new CommandEncoder();
  const frames = new FrameWriter(SPAN * 64);
  const result: Spans = {
    bytes: [],
    spans: Math.floor((flow.count - from) / SPAN),
    minor: 0,
    major: 0,
  };
  const ownBytes = readingBytes();
  for (let span = 0; span < result.spans; span++) {
    const first = from + span * SPAN;
    for (let at = first; at < first + SPAN; at++) encoder.encode(frames, flow, at, at + 1);
    const commands = frames.bytes.subarray(frames.start, frames.end);
    const startMs = performance.now();
    const before = process.memoryUsage().heapUsed;
    venue.applyFrames(commands, dropped);
    const growth = process.memoryUsage().heapUsed - before - ownBytes;
    const endMs = performance.now();
    frames.consume(frames.pendingBytes);
    await watch.settle();
    // V8 prefers to collect while the thread yields: all count, but only those within spoil the span.
    const isSpoiled = watch.within(startMs, endMs).length > 0;
    for (const { isMajor } of watch.collections) result[isMajor ? 'major' : 'minor']++;
    watch.collections.length = 0;
    if (!isSpoiled) result.bytes.push(growth / SPAN);
  }
  watch.stop();
  return result;
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const flow = makeExchangeCoreFlow(SEED, WARM_UP[size] + COMMANDS[size]);
  const venue = new LoneVenue(flow);
  await runSpans(venue, { ...flow, count: WARM_UP[size] }, 0);
  globalThis.gc?.();
  const spans = await runSpans(venue, flow, WARM_UP[size]);
  checks.expect('every asset adds up to the unit', venue.isAudited());
  checks.expect('most spans saw no collection', spans.bytes.length >= spans.spans / 2);
  const counted = (COMMANDS[size] / 1e6).toLocaleString('en');
  const one = (name: string, unit: string, value: number): Metric => ({
    name,
    unit,
    values: [value],
  });
  const mean = spans.bytes.reduce((sum, bytes) => sum + bytes, 0) / spans.bytes.length;
  const metrics = [
    one('heap allocated', 'bytes/command', mean),
    one(`major collections in ${counted} million commands`, '', spans.major),
    one(`other collections in ${counted} million commands`, '', spans.minor),
  ];
  return { metrics, resultHash: venue.stateDigest(), ok: checks.ok, checks: checks.lines };
}

function about(size: Size): About {
  return {
    description:
      'garbage a command leaves on the heap in steady state: one shard in process, commands decoded, applied, ' +
      `events encoded; growth of the heap over spans of ${grouped(SPAN)} commands without a collection`,
    work: `${grouped(COMMANDS[size])} commands after ${grouped(WARM_UP[size])} to warm up`,
    mix: EXCHANGE_CORE_MIX,
    leavesOut: 'the gateway, rings and threads',
    hashOf: 'all balances, open orders and the book at the end, and the number of events',
  };
}

export const allocation: Benchmark = {
  name: 'allocation',
  nodeOptions: ['--expose-gc'],
  about,
  run,
};
