import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Counter, keyOf } from './part.ts';

/*
 * `known-counters.json` holds what every counter of every part is. The gate lets a counter differ from the base's
 * only if the head's file has the new value: it was renewed, so somebody meant it. One that is only nearly the same
 * is not in the file: base and head are measured side by side.
 */

/** Found in the root of a tree. */
export const KNOWN_COUNTERS = 'bench/gate/known-counters.json';

/** Counters by part, then by what `keyOf` makes of them. */
export type KnownCounters = Readonly<Record<string, Readonly<Record<string, number | string>>>>;

/** Those of a tree; none when it has no such file. */
export function readKnownCounters(root: string): KnownCounters {
  const file = join(root, KNOWN_COUNTERS);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as KnownCounters) : {};
}

/** What the file is to hold of a part. */
export function knownOf(counters: readonly Counter[]): Record<string, number | string> {
  const kept = counters.filter(({ tolerance }) => tolerance === undefined);
  return Object.fromEntries(kept.map((one) => [keyOf(one), one.value]));
}

/** Makes the counters of some parts the known ones; answers whether that changed anything. */
export function renewKnownCounters(
  root: string,
  counters: ReadonlyMap<string, readonly Counter[]>,
): boolean {
  const before = JSON.stringify(readKnownCounters(root));
  const renewed = { ...readKnownCounters(root) };
  for (const [part, of] of counters) renewed[part] = knownOf(of);
  writeFileSync(join(root, KNOWN_COUNTERS), `${JSON.stringify(renewed, null, 2)}\n`);
  return JSON.stringify(renewed) !== before;
}
