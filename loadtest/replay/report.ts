import type { DatabaseLag } from '../client/database-lag.ts';
import { MISMATCH_KINDS, type Mismatches } from './mismatches.ts';

export interface ReplayOutcome {
  readonly commands: number;
  readonly aggressors: number;
  readonly aggressorsExact: number;
  readonly fills: number;
  readonly booksExpected: number;
  readonly booksCompared: number;
  readonly tradeRowsRight: number;
  readonly mismatches: Mismatches;
  /** From the first send until every reply had come and every book was compared. */
  readonly flowSeconds: number;
  /** The same, until the last row was in the database. */
  readonly totalSeconds: number;
  readonly latenciesMs: Float64Array;
  readonly lag: DatabaseLag;
  readonly pipelineDepth: number;
  readonly shards: number;
  readonly durability: string;
}

/** Value below which `fraction` of the ascending samples lie (nearest rank); 0 without samples. */
export function percentile(ascending: Float64Array, fraction: number): number {
  if (ascending.length === 0) return 0;
  const rank = Math.ceil(fraction * ascending.length);
  return ascending[Math.min(Math.max(rank, 1), ascending.length) - 1]!;
}

/** The table at the end of a replay. */
export function formatReport(outcome: ReplayOutcome): string {
  const { mismatches, lag } = outcome;
  const sorted = outcome.latenciesMs.slice().sort();
  const perSecond = (seconds: number): string =>
    Math.round(outcome.commands / seconds).toLocaleString('en-US');
  const latencies = [0.5, 0.99, 0.999]
    .map((fraction) => percentile(sorted, fraction).toFixed(3))
    .join(' / ');
  const byKind = MISMATCH_KINDS.filter((kind) => mismatches.count(kind) > 0)
    .map((kind) => `${kind} ${mismatches.count(kind)}`)
    .join(', ');
  const lines: [string, string][] = [
    ['commands', count(outcome.commands)],
    [
      'aggressors with exact fills',
      `${count(outcome.aggressorsExact)} of ${count(outcome.aggressors)}`,
    ],
    ['fills', count(outcome.fills)],
    ['books compared', `${count(outcome.booksCompared)} of ${count(outcome.booksExpected)}`],
    ['trades in the database', `${count(outcome.tradeRowsRight)} of ${count(outcome.fills)}`],
    ['mismatches', byKind === '' ? '0' : `${count(mismatches.total)} (${byKind})`],
    [
      'seconds',
      `${outcome.totalSeconds.toFixed(2)} (order flow ${outcome.flowSeconds.toFixed(2)})`,
    ],
    ['commands per second', `${perSecond(outcome.flowSeconds)} in the order flow`],
    ['order to reply p50 / p99 / p99.9', `${latencies} ms`],
    ['database lag at the end', `${count(lag.events)} events, ${lag.untilZeroMs.toFixed(0)} ms`],
    [
      'settings',
      `${outcome.shards} shards, durability ${outcome.durability}, pipelined up to ${outcome.pipelineDepth} deep`,
    ],
  ];
  return lines.map(([name, value]) => `${name.padEnd(34)}${value}`).join('\n');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
