import type { Objective } from '../objectives/objective.ts';
import type { LiveView } from '../report/live-progress.ts';
import type { ScenarioResult } from '../result/run-result.ts';
import type { Interruption } from './interruption.ts';
import type { TestedVenue } from './venue.ts';

/** What every scenario of a run is given. */
export interface RunServices {
  readonly venue: TestedVenue;
  readonly live: LiveView;
  readonly objectives: readonly Objective[];
  readonly interruption: Interruption;
  /** Tells what a scenario of several parts has found so far: it is all that is left when a later part fails. */
  keep(results: readonly ScenarioResult[]): void;
}

let tagsGiven = 0;

/** A name that no other scenario has had on this venue: base 36 of the second, and a counter. */
export function newTag(): string {
  const second = Math.floor(Date.now() / 1000)
    .toString(36)
    .toUpperCase();
  return `L${second}${(tagsGiven++).toString(36).toUpperCase()}`;
}
