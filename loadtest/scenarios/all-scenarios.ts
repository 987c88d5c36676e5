import type { Scenario } from './scenario.ts';
import { steadyMix } from './steady-mix.ts';

/** Every scenario there is, in the order of `--list`. */
export const SCENARIOS: readonly Scenario[] = [steadyMix];
