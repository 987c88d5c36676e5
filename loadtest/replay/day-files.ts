import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Paths of one recorded day. Rows of `adjust` and `exceptions` are optional additions to it. */
export interface DayFiles {
  /** The stock, from the start of the message file's name. */
  readonly stock: string;
  /** Book levels per side, as the file names say. */
  readonly levels: number;
  readonly messages: string;
  readonly orderbook: string;
  readonly adjust?: string;
  readonly exceptions?: string;
}

/** The folder does not hold a day, or holds several. */
export class DayFileError extends Error {
  override name = 'DayFileError';
}

const MESSAGE_FILE = /^(.+)_message_(\d+)\.csv(?:\.gz)?$/;

/**
 * Finds a day's files by the pattern of their names: `X_message_N.csv`, `X_orderbook_N.csv`,
 * `*.adjust.csv`, `*.exceptions.csv`, each plain or gzipped. With several levels N the deepest is taken
 * unless `levels` names one.
 */
export function findDayFiles(folder: string, levels?: number): DayFiles {
  const names = listNames(folder);
  const days = names
    .map((name) => MESSAGE_FILE.exec(name))
    .filter((match) => match !== null)
    .filter((match) => levels === undefined || Number(match[2]) === levels)
    .sort((a, b) => Number(b[2]) - Number(a[2]));
  const day = days[0];
  if (day === undefined) {
    throw new DayFileError(`no file like *_message_${levels ?? 'N'}.csv(.gz) in ${folder}`);
  }
  const [messages, prefix, depth] = day as unknown as [string, string, string];
  const rivals = days.filter((match) => match[2] === depth && match[1] !== prefix);
  if (rivals.length > 0) {
    throw new DayFileError(`more than one day in ${folder}: ${messages}, ${rivals[0]![0]}`);
  }
  const orderbook = pick(names, `${prefix}_orderbook_${depth}.csv`);
  if (orderbook === undefined) {
    throw new DayFileError(`${messages} has no ${prefix}_orderbook_${depth}.csv(.gz) beside it`);
  }
  const adjust = pickSuffix(names, depth, 'adjust', folder);
  const exceptions = pickSuffix(names, depth, 'exceptions', folder);
  return {
    stock: assetSymbolOf(prefix),
    levels: Number(depth),
    messages: join(folder, messages),
    orderbook: join(folder, orderbook),
    ...(adjust === undefined ? {} : { adjust: join(folder, adjust) }),
    ...(exceptions === undefined ? {} : { exceptions: join(folder, exceptions) }),
  };
}

/** The stock's name as an asset's symbol: capital letters and digits. */
function assetSymbolOf(prefix: string): string {
  const symbol = prefix
    .split('_')[0]!
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .slice(0, 16);
  return symbol === '' ? 'STOCK' : symbol;
}

/** The bytes of a file, unpacked when its name ends in `.gz`. */
export function readDayFile(path: string): Buffer {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    throw new DayFileError(`cannot read the day folder ${folder}: ${(error as Error).message}`);
  }
}

function pick(names: readonly string[], name: string): string | undefined {
  return names.find((candidate) => candidate === name || candidate === `${name}.gz`);
}

/** The file of a kind for this depth (`…_10.adjust.csv`), or the only one of its kind. */
function pickSuffix(
  names: readonly string[],
  depth: string,
  kind: string,
  folder: string,
): string | undefined {
  const all = names.filter((name) => new RegExp(`\\.${kind}\\.csv(?:\\.gz)?$`).test(name));
  const same = all.filter((name) => new RegExp(`_${depth}\\.${kind}\\.csv`).test(name));
  const candidates = same.length > 0 ? same : all;
  if (candidates.length > 1) {
    throw new DayFileError(`more than one ${kind} file in ${folder}: ${candidates.join(', ')}`);
  }
  return candidates[0];
}
