import { parseArgs } from 'node:util';
import {
  type Objective,
  ObjectiveError,
  parseForeignObjective,
  parseObjective,
} from './objectives/objective.ts';
import { OptionError } from './option-error.ts';
import type { VenueChoice } from './run/venue.ts';
import { ParameterError, Parameters } from './scenarios/parameters.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { venueOf } from './venue-options.ts';

export interface LoadTestOptions {
  readonly scenario: Scenario;
  readonly parameters: Parameters;
  readonly venue: VenueChoice;
  readonly objectives: readonly Objective[];
  /** Where the results go; undefined for a folder named after moment and scenario. */
  readonly outFolder?: string;
}

export type Request =
  | { readonly kind: 'list' }
  | { readonly kind: 'help'; readonly scenario?: Scenario }
  | { readonly kind: 'run'; readonly options: LoadTestOptions };

const STRING = { type: 'string' } as const;

/** The options of every run; the others are the scenario's parameters. */
const RUN_OPTIONS = {
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  url: STRING,
  'ws-url': STRING,
  keys: STRING,
  markets: STRING,
  'admin-url': STRING,
  'admin-token': STRING,
  'data-dir': STRING,
  'database-url': STRING,
  shards: STRING,
  durability: STRING,
  slo: { type: 'string', multiple: true },
  out: STRING,
} as const;

export const RUN_OPTIONS_HELP = `  --slo '<objective>'    what must hold, any number of times: ack.p99<2ms, errors=0, rate>=9900
  --out <folder>         where the results go (loadtest-results/<moment>-<scenario>)
  --shards <n>           of the venue that is started (1)
  --durability <level>   of the venue that is started: fsync, os or none (fsync)
  --url <url>            test a running venue instead, with --admin-url, and --admin-token or --data-dir
                         (of one on this machine: http://127.0.0.1:8081 and ./data unless named);
                         --database-url for the part of the audit that reads its tables
  --keys <file>          with --url, instead of an admin API: the accounts to trade with, as JSON lines or a JSON
                         array of {"apiKey": "…", "secret": "…"}; nothing but the public and private API is asked for
  --markets <A_B,C_D>    with --keys, or with a scenario that only listens: the markets (all that are open)
  --ws-url <url>         where the venue's websockets are (/ws of --url)`;

/** Reads the command line, without the words in front of it. Throws `OptionError`. */
export function parseOptions(
  argv: readonly string[],
  scenarios: readonly Scenario[],
  environment: Readonly<Record<string, string | undefined>>,
): Request {
  const [first, ...others] = argv;
  const hasName = first !== undefined && !first.startsWith('-');
  const scenario = hasName ? scenarios.find(({ name }) => name === first) : defaultOf(scenarios);
  if (scenario === undefined) {
    const names = scenarios.map(({ name }) => name).join(', ');
    throw new OptionError(`no scenario "${first}"; there are ${names}`);
  }
  const values = valuesOf(hasName ? others : argv, scenario);
  if (values.list === true) return { kind: 'list' };
  if (values.help === true) return hasName ? { kind: 'help', scenario } : { kind: 'help' };
  return { kind: 'run', options: optionsOf(scenario, values, environment) };
}

function defaultOf(scenarios: readonly Scenario[]): Scenario | undefined {
  return scenarios.find(({ name }) => name === 'tour') ?? scenarios[0];
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

function valuesOf(argv: readonly string[], scenario: Scenario): Values {
  const parameters = Object.keys(scenario.parameters).map((name) => [name, STRING] as const);
  try {
    return parseArgs({
      args: [...argv],
      options: { ...Object.fromEntries(parameters), ...RUN_OPTIONS },
    }).values;
  } catch (error) {
    // What follows the first sentence explains how to pass an argument that starts with a dash.
    const [message] = (error as Error).message.split(/\.\s/);
    throw new OptionError(`${message} (--help lists the options of ${scenario.name})`);
  }
}

function optionsOf(
  scenario: Scenario,
  values: Values,
  environment: Readonly<Record<string, string | undefined>>,
): LoadTestOptions {
  const text = (name: string): string | undefined => values[name] as string | undefined;
  const given = Object.fromEntries(
    Object.keys(scenario.parameters).map((name) => [name, text(name)]),
  );
  // A number is how many of them there are to be; names are those that there are.
  const symbols = symbolsOf(text('markets'));
  if ('markets' in given && symbols !== undefined) given.markets = `${symbols.length}`;
  if (!('markets' in given) && text('markets') !== undefined && symbols === undefined) {
    throw new OptionError(
      `${scenario.name} has no number of --markets; it takes names such as SOL_USDC`,
    );
  }
  const slo = [...scenario.objectives, ...((values.slo as string[] | undefined) ?? [])];
  const out = text('out');
  try {
    const parameters = Parameters.read(scenario.parameters, given);
    refuseIdleGenerators(parameters);
    return {
      scenario,
      parameters,
      venue: venueOf(scenario, symbols, text, environment),
      objectives: slo.map(text('keys') === undefined ? parseObjective : parseForeignObjective),
      ...(out === undefined ? {} : { outFolder: out }),
    };
  } catch (error) {
    if (error instanceof ParameterError || error instanceof ObjectiveError) {
      throw new OptionError(error.message);
    }
    throw error;
  }
}

/** Throws `OptionError`. */
function refuseIdleGenerators(parameters: Parameters): void {
  if (!parameters.has('generators') || !parameters.has('connections')) return;
  const generators = parameters.number('generators');
  const connections = parameters.number('connections');
  if (generators <= connections) return;
  throw new OptionError(
    `--generators ${generators} need a connection each: --connections must be at least ${generators}, not ${connections}`,
  );
}

/** Of a list of names; undefined when it is a number, or nothing. */
function symbolsOf(markets: string | undefined): readonly string[] | undefined {
  return markets === undefined || /^[\d.]+$/.test(markets) ? undefined : markets.split(',');
}
