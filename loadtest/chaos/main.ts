import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { makeDataDirectory } from '../client/venue-process.ts';
import { ProgressLine } from '../replay/progress-line.ts';
import { ChaosRun } from './chaos-run.ts';
import { chooseFaults } from './faults/all-faults.ts';
import { OptionError, parseOptions, USAGE } from './options.ts';
import { formatReport } from './report.ts';

/** How often a run whose output is no terminal says how far it is. */
const PROGRESS_PAUSE_MS = 30_000;

/** Puts a venue of its own through faults; the exit code is 0 only when everything was kept. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), () => randomInt(2 ** 32));
  const faults = chooseFaults(options.faults, (line) => console.log(line));
  const dataDirectory = makeDataDirectory('ringside-chaos-');
  const run = new ChaosRun(options, dataDirectory, faults);
  process.on('exit', () => run.venue.abandon());
  console.log(`chaos: seed ${options.seed}, data dir ${dataDirectory}`);
  const progress = new ProgressLine(process.stderr, () => run.progress);
  const timer = setInterval(() => {
    if (!process.stderr.isTTY) console.log(run.progress);
  }, PROGRESS_PAUSE_MS);
  const outcome = await Promise.race([run.run(), interruption()]);
  clearInterval(timer);
  progress.stop();
  if (outcome === null) return 130;
  console.log(formatReport(outcome, dataDirectory));
  if (outcome.failedAt !== null) return 1;
  rmSync(dataDirectory, { recursive: true, force: true });
  return 0;
}

/** Resolves on Ctrl-C and SIGTERM. */
function interruption(): Promise<null> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(null));
  });
}

try {
  process.exit(await main());
} catch (error) {
  console.error(`chaos failed: ${(error as Error).message}`);
  if (error instanceof OptionError) console.error(USAGE);
  process.exit(1);
}
