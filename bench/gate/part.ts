/**
 * A part of the engine that the gate measures: the same work again and again, in slices of some tens of milliseconds.
 * Two processes, one of each of two commits, take turns at it, so a slice is short beside the time for which a
 * neighbour on the host comes or goes, and long beside what taking turns costs.
 */
export interface Part {
  readonly name: string;
  readonly about: string;
  /** What the work is made of, in the singular: `message`. Times are told per one of it. */
  readonly operation: string;
  /** For its process, beside those that the gate gives to all. */
  readonly nodeOptions?: readonly string[];
  /** Makes everything that the work needs and that is no part of it. */
  load(): LoadedPart;
}

export interface LoadedPart {
  /** In each slice. */
  readonly operations: number;
  /** False when there is nothing to time: then the part is its counters. */
  readonly isTimed: boolean;
  /** Outside of the clock, before each slice. */
  prepare(): void;
  /** One slice. Each must do the same, with the same answers. */
  work(): void;
  /** Of what the last slice did; asked for after the first and the last. */
  counters(): Counter[];
}

/** A figure that is the same in every run, on every machine with the same Node; or a hash of answers. */
export interface Counter {
  readonly name: string;
  readonly unit: string;
  readonly value: number | string;
  /** Of one that is only nearly the same, by how much it may differ. Such a one is a cost: less is never refused. */
  readonly tolerance?: number;
}

export function counter(
  name: string,
  unit: string,
  value: number | string,
  tolerance?: number,
): Counter {
  return { name, unit, value, ...(tolerance !== undefined && { tolerance }) };
}

/** What names it among those of its part. */
export function keyOf({ name, unit }: Counter): string {
  return `${name}, ${unit}`;
}

/** Whether two values of a counter count as the same. */
export function isSame(one: Counter | undefined, other: Counter | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (typeof one.value === 'string' || typeof other.value === 'string')
    return one.value === other.value;
  return Math.abs(one.value - other.value) <= (one.tolerance ?? 0);
}

/** Whether a cost that is only nearly the same has become less, beyond its tolerance. */
export function isLess(now: Counter | undefined, before: Counter | undefined): boolean {
  if (typeof now?.value !== 'number' || typeof before?.value !== 'number') return false;
  return now.tolerance !== undefined && now.value < before.value - now.tolerance;
}
