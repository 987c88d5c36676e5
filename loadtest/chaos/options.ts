import { parseArgs } from 'node:util';

export interface ChaosOptions {
  /** The run begins no new fault after this. */
  readonly minutes: number;
  /** Nor after this many kills of the venue. */
  readonly kills: number;
  readonly seed: number;
  readonly shards: number;
  readonly accounts: number;
  readonly durability: 'fsync' | 'os';
  /** Names of the faults to draw from; all when empty. */
  readonly faults: readonly string[];
}

/** A setting is wrong; the message is the one line for the user. */
export class OptionError extends Error {
  override name = 'OptionError';
}

export const USAGE = `usage: chaos [--minutes <n>] [--kills <n>] [--seed <n>] [--shards <n>] [--accounts <n>]
  [--durability fsync|os] [--fault <name>]…`;

const SEED_MAX = 2 ** 32 - 1;
const DEFAULT_MINUTES = 5;

/** Parses the command line; throws `OptionError`. Without a seed `randomSeed` is asked for one. */
export function parseOptions(argv: readonly string[], randomSeed: () => number): ChaosOptions {
  const values = valuesOf(argv);
  const kills = numberOption('kills', values.kills, 1, 1_000_000);
  const durability = values.durability ?? 'fsync';
  if (durability !== 'fsync' && durability !== 'os') {
    throw new OptionError(`--durability must be fsync or os, not "${durability}"`);
  }
  return {
    minutes:
      numberOption('minutes', values.minutes, 0, 10_000) ??
      (kills === undefined ? DEFAULT_MINUTES : Number.POSITIVE_INFINITY),
    kills: kills ?? Number.POSITIVE_INFINITY,
    seed: integerOption('seed', values.seed, 0, SEED_MAX) ?? randomSeed() >>> 0,
    shards: integerOption('shards', values.shards, 1, 64) ?? 2,
    accounts: integerOption('accounts', values.accounts, 1, 100) ?? 8,
    durability,
    faults: values.fault ?? [],
  };
}

function valuesOf(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: {
        ...{ minutes: text, kills: text, seed: text, shards: text, accounts: text },
        durability: text,
        fault: { type: 'string', multiple: true },
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
  if (text !== undefined && !/^\d+$/.test(text)) {
    throw new OptionError(`--${name} must be a whole number, not "${text}"`);
  }
  return numberOption(name, text, min, max);
}

function numberOption(
  name: string,
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= min && value <= max) return value;
  throw new OptionError(`--${name} must be a number from ${min} to ${max}, not "${text}"`);
}
