import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { PartVerdict } from '../compare/comparison.ts';
import type { Estimate } from '../compare/signed-rank.ts';

/** Not in git: what was found so far, so that the tool goes on where it was ended. */
export const STATE_FILE = 'bench/results/known-answers.json';

/** A commit made slower, and by how much it is, by a long measurement of one part. */
export interface Slowed {
  readonly subject: string;
  readonly part: string;
  /** 3, 10 or 30. */
  readonly percent: number;
  readonly stepsPerSixteenCalls: number;
  /** Of slowed over not slowed. */
  readonly measured: Estimate;
  readonly pairs: number;
}

/** One run of the gate; what it said of each part. */
export interface GateRun {
  /** `itself`, or a subject with its percent. */
  readonly against: string;
  /** Whose verdict counts: the one made slower by that much; any other's when nothing was. */
  readonly part?: string;
  readonly seed: number;
  readonly seconds: number;
  readonly verdicts: Readonly<Record<string, PartVerdict>>;
  readonly ratios: Readonly<Record<string, number>>;
}

export interface State {
  readonly commit: string;
  readonly slowed: Slowed[];
  readonly runs: GateRun[];
}

/** Of this commit; empty when the file is of another. */
export function readState(commit: string): State {
  const empty: State = { commit, slowed: [], runs: [] };
  if (!existsSync(STATE_FILE)) return empty;
  const state = JSON.parse(readFileSync(STATE_FILE, 'utf8')) as State;
  return state.commit === commit ? state : empty;
}

export function keepState(state: State): void {
  mkdirSync(dirname(STATE_FILE), { recursive: true });
  writeFileSync(STATE_FILE, `${JSON.stringify(state, null, 2)}\n`);
}
