import type { FuzzResult } from '../engine/simulation/fuzz-one.ts';

/** To a worker: run this seed, or tell what was reached and end. */
export type FuzzTask = { readonly seed: number } | { readonly seed: null };

/** From a worker. */
export type FuzzAnswer =
  | { readonly result: FuzzResult }
  /** Combinations of order and book that none of its runs reached, of so many. */
  | { readonly missing: readonly string[]; readonly possible: number };
