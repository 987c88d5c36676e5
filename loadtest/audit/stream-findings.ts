/** What the public streams told while a scenario ran. Plain JSON, so that another process may have listened. */
export interface StreamFindings {
  /** Why the recorder did not hear everything, such as `closed as a slow consumer`; absent when it did. */
  readonly incomplete?: string;
  readonly markets: readonly MarketFindings[];
}

export interface MarketFindings {
  readonly symbol: string;
  readonly depthFrames: number;
  readonly trades: number;
  /** Sum of the trades' quantities, as a decimal. */
  readonly quantity: string;
  /** Sequences with a hole or a step back: how many, and the first few in words. */
  readonly gapCount: number;
  readonly gaps: readonly string[];
  /** How the rebuilt book differs from the engine's at rest: how many levels, and the first few in words. */
  readonly differenceCount: number;
  readonly differences: readonly string[];
  /** Levels that were compared, of both sides. */
  readonly levelsCompared: number;
  /** Of the rebuilt book. */
  readonly updateId: number;
  /** Where the engine's book was, that it was compared with. */
  readonly engineUpdateId: number;
}
