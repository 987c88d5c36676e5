import type { Counter } from './part.ts';

/** What one slice took. */
export interface SliceTime {
  /** Of all threads of the process, in user and kernel mode. */
  readonly cpuUs: number;
  readonly wallUs: number;
}

/** From a part's process to the gate. */
export type PartMessage =
  | {
      readonly type: 'ready';
      readonly operation: string;
      readonly operations: number;
      readonly isTimed: boolean;
      readonly counters: readonly Counter[];
    }
  | ({ readonly type: 'slice' } & SliceTime)
  | { readonly type: 'end'; readonly counters: readonly Counter[] }
  | { readonly type: 'unknown'; readonly parts: readonly string[] };

/** From the gate: to do one slice, or to say what the last one did and end. */
export type PartRequest = 'slice' | 'end';
