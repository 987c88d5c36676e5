import { readFileSync, writeFileSync } from 'node:fs';
import type { Outcome, Size } from './suite.ts';

/*
 * `known-results.json` holds the result hash that each benchmark gives at each size. A benchmark's other
 * checks compare the engine with itself or with the book; this one holds the book too: whatever changes
 * an answer, at any size, fails. The flows behind the answers are drawn with `Math.log`, `exp`, `cos` and `**`,
 * which V8 computes by itself: a Node with another V8 may change all hashes of a workload at once.
 *
 * When a change of answers is meant, `make bench ARGS="--renew --only NAME --size SIZE"` writes the new hash,
 * provided that every other check holds. The difference belongs in the commit that causes it, with its reason.
 */

/** Found from `dist/bench`. */
const FILE = new URL('../../bench/known-results.json', import.meta.url);

/** Result hashes by benchmark, then by size. */
export type KnownResults = Readonly<Record<string, Partial<Readonly<Record<Size, string>>>>>;

export function readKnownResults(): KnownResults {
  return JSON.parse(readFileSync(FILE, 'utf8')) as KnownResults;
}

/** The outcome with one more check: that its result hash is the known one. */
export function withKnownResult(
  name: string,
  size: Size,
  outcome: Outcome,
  known: KnownResults = readKnownResults(),
): Outcome {
  const what = `the result known for ${name} at size ${size}`;
  const expected = known[name]?.[size];
  if (expected === outcome.resultHash) return { ...outcome, checks: [...outcome.checks, what] };
  const failed = `FAILED: ${what}: ${outcome.resultHash} is not ${expected ?? 'there: none is known'}`;
  return { ...outcome, ok: false, checks: [...outcome.checks, failed] };
}

/** Makes an outcome's result hash the known one. */
export function renewKnownResult(name: string, size: Size, { resultHash }: Outcome): void {
  const known = readKnownResults();
  const renewed = { ...known, [name]: { ...known[name], [size]: resultHash } };
  writeFileSync(FILE, `${JSON.stringify(renewed, null, 2)}\n`);
}
