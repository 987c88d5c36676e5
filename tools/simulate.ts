import { parseArgs } from 'node:util';
import { MAX_SHARDS } from '../engine/protocol/sharding.ts';
import { FlowCoverage } from '../engine/shard/flow-coverage.fixture.ts';
import { ShrinkBudget } from '../engine/shard/shrink.fixture.ts';
import { drawCase } from '../engine/simulation/draw-case.ts';
import { type CaseResult, runCase, shrinkCase } from '../engine/simulation/run-case.ts';
import type { StateReport } from '../engine/simulation/run-summary.ts';
import { MODES, type Mode, type SimulationCase } from '../engine/simulation/simulation-case.ts';
import { forMs } from './deadline.ts';

/** `make sim`: one simulation of a whole engine from one seed, twice, with what it proved. */

/** Runs that a failing case takes to shrink, and how long they may take. */
const SHRINK_RUNS_MAX = 2_000;
const SHRINK_MS = 60_000;

const { values: given } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    commands: { type: 'string' },
    shards: { type: 'string' },
    mode: { type: 'string' },
    'hash-every': { type: 'string', default: '0' },
  },
});

function whole(
  name: string,
  text: string | undefined,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const range = most < Number.MAX_SAFE_INTEGER ? `${least} to ${most}` : `at least ${least}`;
  console.error(`${name} must be a whole number of ${range}, not ${text}`);
  process.exit(2);
}

function modeOf(text: string | undefined): Mode | undefined {
  const mode = MODES.find((known) => known === text);
  if (text === undefined || mode !== undefined) return mode;
  console.error(`MODE must be one of ${MODES.join(', ')}, not ${text}`);
  process.exit(2);
}

const seed = whole('SEED', given.seed, 0)!;
const hashEvery = whole('HASH_EVERY', given['hash-every'], 0)!;
const wishes = {
  commands: whole('COMMANDS', given.commands, 1),
  shardCount: whole('SHARDS', given.shards, 1, MAX_SHARDS),
  mode: modeOf(given.mode),
};

function listOf(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return (
    sorted.map(([name, count]) => `${name} ${count.toLocaleString('en')}`).join(', ') || 'none'
  );
}

function print(what: string, text: string): void {
  console.log(`  ${what.padEnd(12)} ${text}`);
}

function printReport({ shardCount, commands, markets, ledgers }: StateReport): void {
  const marketHashes = [...markets].map(([marketId, hash]) => `${marketId} ${hash}`).join(', ');
  print('state', `${shardCount} shards, after ${commands} commands: markets ${marketHashes}`);
  print('', `ledgers ${ledgers.map((hash, shard) => `${shard} ${hash}`).join(', ')}`);
}

function printCase({ mode, shardCounts, regime, steps }: SimulationCase): void {
  const { markets, accountIds } = regime.setup;
  const fees = markets.map(({ makerFeeBps, takerFeeBps }) => `${makerFeeBps}/${takerFeeBps}`);
  console.log(`seed ${seed}: ${mode}, shards ${shardCounts.join(', ')}, ${steps.length} commands`);
  print('venue', `${regime.name}, ${accountIds.length} accounts, ${markets.length} markets`);
  print('fees', `maker/taker of each market in basis points: ${fees.join(', ')}`);
}

function printResult({ summary }: CaseResult, coverage: FlowCoverage): void {
  print('sent', listOf(summary.commands));
  print('events', listOf(summary.events));
  print('orders', listOf(summary.orderEvents));
  print('refusals', listOf(summary.refusals));
  if (summary.deaths.size > 0) print('deaths', listOf(summary.deaths));
  const { underWayMax, heldUpCount } = summary;
  print('under way', `at most ${underWayMax} commands; a full ring held ${heldUpCount} turns up`);
  const { reached } = coverage;
  const possible = FlowCoverage.reachable.length;
  const share = ((100 * reached) / possible).toFixed(1);
  if (reached > 0) print('coverage', `${reached} of ${possible} combinations, ${share} %`);
}

/** The command that runs this again. */
function reproduction(): string {
  const { commands, shardCount, mode } = wishes;
  const parts = { COMMANDS: commands, SHARDS: shardCount, MODE: mode };
  const wished = Object.entries(parts).filter(([, value]) => value !== undefined);
  return ['make sim', `SEED=${seed}`, ...wished.map((part) => part.join('='))].join(' ');
}

const coverage = new FlowCoverage();
const simulated = drawCase(seed, wishes, coverage);
printCase(simulated);
const result = runCase(simulated, { hashEvery, onReport: printReport });
printResult(result, coverage);
if (result.fault !== null) {
  console.log(`\nFAILED after ${result.fault.appliedSteps} commands: ${result.fault.message}`);
  const { steps, fixedSteps } = shrinkCase(
    simulated,
    result.fault,
    { hashEvery },
    new ShrinkBudget(SHRINK_RUNS_MAX, forMs(SHRINK_MS)),
  );
  console.log(`shrunk to ${steps.length} commands, the first ${fixedSteps} of them given:`);
  for (const step of steps) console.log(`  ${JSON.stringify(step)}`);
  console.log(`again: ${reproduction()}`);
  process.exit(1);
}
const again = runCase(simulated, { hashEvery });
const digests = [result, again].map(({ summary }) => summary.digest());
print('digest', `${digests[0]}, and ${digests[1]} the second time`);
if (digests[0] !== digests[1]) {
  console.log(`\nFAILED: the same seed gave two results\nagain: ${reproduction()}`);
  process.exit(1);
}
console.log('ok: everything that must hold held after every command, and at rest');
