import type { Stage } from '../stage.ts';

/** Something bad that happens to a venue under load, and its recovery. */
export interface Fault {
  readonly name: string;
  /** How often it is drawn, relative to the others. */
  readonly weight: number;
  /** Why it cannot be done on this machine; absent when it can. */
  readonly unavailable?: () => string | null;
  /** Ends with a running, audited venue. What is wrong becomes a finding. */
  readonly run: (stage: Stage) => Promise<void>;
}
