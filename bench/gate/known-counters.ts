import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Counter, isLess, isSame, keyOf } from './part.ts';

/*
 * `known-counters.json` holds what every counter of every part is. The gate lets a counter differ from the base's
 * only if the head's file has the new value: it was renewed, so somebody meant it. Of one that is only nearly
 * the same the file has one value that was measured, and keeps it while what is measured is within the tolerance.
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

/** What the file is to hold of a part, of which it held `before`. */
export function knownOf(
  counters: readonly Counter[],
  before: KnownCounters[string] = {},
): Record<string, number | string> {
  return Object.fromEntries(
    counters.map((one) => {
      const former = before[keyOf(one)];
      const isKept = former !== undefined && isSame(one, { ...one, value: former });
      return [keyOf(one), isKept ? former : one.value];
    }),
  );
}

/** Whether the file has all counters of a part and no other, with their values; or a cost is less than it says. */
export function areKnown(counters: readonly Counter[], known: KnownCounters[string] = {}): boolean {
  if (Object.keys(known).length !== counters.length) return false;
  return counters.every((one) => {
    const value = known[keyOf(one)];
    if (value === undefined) return false;
    const former = { ...one, value };
    return isSame(one, former) || isLess(one, former);
  });
}

/** Makes the counters of some parts the known ones; answers whether that changed anything. */
export function renewKnownCounters(
  root: string,
  counters: ReadonlyMap<string, readonly Counter[]>,
): boolean {
  const before = JSON.stringify(readKnownCounters(root));
  const renewed: Record<string, KnownCounters[string]> = { ...readKnownCounters(root) };
  for (const [part, of] of counters) renewed[part] = knownOf(of, renewed[part]);
  writeFileSync(join(root, KNOWN_COUNTERS), `${JSON.stringify(renewed, null, 2)}\n`);
  return JSON.stringify(renewed) !== before;
}
