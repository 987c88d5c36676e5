import { parseArgs } from 'node:util';
import { type Objective, ObjectiveError, parseObjective } from './objectives/objective.ts';
import { isLoopback, type VenueChoice } from './run/venue.ts';
import { ParameterError, Parameters } from './scenarios/parameters.ts';
import type { Scenario } from './scenarios/scenario.ts';

/** The command line is wrong; the message is the one line for the user. */
export class OptionError extends Error {
  override name = 'OptionError';
}

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
const SHARDS_MAX = 64;
const DURABILITIES = ['fsync', 'os', 'none'];

/** The options of every run; the others are the scenario's parameters. */
const RUN_OPTIONS = {
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  url: STRING,
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
                         --database-url for the part of the audit that reads its tables`;

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
  const slo = [...scenario.objectives, ...((values.slo as string[] | undefined) ?? [])];
  const out = text('out');
  try {
    const parameters = Parameters.read(scenario.parameters, given);
    refuseIdleGenerators(parameters);
    return {
      scenario,
      parameters,
      venue: venueOf(text, environment),
      objectives: slo.map(parseObjective),
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

function venueOf(
  text: (name: string) => string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): VenueChoice {
  const shards = text('shards');
  const durability = text('durability');
  if (shards !== undefined && !(/^\d+$/.test(shards) && +shards >= 1 && +shards <= SHARDS_MAX)) {
    throw new OptionError(
      `--shards must be a whole number from 1 to ${SHARDS_MAX}, not "${shards}"`,
    );
  }
  if (durability !== undefined && !DURABILITIES.includes(durability)) {
    throw new OptionError(
      `--durability must be one of ${DURABILITIES.join(', ')}, not "${durability}"`,
    );
  }
  const url = text('url');
  if (url !== undefined && !/^https?:\/\/[^/]+\/?$/.test(url)) {
    throw new OptionError(`--url must be like http://127.0.0.1:8080, not "${url}"`);
  }
  if (url !== undefined && (shards !== undefined || durability !== undefined)) {
    throw new OptionError(
      '--shards and --durability are for a venue that is started, not for --url',
    );
  }
  if (url === undefined) {
    for (const option of ['admin-url', 'admin-token', 'data-dir', 'database-url']) {
      if (text(option) === undefined) continue;
      throw new OptionError(`--${option} is of a venue that runs: it needs --url`);
    }
  }
  const adminToken = text('admin-token') ?? environment.RINGSIDE_ADMIN_TOKEN;
  const dataDirectory = text('data-dir') ?? environment.RINGSIDE_DATA_DIR;
  if (url !== undefined && !isLoopback(url)) {
    // Nothing of a venue on this machine may be taken for another one's.
    const hasToken = (adminToken ?? dataDirectory) !== undefined;
    if (text('admin-url') === undefined || !hasToken) {
      throw new OptionError(
        '--url of another machine needs --admin-url, and --admin-token or --data-dir: every scenario lists markets and opens accounts of its own by the admin API',
      );
    }
  }
  return {
    ...(url === undefined ? {} : { url: url.replace(/\/$/, '') }),
    ...named('adminUrl', text('admin-url')?.replace(/\/$/, '')),
    ...named('adminToken', adminToken),
    ...named('dataDirectory', dataDirectory),
    ...named('databaseUrl', text('database-url')),
    ...(shards === undefined ? {} : { shards: Number(shards) }),
    ...named('durability', durability),
  };
}

function named<Name extends string>(
  name: Name,
  value: string | undefined,
): Partial<Record<Name, string>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, string>>);
}
