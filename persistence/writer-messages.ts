import type { Topology } from '../engine/ring/topology.ts';
import type { HistoryBegin } from './history.ts';

/** What the writer thread is started with. */
export interface WriterSettings {
  readonly topology: Topology;
  readonly databaseUrl: string;
  /** Of the journal that the events come from; null without one. */
  readonly historyId: string | null;
  /** Events that memory has no room for wait in files here. */
  readonly spoolDirectory: string;
  /** Bytes of events kept in memory before the spool is used. */
  readonly memoryBudgetBytes: number;
  /** What is over and older than this is dropped, by whole months; null: nothing is. */
  readonly retentionDays: number | null;
  /** Whether nothing may be written before `ReleaseWriter`. */
  readonly isHeld: boolean;
  /** A `SharedStatus`. */
  readonly status: SharedArrayBuffer;
}

/** Main thread → writer: write what the rings and the queue hold, then end. */
export interface StopWriter {
  readonly type: 'stop';
  readonly timeoutMs: number;
}

/** Main thread → writer: what comes, and what has come, may be written. */
export interface ReleaseWriter {
  readonly type: 'release';
}

/** Main thread → writer: somebody waits for the rows of what has come. */
export interface HurryWriter {
  readonly type: 'hurry';
}

/** Writer → main thread. */
export type WriterMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'trouble'; readonly message: string }
  /** An event was left out, by name and place: the message says nothing of its content. */
  | { readonly type: 'refused'; readonly message: string }
  /** Old months were dropped. By shard: where the rows of its events begin from now on. */
  | { readonly type: 'dropped'; readonly begins: readonly HistoryBegin[] }
  /** The database is connected again. */
  | { readonly type: 'recovered' }
  | {
      readonly type: 'stopped';
      /** False when events were left unwritten. */
      readonly drained: boolean;
      readonly positions: readonly number[];
    };
