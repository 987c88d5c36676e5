import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nodeDisk } from '../../engine/journal/disk.ts';
import { keepHistory } from '../../engine/journal/history-keeping.ts';
import { type SnapshotHeader, snapshotName } from '../../engine/journal/snapshot-layout.ts';
import { deleteSnapshotsBefore } from '../../engine/journal/snapshots.ts';
import {
  type About,
  type Benchmark,
  Checks,
  grouped,
  type Metric,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';
import { encodeFlow } from '../venue/lone-venue.ts';
import { recoverShard } from '../venue/recover-shard.ts';
import { LONE_SHARD, setupOf, writeJournal } from '../venue/shard-journal.ts';
import { type CommandFlow, sliceOf } from '../workloads/command-flow.ts';
import { commandsOf } from '../workloads/message-commands.ts';
import {
  makeUsEquityFlow,
  type Regime,
  US_EQUITY_ACCOUNTS,
  US_EQUITY_MIX,
} from '../workloads/us-equity-flow.ts';

const COMMANDS: Record<Size, number> = { full: 10_000_000, quick: 1_000_000, test: 10_000 };
const ROUNDS: Record<Size, number> = { full: 3, quick: 3, test: 1 };
const SEED = 1;
const REGIME: Regime = 'collapse';
/** Commands that are encoded at a time. */
const SLICE = 250_000;

/** On the disk that has the repository. */
const FOLDER = 'bench/results';

/** The whole flow as frames, of which only a part is in memory. */
function* framesOf(flow: CommandFlow): Generator<Uint8Array> {
  yield setupOf(flow);
  for (let from = 0; from < flow.count; from += SLICE) {
    yield encodeFlow(sliceOf(flow, from, Math.min(flow.count, from + SLICE)));
  }
}

/** Makes a snapshot of the first inputs from the journal alone, as the snapshots' thread does. */
function makeSnapshot(directory: string, sequence: number): SnapshotHeader {
  const heard = { events: 0, messages: [0] };
  const care = { durability: 'fsync', sequence, heard } as const;
  return keepHistory(nodeDisk, directory, LONE_SHARD, care).left[0]!;
}

class Figures {
  readonly #values = new Map<string, { unit: string; values: number[] }>();

  take(name: string, unit: string, value: number): void {
    if (!this.#values.has(name)) this.#values.set(name, { unit, values: [] });
    this.#values.get(name)!.values.push(value);
  }

  get metrics(): Metric[] {
    return [...this.#values].map(([name, figure]) => ({ name, ...figure }));
  }
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const figures = new Figures();
  mkdirSync(FOLDER, { recursive: true });
  const directory = mkdtempSync(join(resolve(FOLDER), 'recovery-'));
  let hash = '';
  try {
    const flow = makeUsEquityFlow(REGIME, SEED, COMMANDS[size]);
    const { commands } = commandsOf(flow, US_EQUITY_ACCOUNTS);
    const inputs = writeJournal(directory, framesOf(commands));
    const whole = makeSnapshot(directory, inputs);
    hash = whole.shardHash;
    deleteSnapshotsBefore(nodeDisk, directory, inputs + 1);
    const { eventSequence } = whole.positions;
    const round = (what: string, sequence: number): void => {
      const recovery = recoverShard(directory, eventSequence);
      const seconds = recovery.openSeconds + recovery.replaySeconds;
      figures.take(what, 's', seconds);
      figures.take(`${what}: to open, of that`, 's', recovery.openSeconds);
      const rate = recovery.inputs / recovery.replaySeconds / 1e6;
      figures.take(`${what}: replayed, loading included`, 'M commands/s', rate);
      checks.equal(`${what}: it begins there`, recovery.snapshotSequence, sequence);
      checks.equal(`${what}: it comes to the end`, recovery.inputs, inputs - sequence);
      checks.equal(`${what}: the state is that of the journal`, recovery.machine.hash(), hash);
    };
    for (let count = 0; count < ROUNDS[size]; count++) round('from the journal alone', 0);
    const half = Math.floor(inputs / 2);
    figures.take(
      'the snapshot: made in',
      's',
      secondsOf(() => makeSnapshot(directory, half)),
    );
    const { size: bytes } = statSync(join(directory, snapshotName(half)));
    figures.take('the snapshot', 'MB', bytes / 1e6);
    for (let count = 0; count < ROUNDS[size]; count++) round('from a snapshot half way', half);
  } finally {
    rmSync(directory, { recursive: true });
  }
  return { metrics: figures.metrics, resultHash: hash, ok: checks.ok, checks: checks.lines };
}

function about(size: Size): About {
  return {
    description:
      'recovery of one shard from its journal alone, and from a snapshot of the first half of it and the rest of the ' +
      'journal: snapshot and journal read and checked, opened to be written to, the snapshot loaded, the rest applied',
    work: `a journal of about ${grouped(COMMANDS[size])} commands, a fresh shard each time; ${ROUNDS[size]} rounds of each`,
    mix: `${US_EQUITY_MIX} (${REGIME} only)`,
    durability: 'os: the journal was written before and is only read here',
    leavesOut:
      'reading from a disk: the files are in memory still; the start of threads and process; the database, which has everything',
    hashOf: 'the whole shard',
  };
}

export const recoveryFromSnapshot: Benchmark = { name: 'recovery-from-snapshot', about, run };
