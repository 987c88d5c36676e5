import type { KnownCounters } from '../gate/known-counters.ts';
import { type Counter, isSame, keyOf } from '../gate/part.ts';

/** A counter of both sides; undefined where a side does not have it. */
export interface CounterChange {
  readonly name: string;
  readonly unit: string;
  readonly base: number | string | undefined;
  readonly head: number | string | undefined;
  /** Whether the head's known counters have the head's value: then the change is meant. */
  readonly isRenewed: boolean;
}

/** The counters of a part that are not the same: to the last digit, but for those with a tolerance. */
export function changesOf(
  part: string,
  base: readonly Counter[],
  head: readonly Counter[],
  known: KnownCounters,
): CounterChange[] {
  const before = new Map(base.map((one) => [keyOf(one), one]));
  const after = new Map(head.map((one) => [keyOf(one), one]));
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  return keys
    .filter((key) => !isSame(before.get(key), after.get(key)))
    .map((key) => {
      const { name, unit } = (after.get(key) ?? before.get(key))!;
      const value = after.get(key)?.value;
      const isRenewed =
        value === undefined ? !(key in (known[part] ?? {})) : known[part]?.[key] === value;
      return { name, unit, base: before.get(key)?.value, head: value, isRenewed };
    });
}
