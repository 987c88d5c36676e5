import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Hash64 } from '../../engine/collections/hash64.ts';
import { Shard } from '../../engine/shard/shard.ts';
import {
  type About,
  type Benchmark,
  Checks,
  digestWords,
  grouped,
  type Metric,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';
import { runChecked } from '../venue/checked-venue.ts';
import { digestOf, encodeFlow } from '../venue/lone-venue.ts';
import { recoverShard } from '../venue/recover-shard.ts';
import { bytesIn, forEachInput, setupOf, writeJournal } from '../venue/shard-journal.ts';
import type { CommandFlow } from '../workloads/command-flow.ts';
import { commandsOf } from '../workloads/message-commands.ts';
import {
  makeUsEquityFlow,
  type Regime,
  US_EQUITY_ACCOUNTS,
  US_EQUITY_MIX,
} from '../workloads/us-equity-flow.ts';

const COMMANDS: Record<Size, number> = { full: 1_000_000, quick: 250_000, test: 10_000 };
const ROUNDS: Record<Size, number> = { full: 5, quick: 3, test: 1 };
const SEED = 1;
const REGIME: Regime = 'collapse';

/** On the disk that has the repository. */
const FOLDER = 'bench/results';

/** The shard that the journal is of. */
function applyAll(frames: readonly Uint8Array[]): Shard {
  const machine = new Shard(0, 1);
  const { events } = machine.outputs;
  forEachInput(frames, (timeUs, reader) => {
    machine.apply(reader, -1, timeUs);
    events.consume(events.pendingBytes);
  });
  return machine;
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const { commands, trades } = commandsOf(
    makeUsEquityFlow(REGIME, SEED, COMMANDS[size]),
    US_EQUITY_ACCOUNTS,
  );
  const frames = [setupOf(commands), encodeFlow(commands)];
  mkdirSync(FOLDER, { recursive: true });
  const directory = mkdtempSync(join(resolve(FOLDER), 'recovery-'));
  const figures = new Map<string, { unit: string; values: number[] }>();
  const take = (name: string, unit: string, value: number): void => {
    if (!figures.has(name)) figures.set(name, { unit, values: [] });
    figures.get(name)!.values.push(value);
  };
  const states: string[] = [];
  try {
    const inputs = writeJournal(directory, frames);
    take('journal', 'bytes/command', bytesIn(directory) / inputs);
    const { eventSequence } = recoverShard(directory, 0).machine.outputs;
    for (let round = 0; round < ROUNDS[size]; round++) {
      const ofDatabase = [
        ['the database has all', eventSequence],
        ['the database has nothing', 0],
      ] as const;
      for (const [what, projected] of ofDatabase) {
        const { machine, openSeconds, replaySeconds, toldBytes } = recoverShard(
          directory,
          projected,
        );
        take(what, 'M commands/s', inputs / (openSeconds + replaySeconds) / 1e6);
        take(
          `${what}: to open, of the time`,
          '%',
          (100 * openSeconds) / (openSeconds + replaySeconds),
        );
        checks.expect(`${what}: it is told of that`, toldBytes > 0 === (projected === 0));
        states.push(digestOf(machine));
      }
      let alone: Shard | null = null;
      const seconds = secondsOf(() => {
        alone = applyAll(frames);
      });
      take('a shard that applies the same from memory', 'M commands/s', inputs / seconds / 1e6);
      states.push(digestOf(alone!));
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  return finish(checks, commands, trades, states, figures);
}

function finish(
  checks: Checks,
  commands: CommandFlow,
  trades: ReturnType<typeof commandsOf>['trades'],
  states: readonly string[],
  figures: ReadonlyMap<string, Omit<Metric, 'name'>>,
): Outcome {
  const { digest } = runChecked(commands, trades, REGIME, checks);
  for (const is of states) checks.equal('the state before is the state after', is, states[0]);
  const hash = new Hash64();
  for (const text of [states[0]!, digest.text()])
    for (const word of digestWords(text)) hash.add(word);
  const metrics = [...figures].map(([name, figure]) => ({ name, ...figure }));
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

function about(size: Size): About {
  return {
    description:
      'recovery of one shard from its journal: all of it read and checked, read again and applied, opened to be ' +
      'written to; what the database lacks goes into its ring, which is emptied undecoded',
    work: `a journal of about ${grouped(COMMANDS[size])} commands, a fresh shard each time; ${ROUNDS[size]} rounds after one to warm up`,
    mix: `${US_EQUITY_MIX} (${REGIME} only)`,
    durability: 'os: the journal was written before and is only read here',
    leavesOut:
      'reading from a disk: the journal is in memory still; the start of threads and process, the database',
    hashOf:
      'every trade with its ids, the number of refusals and of events, and all balances, open orders and the book',
  };
}

export const recovery: Benchmark = { name: 'recovery', about, run };
