import { parseArgs } from 'node:util';

export interface ReplayOptions {
  readonly dayFolder: string;
  /** Replay on a running venue; without it one is started. */
  readonly url?: string;
  readonly adminUrl: string;
  readonly adminToken?: string;
  /** Data directory of the running venue, where it keeps its token and database address. */
  readonly dataDirectory: string;
  readonly databaseUrl?: string;
  readonly shards?: number;
  readonly durability?: string;
  readonly messageLimit: number;
  readonly levels?: number;
  readonly pipelineDepth: number;
  readonly stock?: string;
  readonly feeBps: { readonly maker: number; readonly taker: number };
}

/** A setting is missing or wrong; the message is the one line for the user. */
export class OptionError extends Error {
  override name = 'OptionError';
}

/** Also the default: how much of it is used follows from how fast the replies come. */
const PIPELINE_DEPTH_MAX = 64;

export const USAGE = `usage: replay --day <folder> [--messages <n>] [--levels <n>] [--shards <n>] [--durability <name>]
  [--depth <most commands in flight>] [--maker-fee-bps <n>] [--taker-fee-bps <n>] [--stock <name>]
  [--url <venue> --admin-url <url> --admin-token <token> --data-dir <folder> --database-url <url>]`;

/** Parses the command line; throws `OptionError`. */
export function parseOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ReplayOptions {
  const values = valuesOf(argv);
  const dayFolder = values.day;
  if (dayFolder === undefined || dayFolder === '') {
    throw new OptionError('which day? --day <folder> (make replay DAY=<folder>)');
  }
  const { url, stock, durability } = values;
  const databaseUrl = values['database-url'];
  const adminToken = values['admin-token'] ?? environment.RINGSIDE_ADMIN_TOKEN;
  const shards = integerOption('shards', values.shards, 1, 64);
  const levels = integerOption('levels', values.levels, 1, 1_000_000);
  return {
    dayFolder,
    ...(url === undefined ? {} : { url: url.replace(/\/$/, '') }),
    adminUrl: (values['admin-url'] ?? 'http://127.0.0.1:8081').replace(/\/$/, ''),
    ...(adminToken === undefined ? {} : { adminToken }),
    dataDirectory: values['data-dir'] ?? environment.RINGSIDE_DATA_DIR ?? './data',
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(shards === undefined ? {} : { shards }),
    ...(durability === undefined ? {} : { durability }),
    ...(levels === undefined ? {} : { levels }),
    ...(stock === undefined ? {} : { stock }),
    messageLimit:
      integerOption('messages', values.messages, 1, Number.MAX_SAFE_INTEGER) ??
      Number.POSITIVE_INFINITY,
    pipelineDepth:
      integerOption('depth', values.depth, 1, PIPELINE_DEPTH_MAX) ?? PIPELINE_DEPTH_MAX,
    feeBps: {
      maker: integerOption('maker-fee-bps', values['maker-fee-bps'], 0, 10_000) ?? 0,
      taker: integerOption('taker-fee-bps', values['taker-fee-bps'], 0, 10_000) ?? 0,
    },
  };
}

const STRING = { type: 'string' } as const;

function valuesOf(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        day: STRING,
        url: STRING,
        'admin-url': STRING,
        'admin-token': STRING,
        'data-dir': STRING,
        'database-url': STRING,
        shards: STRING,
        durability: STRING,
        messages: STRING,
        levels: STRING,
        depth: STRING,
        stock: STRING,
        'maker-fee-bps': STRING,
        'taker-fee-bps': STRING,
      },
    }).values;
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

function integerOption(
  name: string,
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new OptionError(`--${name} must be a whole number from ${min} to ${max}, not "${text}"`);
  }
  return value;
}
