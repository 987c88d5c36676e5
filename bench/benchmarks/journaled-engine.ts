import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Hash64 } from '../../engine/collections/hash64.ts';
import { JournalPositions } from '../../engine/shard/journal-positions.ts';
import { RecoveryBoard } from '../../engine/shard/recovery-board.ts';
import type { JournalTask } from '../../engine/shard/shard-thread.ts';
import {
  type About,
  type Benchmark,
  Checks,
  digestWords,
  grouped,
  type Metric,
  type Outcome,
  percentileOf,
  type Size,
  secondsOf,
} from '../suite.ts';
import { delaysOf } from '../venue/backlog.ts';
import { runChecked } from '../venue/checked-venue.ts';
import { RingVenue } from '../venue/ring-venue.ts';
import { bytesIn } from '../venue/shard-journal.ts';
import { type CommandFlow, sliceOf } from '../workloads/command-flow.ts';
import { commandsOf } from '../workloads/message-commands.ts';
import {
  makeUsEquityFlow,
  type Regime,
  US_EQUITY_ACCOUNTS,
  US_EQUITY_MIX,
} from '../workloads/us-equity-flow.ts';

const COMMANDS: Record<Size, number> = { full: 1_000_000, quick: 200_000, test: 10_000 };
const WARM_UP: Record<Size, number> = { full: 250_000, quick: 100_000, test: 2_000 };
/** Offered by the clock, for the latency. */
const OFFERED: Record<Size, number> = { full: 250_000, quick: 100_000, test: 2_000 };
const OFFERED_PER_SECOND = 50_000;
const ROUNDS: Record<Size, number> = { full: 5, quick: 2, test: 1 };
const SEED = 1;
const REGIME: Regime = 'collapse';

/** On the disk that has the repository. */
const FOLDER = 'bench/results';

const WAYS = ['none', 'os', 'fsync'] as const;
type Way = (typeof WAYS)[number];

interface Round {
  /** M orders/s, as fast as they were answered. */
  readonly rate: number;
  readonly latencyUs: { readonly p50: number; readonly p99: number };
  /** Of the journal, per command; 0 without one. */
  readonly bytesPerCommand: number;
}

async function runOnce(
  flow: CommandFlow,
  way: Way,
  size: Size,
  digest: string,
  checks: Checks,
): Promise<Round> {
  const directory = mkdtempSync(join(resolve(FOLDER), 'journaled-'));
  try {
    const venue = new RingVenue(flow, way === 'none' ? undefined : taskOf(directory, way));
    await venue.setUp();
    const first = WARM_UP[size];
    const end = first + COMMANDS[size];
    venue.sendAtFullSpeed(flow, 0, first);
    const rate = (end - first) / 1e6 / secondsOf(() => venue.sendAtFullSpeed(flow, first, end));
    const latencyUs = offer(venue, sliceOf(flow, end, flow.count));
    checks.equal(`${way}: every command was answered`, venue.answers, flow.count);
    checks.expect(`${way}: every asset adds up to the unit`, venue.isAudited());
    checks.equal(`${way}: the trades are those of the shard alone`, venue.heard.text(), digest);
    await venue.stop();
    return { rate, latencyUs, bytesPerCommand: bytesIn(directory) / flow.count };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function taskOf(directory: string, durability: 'os' | 'fsync'): JournalTask {
  const board = RecoveryBoard.allocate(1);
  const positions = JournalPositions.allocate(1);
  return { directory, durability, board, positions, projectedSequence: 0 };
}

function offer(venue: RingVenue, flow: CommandFlow): Round['latencyUs'] {
  const intervalMs = 1000 / OFFERED_PER_SECOND;
  const sentAtMs = new Float64Array(flow.count);
  const answeredAtMs = new Float64Array(flow.count);
  const startMs = performance.now() + 1;
  venue.sendOnSchedule(flow, startMs, intervalMs, sentAtMs, answeredAtMs);
  const delaysMs = delaysOf(answeredAtMs, startMs, intervalMs);
  const delaysUs = delaysMs.map((delay) => delay * 1000).sort();
  return { p50: percentileOf(delaysUs, 0.5), p99: percentileOf(delaysUs, 0.99) };
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const total = WARM_UP[size] + COMMANDS[size] + OFFERED[size];
  const flow = makeUsEquityFlow(REGIME, SEED, total);
  const { commands, trades } = commandsOf(flow, US_EQUITY_ACCOUNTS);
  const { digest } = runChecked(commands, trades, REGIME, checks);
  for (const word of digestWords(digest.text())) hash.add(word);
  mkdirSync(FOLDER, { recursive: true });
  const rounds: Record<Way, Round[]> = { none: [], os: [], fsync: [] };
  for (let round = 0; round < ROUNDS[size]; round++) {
    for (const way of WAYS) {
      rounds[way].push(await runOnce(commands, way, size, digest.text(), checks));
    }
  }
  const metrics = WAYS.flatMap((way) => metricsOf(way, rounds[way], rounds.none));
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

function metricsOf(way: Way, rounds: readonly Round[], without: readonly Round[]): Metric[] {
  const metric = (
    what: string,
    unit: string,
    of: (round: Round, at: number) => number,
  ): Metric => ({
    name: `${way}: ${what}`,
    unit,
    values: rounds.map(of),
  });
  const pace = `at ${OFFERED_PER_SECOND / 1000} K/s`;
  const all = [
    metric('as fast as answered', 'M orders/s', ({ rate }) => rate),
    metric(`order to answer ${pace}, p50`, 'µs', ({ latencyUs }) => latencyUs.p50),
    metric(`order to answer ${pace}, p99`, 'µs', ({ latencyUs }) => latencyUs.p99),
  ];
  if (way === 'none') return all;
  return [
    ...all,
    metric('of the rate without', '%', ({ rate }, at) => (100 * rate) / without[at]!.rate),
    metric('journal', 'bytes/command', ({ bytesPerCommand }) => bytesPerCommand),
  ];
}

function about(size: Size): About {
  return {
    description:
      'gateway thread → msgpack ring → shard thread with its journal → msgpack ring → gateway thread: as fast as ' +
      `commands are answered, at most 8,192 under way; then ${grouped(OFFERED_PER_SECOND)} a second by the clock, ` +
      'from the planned time to the decoded answer',
    work:
      `${grouped(COMMANDS[size])} commands at full speed after ${grouped(WARM_UP[size])} to warm up, then ` +
      `${grouped(OFFERED[size])} by the clock; ${ROUNDS[size]} rounds, the durabilities in turn`,
    mix: `${US_EQUITY_MIX} (${REGIME} only)`,
    durability:
      'as each line says: none (no journal), os (written, not synced), fsync (synced before any answer)',
    leavesOut:
      'sockets, signatures, market-data frames, the database (its ring is emptied undecoded)',
    hashOf: 'every trade with its ids, and the number of refusals',
  };
}

export const journaledEngine: Benchmark = { name: 'journaled-engine', about, run };
