import type { LoadTestOptions } from './options.ts';
import type { ScenarioResult } from './result/run-result.ts';
import type { Scenario } from './scenarios/scenario.ts';

/** The command line that runs a scenario again as it ran: what differs from the defaults, and the venue it had. */
export function commandOf(
  { name, parameters }: Pick<ScenarioResult, 'name' | 'parameters'>,
  scenarios: readonly Scenario[],
  { venue, objectives }: Pick<LoadTestOptions, 'venue' | 'objectives'>,
): string {
  // A part of a scenario is named after it, such as `reach-punctual`.
  const scenario =
    scenarios.find((each) => each.name === name) ??
    scenarios.find((each) => name.startsWith(`${each.name}-`));
  const specs = scenario?.parameters ?? {};
  const words: string[] = [];
  for (const [option, spec] of Object.entries(specs)) {
    const value = parameters[option];
    // The names of the markets say how many there are.
    if (option === 'markets' && venue.symbols !== undefined) continue;
    if (value !== undefined && value !== spec.default) words.push(`--${option} ${value}`);
  }
  for (const { text } of objectives) words.push(`--slo '${text}'`);
  if (venue.url !== undefined) words.push(`--url ${venue.url}`);
  if (venue.streamUrl !== undefined) words.push(`--ws-url ${venue.streamUrl}`);
  if (venue.keysFile !== undefined) words.push(`--keys ${venue.keysFile}`);
  if (venue.symbols !== undefined) words.push(`--markets ${venue.symbols.join(',')}`);
  if (venue.shards !== undefined) words.push(`--shards ${venue.shards}`);
  if (venue.durability !== undefined) words.push(`--durability ${venue.durability}`);
  const start = `make loadtest SCENARIO=${scenario?.name ?? name}`;
  return words.length === 0 ? start : `${start} ARGS="${words.join(' ')}"`;
}
