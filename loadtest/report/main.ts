import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { RunResult } from '../result/run-result.ts';
import { parseResult, ResultError } from './check-result.ts';
import { renderReport } from './report-html.ts';
import { FileUnwritten, writeWholeFile } from './whole-file.ts';

const USAGE = `usage: main.js render <result.json> --out <report.html>
       main.js overlay <result.json> <other result.json> --out <report.html>`;

/** The command line is wrong; the message is the one line for the user. */
class UsageError extends Error {
  override name = 'UsageError';
}

/** Makes a report of one run, or of one with another laid over it, from the `result.json` files. */
function main(argv: readonly string[]): void {
  const { command, files, out } = commandOf(argv);
  if (command === 'overlay' && files.length === 2) {
    writeWholeFile(out, renderReport([readResult(files[0]!), readResult(files[1]!)]));
  } else if (command === 'render' && files.length === 1) {
    writeWholeFile(out, renderReport([readResult(files[0]!)]));
  } else throw new UsageError('render takes one result, overlay takes two');
  console.log(out);
}

function commandOf(argv: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { out: { type: 'string' } },
      allowPositionals: true,
    });
    if (values.out === undefined) throw new UsageError('where to? --out <report.html>');
    return { command: positionals[0], files: positionals.slice(1), out: values.out };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readResult(path: string): RunResult {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ResultError(`cannot read ${path}: ${(error as Error).message}`);
  }
  return parseResult(text, path);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  const isExpected = [UsageError, ResultError, FileUnwritten].some((kind) => error instanceof kind);
  if (!(error instanceof Error && isExpected)) throw error;
  console.error(error.message);
  if (error instanceof UsageError) console.error(USAGE);
  process.exitCode = error instanceof FileUnwritten ? 1 : 2;
}
