import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { Random } from '../random.ts';
import type {
  GeneratorResult,
  RunResult,
  ScenarioResult,
  SpanName,
  SpanResult,
  TimelinePoint,
  VenueSample,
} from '../result/run-result.ts';

/** Right-skewed latencies around `medianUs`, with a slow tail of `tailShare`. */
function spanOf(
  name: SpanName,
  medianUs: number,
  random: () => number,
  { count = 20_000, tailShare = 0.004, isOpenLoop = true } = {},
): SpanResult {
  const histogram = build({ numberOfSignificantValueDigits: 3 });
  for (let sample = 0; sample < count; sample++) {
    const body = Math.exp((random() + random() + random() - 1.5) * 0.9);
    const tail = random() < tailShare ? 4 + 40 * random() ** 3 : 1;
    histogram.recordValue(Math.max(1, Math.round(medianUs * body * tail)));
  }
  return {
    name,
    isOpenLoop,
    count,
    minUs: histogram.minNonZeroValue,
    meanUs: histogram.mean,
    p50Us: histogram.getValueAtPercentile(50),
    p90Us: histogram.getValueAtPercentile(90),
    p99Us: histogram.getValueAtPercentile(99),
    p999Us: histogram.getValueAtPercentile(99.9),
    p9999Us: histogram.getValueAtPercentile(99.99),
    maxUs: histogram.maxValue,
    histogram: encodeIntoCompressedBase64(histogram),
  };
}

function timelineOf(seconds: number, rate: number, slowness: number, random: () => number) {
  return Array.from({ length: seconds }, (_, second): TimelinePoint => {
    const stall = second === Math.floor(seconds * 0.6) ? 9 : 1;
    const wobble = 0.9 + 0.25 * random();
    const acknowledged = Math.round(rate * (stall > 1 ? 0.93 : 1) * (0.997 + 0.004 * random()));
    return {
      atMs: second * 1_000,
      intended: rate,
      sent: acknowledged + 3,
      acknowledged,
      refused: stall > 1 ? 40 : Math.round(random() * 2),
      ackP50Us: Math.round(230 * slowness * wobble),
      ackP99Us: Math.round(900 * slowness * wobble * stall),
      ackMaxUs: Math.round(3_200 * slowness * (0.6 + random()) * stall),
      ackFromSendP99Us: Math.round(760 * slowness * wobble),
      scheduleErrorP99Us: Math.round(60 + 50 * random()),
    };
  });
}

function venueSamplesOf(seconds: number, random: () => number): VenueSample[] {
  return Array.from({ length: seconds }, (_, second) => ({
    atMs: second * 1_000 + 40,
    ringFillBytes: {
      'gateway → shard 0': Math.round(40_000 * random() ** 2),
      'gateway → shard 1': Math.round(30_000 * random() ** 2),
      'shard 0 → gateway': Math.round(90_000 * random() ** 2),
      'shard 0 → persistence': Math.round(600_000 * random()),
    },
    batchInputsMean: 38 + 20 * random(),
    syncMeanUs: 140 + 60 * random(),
    syncMaxUs: 400 + 2_000 * random() ** 4,
    databaseLagEvents: Math.round(4_000 + 3_000 * Math.sin(second / 4) + 500 * random()),
    threadCpuShare: {
      gateway: 0.55 + 0.1 * random(),
      'shard 0': 0.35 + 0.1 * random(),
      'shard 1': 0.3 + 0.1 * random(),
      persistence: 0.22 + 0.08 * random(),
    },
    garbageCollectionShare: { gateway: 0.02 * random(), 'shard 0': 0.004 * random() },
    residentMemoryBytes: 420e6 + 900_000 * second,
  }));
}

function generatorsOf(late: number, random: () => number): GeneratorResult[] {
  return [0, 1].map((process) => ({
    process,
    connections: 8,
    sent: 300_000,
    lateSends: late,
    scheduleErrorP99Us: Math.round(90 + 40 * random()),
    cpuShare: 0.42 + 0.1 * random(),
    eventLoopDelayMaxMs: 4.2,
    eventLoopDelayP99Ms: 1.1,
    lastSendLateMs: 0.2,
    ownLateness: [{ percentile: 99, shownUs: 2_000, fromSendUs: 1_500 }],
  }));
}

interface FixtureOptions {
  readonly seed: number;
  /** Factor on all latencies. */
  readonly slowness: number;
  readonly seconds: number;
  readonly commit: string;
}

/** A run as a venue on a small machine could give it: a passed scenario, a failed one, and one with next to no data. */
export function makeRunResult(options: Partial<FixtureOptions> = {}): RunResult {
  const { seed = 1, slowness = 1, seconds = 60, commit = '3f9c2d17' } = options;
  const numbers = new Random(seed);
  const random = () => numbers.next();
  return {
    formatVersion: 1,
    environment: {
      startedAtMs: Date.UTC(2026, 2, 14, 9, 26, 53),
      processors: '2 × AMD EPYC 7R13',
      memoryBytes: 8 * 2 ** 30,
      kernel: 'Linux 6.1.0-25-amd64',
      node: 'v20.20.2',
      commit,
      venue: { url: 'ws://127.0.0.1:8080/ws', isOwn: true, shards: 2, durability: 'fsync' },
      sharesMachine: true,
      leavesOut: [
        'No network: generator and venue speak over the loopback device of one machine.',
        'The disk is a virtual one whose sync may be acknowledged before it is durable.',
      ],
    },
    scenarios: [
      steadyMix(seconds, slowness, random),
      microburst(seconds, slowness, random),
      connectStorm(random),
    ],
  };
}

