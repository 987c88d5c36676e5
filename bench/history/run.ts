import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** One line of JSON for each recorded run, oldest first. */
export const HISTORY_FILE = 'bench/history/runs.jsonl';

/** One figure of a run. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** Of the rounds or processes that the value is the median of; absent for a counter. */
  readonly low?: number;
  readonly high?: number;
}

export interface RecordedRun {
  /** When it was recorded, ISO 8601. */
  readonly at: string;
  readonly commit: string;
  readonly subject: string;
  /** When the commit was made, ISO 8601. */
  readonly committedAt: string;
  /** Runs of different machines are not to be compared. */
  readonly machine: string;
  /** What was run: the parts of the gate, or a size of the suite. */
  readonly suite: string;
  readonly figures: readonly Figure[];
}

/** @throws SyntaxError for a line that is no JSON */
export function readHistory(file = HISTORY_FILE): RecordedRun[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as RecordedRun);
}

export function appendRun(run: RecordedRun, file = HISTORY_FILE): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(run)}\n`);
}
