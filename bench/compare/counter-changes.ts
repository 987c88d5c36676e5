import type { KnownCounters } from '../gate/known-counters.ts';
import { type Counter, isLess, isSame, keyOf } from '../gate/part.ts';

/** A counter of both sides; undefined where a side does not have it. */
export interface CounterChange {
  readonly name: string;
  readonly unit: string;
  readonly base: number | string | undefined;
  readonly head: number | string | undefined;
  /** Whether the head's known counters have the head's value: then the change is meant. */
  readonly isRenewed: boolean;
  /** Whether it is a cost that has become less: nobody needs to have meant that. */
  readonly isLess: boolean;
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
      const [was, is] = [before.get(key), after.get(key)];
      const { name, unit } = (is ?? was)!;
      const isRenewed = isMeant(was, is, known[part]?.[key]);
      return { name, unit, base: was?.value, head: is?.value, isRenewed, isLess: isLess(is, was) };
    });
}

function isMeant(
  was: Counter | undefined,
  is: Counter | undefined,
  known: number | string | undefined,
): boolean {
  if (is === undefined || known === undefined) return is === known;
  if (!isSame(is, { ...is, value: known })) return false;
  // Of one that is only nearly the same, the base's known value may be within the tolerance of the head's.
  if (typeof known === 'string' || typeof is.value === 'string') return true;
  return typeof was?.value !== 'number' || Math.abs(known - is.value) < Math.abs(known - was.value);
}