function steadyMix(seconds: number, slowness: number, random: () => number): ScenarioResult {
  const timeline = timelineOf(seconds, 10_000, slowness, random);
  const acknowledged = timeline.reduce((total, point) => total + point.acknowledged, 0);
  return {
    name: 'steady-mix',
    description:
      'Limit orders around the mid, one in ten marketable, one in five cancelled soon after.',
    parameters: {
      rate: 10_000,
      schedule: 'poisson',
      seconds,
      markets: 4,
      accounts: 64,
      msgpack: true,
    },
    startedAtMs: Date.UTC(2026, 2, 14, 9, 27, 0),
    measuredMs: seconds * 1_000,
    schedule: { kind: 'poisson', isOpenLoop: true, offeredPerSecond: 10_000 },
    spans: [
      spanOf('ack', 240 * slowness, random),
      spanOf('ack-from-send', 210 * slowness, random, { tailShare: 0.002 }),
      spanOf('ack-closed-loop', 205 * slowness, random, { isOpenLoop: false, tailShare: 0.001 }),
      spanOf('first-fill', 320 * slowness, random, { count: 6_000 }),
      spanOf('cancelled', 230 * slowness, random, { count: 5_000 }),
      spanOf('market-data', 410 * slowness, random),
      spanOf('fan-out', 60 * slowness, random),
      spanOf('schedule-error', 18, random),
      spanOf('to-gateway', 60 * slowness, random),
      spanOf('to-match', 40 * slowness, random),
      spanOf('to-journal', 95 * slowness, random),
      spanOf('to-publish', 15 * slowness, random),
      spanOf('from-publish', 30 * slowness, random),
      spanOf('to-client', 45 * slowness, random),
    ],
    timeline,
    counts: {
      sent: acknowledged + 51,
      acknowledged,
      refused: { BUSY: 40, INSUFFICIENT_FUNDS: 11 },
      unknown: 0,
      orders: Math.round(acknowledged * 0.8),
      cancels: acknowledged + 51 - Math.round(acknowledged * 0.8),
      replaces: 0,
      fills: Math.round(acknowledged * 0.11),
      marketDataFrames: Math.round(acknowledged * 0.4),
    },
    generators: generatorsOf(0, random),
    venueSamples: venueSamplesOf(seconds, random),
    audit: {
      clean: true,
      checks: [
        {
          name: 'requests add up',
          holds: true,
          detail: 'sent = acknowledged + refused + unknown in each of 2 generators',
        },
        { name: 'sequences', holds: true, detail: '4 streams, 61,204 frames, no gap' },
        { name: 'books', holds: true, detail: '4 books rebuilt from streams equal the engine’s' },
        {
          name: 'money',
          holds: true,
          detail: '64 accounts and the fee account add up in 5 assets',
        },
        { name: 'database', holds: true, detail: 'lag 0 after 1.2 s; 66,010 trades agree' },
      ],
    },
    objectives: [
      { text: 'ack.p99<25ms', held: true, actual: '0.9 ms' },
      { text: 'unknown=0', held: true, actual: '0' },
    ],
    figures: [],
    warnings: [],
    passed: true,
  };
}

function microburst(seconds: number, slowness: number, random: () => number): ScenarioResult {
  const steady = steadyMix(seconds, slowness * 2.4, random);
  const warning = 'The generator was the bottleneck: process 1 sent 2,140 orders late (0.7%).';
  return {
    ...steady,
    name: 'microburst',
    description:
      'Quiet, and every two seconds 2,000 orders within ten milliseconds <b>&amp;</b> </script>.',
    schedule: { kind: 'microbursts', isOpenLoop: true, offeredPerSecond: 10_000 },
    parameters: {
      rate: 10_000,
      burst: 2_000,
      everyMs: 2_000,
      seconds,
      note: "it's </script> quoted",
    },
    generators: [
      steady.generators[0]!,
      { ...steady.generators[1]!, lateSends: 2_140, bottleneck: 'late sends above 0.1%' },
    ],
    audit: {
      clean: false,
      leftOut: ['The venue has no database to compare with.'],
      checks: steady.audit.checks.map((check) =>
        check.name === 'books'
          ? { ...check, holds: false, detail: 'market 3: bid 101.25 has 4 lots, the engine says 5' }
          : check,
      ),
    },
    counts: { ...steady.counts, notSent: 1_234, cancelled: 4_321, cancelsTooLate: 17 },
    notMeasured: ['The venue’s rings are not known.'],
    objectives: [{ text: 'ack.p99<1ms', held: false, actual: '3.21 ms' }],
    warnings: [warning, 'The audit failed: books.'],
    passed: false,
  };
}

function connectStorm(random: () => number): ScenarioResult {
  const counts = {
    sent: 0,
    acknowledged: 0,
    refused: {},
    unknown: 0,
    orders: 0,
    cancels: 0,
    replaces: 0,
    fills: 0,
    marketDataFrames: 0,
  };
  return {
    name: 'connect-storm',
    description: 'Connections opened and logged in as fast as they come.',
    parameters: { connections: 500 },
    startedAtMs: Date.UTC(2026, 2, 14, 9, 30, 0),
    measuredMs: 2_000,
    schedule: { kind: 'closed', isOpenLoop: false, offeredPerSecond: 0 },
    spans: [spanOf('connect', 4_000, random, { count: 500, isOpenLoop: false })],
    timeline: [],
    counts,
    generators: generatorsOf(0, random).slice(0, 1),
    venueSamples: [],
    audit: { clean: true, checks: [] },
    objectives: [],
    figures: [{ name: 'connects', value: 251.3, unit: '/s' }],
    warnings: [],
    passed: true,
  };
}
