import { RUN_OPTIONS_HELP } from './options.ts';
import type { ParameterSpec } from './scenarios/parameters.ts';
import type { Scenario } from './scenarios/scenario.ts';

const NAME_COLUMNS = 18;

/** One line a scenario. */
export function listText(scenarios: readonly Scenario[]): string {
  return scenarios.map(({ name, description }) => lineOf(name, description)).join('\n');
}

/** How to use the load test, with the parameters of one scenario or of all. */
export function helpText(scenarios: readonly Scenario[], scenario?: Scenario): string {
  const chosen = scenario === undefined ? scenarios : [scenario];
  const parts = chosen.map(({ name, description, parameters }) => {
    const lines = Object.entries(parameters).map(([option, spec]) =>
      lineOf(`--${option}`, `${spec.help}${rangeOf(spec)} (${spec.default})`),
    );
    return `${name}\n${description}\n${lines.join('\n')}`;
  });
  return `usage: ringside loadtest [<scenario>] [options]      make loadtest [SCENARIO=<name>] [ARGS="<options>"]
       ringside loadtest --list

Exit code 0: audit clean, objectives held, every request answered, and no warning such as a generator that was late;
1: not so; 2: the command line is wrong.

${RUN_OPTIONS_HELP}

${parts.join('\n\n')}`;
}

function rangeOf(spec: ParameterSpec): string {
  return spec.kind === 'choice' ? `: ${spec.choices.join(' or ')}` : '';
}

function lineOf(name: string, text: string): string {
  return `  ${name.padEnd(NAME_COLUMNS)} ${text}`;
}
