import { AdminClient } from '../client/admin-client.ts';
import { readSecret, VenueProcess } from '../client/venue-process.ts';
import { commandsOf } from './commands.ts';
import { DayFileError, findDayFiles } from './day-files.ts';
import { DayFormatError, loadDay } from './day-parser.ts';
import { MarketSetupError } from './market-setup.ts';
import { OptionError, parseOptions, type ReplayOptions, USAGE } from './options.ts';
import { replayDay, type VenueAddress } from './replay.ts';
import { formatReport, type ReplayOutcome } from './report.ts';

/** Replays a recorded day; the exit code is 0 only when everything was as recorded. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), process.env);
  const files = findDayFiles(options.dayFolder, options.levels);
  const day = loadDay(files, options.messageLimit);
  const list = commandsOf(day);
  console.log(
    `${files.stock}: ${day.messages.rows} messages, ${day.books.levels} levels, ${list.commands.length} commands, ` +
      `${list.hiddenSkipped} hidden executions skipped, ${list.exceptionRuns} runs out of time priority`,
  );
  if (list.unknownOrders > 0) {
    console.log(`${list.unknownOrders} rows name orders the recording never showed`);
  }
  const settings = { ...options, stock: options.stock ?? files.stock };
  const outcome = await withVenue(options, (venue) => replayDay(venue, day, list, settings));
  return conclude(outcome);
}

function conclude(outcome: ReplayOutcome): number {
  const { mismatches } = outcome;
  console.log(formatReport(outcome));
  for (const detail of mismatches.details) console.log(`  ${detail}`);
  if (mismatches.total === 0) return 0;
  console.error(`replay failed: ${mismatches.total} mismatches with the recording`);
  return 1;
}

async function withVenue(
  options: ReplayOptions,
  use: (venue: VenueAddress) => Promise<ReplayOutcome>,
): Promise<ReplayOutcome> {
  if (options.url !== undefined) return use(await runningVenue(options, options.url));
  const venue = await VenueProcess.start({
    ...(options.shards === undefined ? {} : { shards: options.shards }),
    ...(options.durability === undefined
      ? {}
      : { environment: { RINGSIDE_DURABILITY: options.durability } }),
  });
  try {
    return await Promise.race([use(addressOf(venue, options)), interruption()]);
  } finally {
    await venue.stop();
  }
}

function addressOf(venue: VenueProcess, options: ReplayOptions): VenueAddress {
  const { url, adminUrl, shards, durability } = venue.ready;
  const databaseUrl = options.databaseUrl ?? venue.databaseUrl;
  if (databaseUrl === undefined) throw new OptionError('the venue does not tell its database');
  return { url, adminUrl, adminToken: venue.adminToken, databaseUrl, shards, durability };
}

/** Rejects on Ctrl-C and SIGTERM, so that the venue started here is stopped first. */
function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => reject(new Error(`interrupted by ${signal}`)));
    }
  });
}

async function runningVenue(options: ReplayOptions, url: string): Promise<VenueAddress> {
  const { adminUrl, dataDirectory } = options;
  const adminToken = options.adminToken ?? readSecret(dataDirectory, 'admin-token');
  if (adminToken === undefined) {
    throw new OptionError('no admin token: --admin-token, RINGSIDE_ADMIN_TOKEN or --data-dir');
  }
  const state = await new AdminClient(adminUrl, adminToken).state();
  const databaseUrl =
    options.databaseUrl ?? state.databaseUrl ?? readSecret(dataDirectory, 'database-url');
  if (databaseUrl === undefined) {
    throw new OptionError('where is the venue’s database? --database-url or --data-dir');
  }
  const shards = state.shards.length;
  return { url, adminUrl, adminToken, databaseUrl, shards, durability: 'as the venue has it' };
}

try {
  process.exitCode = await main();
} catch (error) {
  const isExpected =
    error instanceof OptionError ||
    error instanceof DayFileError ||
    error instanceof DayFormatError ||
    error instanceof MarketSetupError;
  console.error(`replay failed: ${(error as Error).message}`);
  if (error instanceof OptionError) console.error(USAGE);
  if (!isExpected && process.env.RINGSIDE_DEBUG !== undefined) console.error(error);
  process.exitCode = 1;
}
