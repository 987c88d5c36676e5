import { setFlagsFromString } from 'node:v8';
import { type Config, readConfig } from './config.ts';
import { consoleLog, describeError, firstLine, type Log } from './log.ts';
import { StartError } from './start-error.ts';
import { TimeBudget } from './time-budget.ts';
import { startVenue, type Venue } from './venue.ts';

/** For the whole end, in all its steps. */
const STOP_TIME_MS = 9000;
/** From then on nothing is waited for, whatever it is. */
const STOP_TIMEOUT_MS = 10_000;

/**
 * A V8 option: each thread collects its young garbage by itself. A collection finds little that is alive, and waking
 * helpers and waiting for them, on processors that other threads need, costs more than they take off.
 */
setFlagsFromString('--no-parallel-scavenge');

const log: Log = consoleLog;
const stopAsked = new AbortController();
const stopTime = new TimeBudget(STOP_TIME_MS);

for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    if (stopAsked.signal.aborted) return;
    log.info(`${name}: stopping`);
    stopAsked.abort();
    boundTheEnd();
  });
}
process.on('uncaughtException', (error) => {
  log.error(`unexpected error: ${describeError(error)}`);
  process.exit(1);
});

process.exit(await run());

/** Starts the venue and runs it until a signal or its failure; answers the exit code. */
async function run(): Promise<number> {
  let venue: Venue;
  try {
    const config = readConfig(process.env);
    venue = await startVenue(config, log, stopTime, stopAsked.signal);
    announceLimits(config);
    announce(config, venue);
  } catch (error) {
    // Ctrl-C also ends what the start was waiting for, and that news may come before the signal's own.
    await signalsToArrive();
    if (stopAsked.signal.aborted) return 0;
    if (!(error instanceof StartError)) log.error(describeError(error));
    else log.error(`ringside: ${error.message}`);
    return 1;
  }
  return await runUntilStopped(venue);
}

async function runUntilStopped(venue: Venue): Promise<number> {
  let exitCode = 0;
  const asked = new Promise<void>((resolve) => {
    if (stopAsked.signal.aborted) resolve();
    stopAsked.signal.addEventListener('abort', () => resolve());
  });
  try {
    await Promise.race([asked, venue.failed]);
  } catch (error) {
    log.error(`fatal: ${firstLine(error)}`);
    exitCode = 1;
    boundTheEnd();
  }
  if (!(await venue.stop())) return 1;
  log.info('stopped');
  return exitCode;
}

/**
 * Lets the event loop go round, which hands signals on: when it is late, its timers run before it looks for
 * signals, what is set for immediately after.
 */
function signalsToArrive(): Promise<void> {
  return new Promise((resolve) => setTimeout(() => setImmediate(resolve), 10));
}

function boundTheEnd(): void {
  stopTime.begin();
  setTimeout(() => {
    log.error(`stopping took more than ${STOP_TIMEOUT_MS / 1000} s: giving up`);
    process.exit(1);
  }, STOP_TIMEOUT_MS).unref();
}

function announceLimits({ durability }: Config): void {
  if (durability === 'fsync') return;
  log.info(
    durability === 'os'
      ? 'RINGSIDE_DURABILITY=os: what is acknowledged survives the end of this process, but not a power cut.'
      : 'RINGSIDE_DURABILITY=none: there is no journal; a restarted venue begins empty, with a fresh database schema.',
  );
}

/** The ready line is the last one of the start. */
function announce(config: Config, venue: Venue): void {
  const { url, adminUrl } = venue;
  log.info(`API    ${url}  (websocket ${url.replace('http', 'ws')}/ws)`);
  log.info(`Admin  ${adminUrl}  (token in ${config.dataDir}/admin-token)`);
  const shards = config.shardCount;
  const { durability } = config;
  const ready = { event: 'ready', url, adminUrl, pid: process.pid, shards, durability };
  log.info(JSON.stringify(ready));
}
