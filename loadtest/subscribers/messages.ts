import type { SparseCounts } from '../histogram/latency-counts.ts';
import type { Phase, Phases } from '../neighbours/phases.ts';
import type { SubscribersWatch } from './self-delay.ts';

/** All that the process of the subscribers must know. */
export interface SubscribersSetup {
  /** Where the venue's websockets are: see `streamAddress`. */
  readonly streamUrl: string;
  /** Each subscriber listens to one of them, in turn: its trades, depth and book ticker. */
  readonly symbols: readonly string[];
  readonly subscribers: number;
  /** The last so many of them stop reading now and then. */
  readonly slow: number;
  /** For how long they read nothing, and then everything. */
  readonly slowPauseMs: number;
  /** Others trade there, too: what comes never ends. */
  readonly isEndless: boolean;
  /** The venue's times are of the same clock as ours: it runs on this machine. */
  readonly sharesClock: boolean;
  /** Absent when all of the measured part is alike. */
  readonly phases?: Phases;
}

export interface SubscribersReport {
  readonly watch: SubscribersWatch;
  /** Frames of market data of the measured part, by the engine's time, those of slow subscribers included. */
  readonly frames: number;
  /** Trade to frame, at every subscriber that keeps reading; empty without a common clock. */
  readonly marketData: SparseCounts;
  /** Of `marketData`, by the phase of the trade; absent when there are no phases. */
  readonly marketDataByPhase?: Readonly<Record<Phase, SparseCounts>>;
  /** First to last of the subscribers that keep reading, of trades that all of them heard. */
  readonly fanOut: SparseCounts;
  /** Missing trades or depth updates of subscribers that keep reading. */
  readonly gaps: number;
  /** Those that keep reading and still lacked a trade of another one when it was waited for no longer. */
  readonly behind: number;
  /** Market data was still coming, or missing, when it was waited for no longer. */
  readonly isTailCut: boolean;
  /** Those that keep reading and lost their connection. */
  readonly lost: number;
  readonly slow: {
    /** Times that one stopped reading. */
    readonly pauses: number;
    readonly gaps: number;
    /** Connections that the venue closed with 1008, and those that ended in any other way. */
    readonly closedAsSlow: number;
    readonly closedOtherwise: number;
    /** The most that one had still to read when it read on at the end: what buffers held for it. */
    readonly waitedBytesMax: number;
  };
}
