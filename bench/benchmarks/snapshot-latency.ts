import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nodeDisk } from '../../engine/journal/disk.ts';
import { deleteSnapshotsBefore } from '../../engine/journal/snapshots.ts';
import { JournalPositions } from '../../engine/shard/journal-positions.ts';
import { RecoveryBoard } from '../../engine/shard/recovery-board.ts';
import { SnapshotPool } from '../../engine/shard/snapshot-pool.ts';
import type { SnapshotReport, SnapshotTask } from '../../engine/shard/snapshot-thread.ts';
import {
  type About,
  type Benchmark,
  Checks,
  grouped,
  type Metric,
  type Outcome,
  percentileOf,
  type Size,
} from '../suite.ts';
import { delaysOf } from '../venue/backlog.ts';
import { BusyThread } from '../venue/busy-thread.ts';
import { runChecked } from '../venue/checked-venue.ts';
import { RingVenue } from '../venue/ring-venue.ts';
import { LONE_SHARD } from '../venue/shard-journal.ts';
import { type CommandFlow, sliceOf } from '../workloads/command-flow.ts';
import { commandsOf } from '../workloads/message-commands.ts';
import {
  makeUsEquityFlow,
  type Regime,
  US_EQUITY_ACCOUNTS,
  US_EQUITY_MIX,
} from '../workloads/us-equity-flow.ts';

/** In the journal before anything is timed: what a snapshot is made of. */
const WARM_UP: Record<Size, number> = { full: 2_000_000, quick: 1_000_000, test: 5_000 };
/** Of one round, offered by the clock. */
const OFFERED: Record<Size, number> = { full: 100_000, quick: 100_000, test: 2_000 };
const OFFERED_PER_SECOND = 50_000;
const ROUNDS: Record<Size, number> = { full: 8, quick: 4, test: 1 };
const SEED = 1;
const REGIME: Regime = 'collapse';

/** On the disk that has the repository. */
const FOLDER = 'bench/results';

/** `busy` tells what of a snapshot's effect is that of any work of the lowest priority on the machine's last idle time. */
const WAYS = ['without', 'busy', 'with'] as const;
type Way = (typeof WAYS)[number];

interface Round {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Of the round's time, while a snapshot was being made. */
  readonly overlap: number;
}

/** A shard that trades with a journal, and the thread that makes its snapshots. */
class JournaledVenue {
  readonly #directory: string;
  readonly #positions = new JournalPositions(JournalPositions.allocate(1));
  readonly #pool = new SnapshotPool();
  readonly #busyThread = new BusyThread();
  readonly #flow: CommandFlow;
  readonly venue: RingVenue;
  #sent = 0;

