import { join } from 'node:path';
import { VenueRefusal } from './client/http-json.ts';
import { VenueNotReady } from './client/venue-child.ts';
import { commandOf } from './command-line.ts';
import { helpText, listText } from './help.ts';
import { OptionError } from './option-error.ts';
import { type LoadTestOptions, parseOptions } from './options.ts';
import { paintFor } from './report/ansi.ts';
import { makeLiveView } from './report/live-view.ts';
import { writeReports } from './report/report-files.ts';
import { discardEmptyFolder, FolderUnusable, makeResultFolder } from './report/result-folder.ts';
import { formatSummary } from './report/summary.ts';
import { FileUnwritten } from './report/whole-file.ts';
import type { RunResult, ScenarioResult } from './result/run-result.ts';
import { describeEnvironment, leftOutOf } from './run/environment.ts';
import { ProcessLost } from './run/forked-process.ts';
import { Interrupted, Interruption } from './run/interruption.ts';
import type { RunServices } from './run/services.ts';
import { openVenue } from './run/venue.ts';
import { VenueUnusable } from './run/venue-unusable.ts';
import { SCENARIOS } from './scenarios/all-scenarios.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** The entry of `ringside loadtest`: answers the exit code. */
async function main(): Promise<number> {
  const request = parseOptions(process.argv.slice(2), SCENARIOS, process.env);
  if (request.kind === 'list') {
    console.log(listText(SCENARIOS));
    return 0;
  }
  if (request.kind === 'help') {
    console.log(helpText(SCENARIOS, request.scenario));
    return 0;
  }
  const { options } = request;
  const missing = options.scenario.missing?.(options.venue.keysFile !== undefined);
  if (missing !== undefined) {
    console.error(`loadtest: ${options.scenario.name} cannot be run: ${missing}`);
    return EXIT_FAILED;
  }
  const startedAtMs = Date.now();
  const folder = options.outFolder ?? resultFolder(options, startedAtMs);
  makeResultFolder(folder);
  try {
    const result = await run(options, startedAtMs);
    console.log(formatSummary(result, paintFor(process.stdout, process.env)));
    const { reportHtml } = writeReports(result, folder);
    console.log(`\nreport: ${reportHtml}`);
    const isWhole = result.brokenOff === undefined;
    return isWhole && result.scenarios.every(({ passed }) => passed) ? 0 : EXIT_FAILED;
  } finally {
    discardEmptyFolder(folder);
  }
}

async function run(options: LoadTestOptions, startedAtMs: number): Promise<RunResult> {
  const interruption = Interruption.ofProcess();
  const live = makeLiveView(process.stderr, process.env);
  const { scenario } = options;
  // A venue that has begun to start is waited for: only then can all of it be stopped.
  const venue = await (scenario.openTarget?.() ?? openVenue(options.venue));
  try {
    interruption.check();
    const found = await runScenario(options, { venue, live, interruption });
    const why = found.brokenOff === undefined ? [] : [`The run broke off: ${found.brokenOff}.`];
    const leavesOut = [...leftOutOf(venue), ...(scenario.leavesOut?.() ?? []), ...why];
    const environment = describeEnvironment(venue, startedAtMs, leavesOut);
    const scenarios = found.scenarios.map((result) => ({
      ...result,
      command: commandOf(result, SCENARIOS, options),
    }));
    return { formatVersion: 1, environment, ...found, scenarios };
  } finally {
    live.end();
    await venue.stop();
  }
}

/** What the scenario found, or the part of it that it had when something ended it. Throws when that is nothing. */
async function runScenario(
  { scenario, parameters, objectives }: LoadTestOptions,
  services: Pick<RunServices, 'venue' | 'live' | 'interruption'>,
): Promise<Pick<RunResult, 'scenarios' | 'brokenOff'>> {
  const { interruption } = services;
  let kept: readonly ScenarioResult[] = [];
  const keep = (results: readonly ScenarioResult[]): void => {
    kept = [...results];
  };
  try {
    const running = scenario.run(parameters, { ...services, objectives, keep });
    const scenarios = await interruption.orGivenUp(running);
    const [brokenOff] = interruption.warnings;
    return { scenarios, ...(brokenOff === undefined ? {} : { brokenOff }) };
  } catch (error) {
    if (kept.length === 0) throw error;
    return { scenarios: kept, brokenOff: (error as Error).message };
  }
}

function resultFolder({ scenario }: LoadTestOptions, startedAtMs: number): string {
  const moment = new Date(startedAtMs).toISOString().slice(0, 19).replace(/[:T]/g, '-');
  return join('loadtest-results', `${moment}-${scenario.name}`);
}

/** Errors of which the message says all; of any other, where it happened is said as well. */
const EXPECTED = [
  OptionError,
  FolderUnusable,
  FileUnwritten,
  VenueUnusable,
  VenueNotReady,
  VenueRefusal,
  ProcessLost,
  Interrupted,
];

const USAGE_ERRORS = [OptionError, FolderUnusable];

try {
  process.exitCode = await main();
} catch (error) {
  const isExpected = EXPECTED.some((kind) => error instanceof kind);
  console.error(`loadtest: ${(error as Error).message}`);
  if (!isExpected) console.error(error);
  const isUsage = USAGE_ERRORS.some((kind) => error instanceof kind);
  process.exitCode = isUsage ? EXIT_USAGE : EXIT_FAILED;
}
// Children of an interrupted run end with this process.
if (process.exitCode !== 0) setImmediate(() => process.exit());