  constructor(directory: string, flow: CommandFlow) {
    this.#directory = directory;
    this.#flow = flow;
    this.venue = new RingVenue(flow, {
      ...{ directory, durability: 'fsync', board: RecoveryBoard.allocate(1) },
      ...{ positions: this.#positions.shared, projectedSequence: 0 },
    });
  }

  async warmUp(count: number): Promise<void> {
    await this.venue.setUp();
    this.venue.sendAtFullSpeed(this.#flow, 0, count);
    this.#sent = count;
  }

  async round(count: number, way: Way): Promise<Round> {
    const sequence = this.#positions.committed(0)!;
    const made = way === 'with' ? this.#run(sequence) : null;
    const startMs = performance.now() + 1;
    this.#busyThread.isBusy = way === 'busy';
    const delays = this.#offer(count, startMs);
    this.#busyThread.isBusy = false;
    const tookMs = performance.now() - startMs;
    const elapsedMs = (await made)?.elapsedMs ?? 0;
    // The next one is to be as much work.
    deleteSnapshotsBefore(nodeDisk, this.#directory, Number.MAX_SAFE_INTEGER);
    const sorted = delays.map((delay) => delay * 1000).sort();
    return {
      p50: percentileOf(sorted, 0.5),
      p99: percentileOf(sorted, 0.99),
      p999: percentileOf(sorted, 0.999),
      overlap: Math.min(1, elapsedMs / tookMs),
    };
  }

  async stop(): Promise<void> {
    await this.venue.stop();
    await this.#pool.close();
    await this.#busyThread.end();
  }

  #offer(count: number, startMs: number): Float64Array {
    const slice = sliceOf(this.#flow, this.#sent, this.#sent + count);
    this.#sent += count;
    const intervalMs = 1000 / OFFERED_PER_SECOND;
    const sentAtMs = new Float64Array(count);
    const answeredAtMs = new Float64Array(count);
    this.venue.sendOnSchedule(slice, startMs, intervalMs, sentAtMs, answeredAtMs);
    return delaysOf(answeredAtMs, startMs, intervalMs);
  }

  async #run(sequence: number): Promise<SnapshotReport> {
    const heard = { events: 0, messages: [0] };
    const care = { durability: 'fsync', sequence, heard } as const;
    const task: SnapshotTask = { ...LONE_SHARD, directory: this.#directory, ...care };
    const answer = await this.#pool.run(task);
    if ('headers' in answer) return answer;
    throw new Error(`the snapshot was not made: ${answer.message}`);
  }
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const timed = OFFERED[size] * ROUNDS[size] * WAYS.length;
  const flow = makeUsEquityFlow(REGIME, SEED, WARM_UP[size] + timed);
  const { commands, trades } = commandsOf(flow, US_EQUITY_ACCOUNTS);
  mkdirSync(FOLDER, { recursive: true });
  const directory = mkdtempSync(join(resolve(FOLDER), 'snapshot-latency-'));
  const rounds: Record<Way, Round[]> = { without: [], busy: [], with: [] };
  let heard = '';
  try {
    const journaled = new JournaledVenue(directory, commands);
    const { venue } = journaled;
    await journaled.warmUp(commands.count - timed);
    for (let count = 0; count < ROUNDS[size]; count++) {
      for (const way of WAYS) rounds[way].push(await journaled.round(OFFERED[size], way));
    }
    heard = venue.heard.text();
    checks.equal('every command was answered', venue.answers, commands.count);
    checks.expect('every asset adds up to the unit', venue.isAudited());
    await journaled.stop();
  } finally {
    rmSync(directory, { recursive: true });
  }
  const { digest } = runChecked(commands, trades, REGIME, checks);
  checks.equal('the trades are those of the shard alone', heard, digest.text());
  const metrics = WAYS.flatMap((way) => metricsOf(way, rounds[way]));
  return { metrics, resultHash: heard, ok: checks.ok, checks: checks.lines };
}

function metricsOf(way: Way, rounds: readonly Round[]): Metric[] {
  const metric = (what: string, unit: string, of: (round: Round) => number): Metric => {
    return { name: `${way}: ${what}`, unit, values: rounds.map(of) };
  };
  const latencies = [
    metric('order to answer, p50', 'µs', ({ p50 }) => p50),
    metric('order to answer, p99', 'µs', ({ p99 }) => p99),
    metric('order to answer, p99.9', 'µs', ({ p999 }) => p999),
  ];
  if (way !== 'with') return latencies;
  return [...latencies, metric('a snapshot under way', '% of the time', (of) => 100 * of.overlap)];
}

function about(size: Size): About {
  return {
    description:
      'what a snapshot costs who trades: the path of journaled-engine by the clock, without a snapshot, beside a thread of the ' +
      "snapshots' priority that is merely busy, and with a snapshot made meanwhile from the whole journal, in turn",
    work:
      `${ROUNDS[size]} rounds of each, of ${grouped(OFFERED[size])} commands at ${grouped(OFFERED_PER_SECOND)} a ` +
      `second, behind ${grouped(WARM_UP[size])} in the journal`,
    mix: `${US_EQUITY_MIX} (${REGIME} only)`,
    durability: 'fsync: synced before any answer',
    leavesOut:
      'sockets, signatures, market-data frames, the database (its ring is emptied undecoded); the gateway spins over its rings',
    hashOf: 'every trade with its ids, and the number of refusals',
  };
}

export const snapshotLatency: Benchmark = { name: 'snapshot-latency', about, run };
