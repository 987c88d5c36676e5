import { AdminClient } from '../client/admin-client.ts';
import { awaitProjection, type DatabaseLag } from '../client/database-lag.ts';
import { RestClient } from '../client/rest-client.ts';
import { WsClient } from '../client/ws-client.ts';
import { ReplayChecker } from './checker.ts';
import { CommandFrames } from './command-frames.ts';
import type { CommandList } from './commands.ts';
import { compareTrades, readTrades } from './database-check.ts';
import type { RecordedDay } from './day-parser.ts';
import { ReplayDriver, ReplayStopped } from './driver.ts';
import { emptyBookUpdateId, setUpMarket } from './market-setup.ts';
import { ProgressLine } from './progress-line.ts';
import type { ReplayOutcome } from './report.ts';

/** A running venue, as far as a replay must know it. */
export interface VenueAddress {
  readonly url: string;
  readonly adminUrl: string;
  readonly adminToken: string;
  readonly databaseUrl: string;
  readonly shards: number;
  readonly durability: string;
}

interface ReplaySettings {
  readonly stock: string;
  readonly pipelineDepth: number;
  readonly feeBps: { readonly maker: number; readonly taker: number };
}

/**
 * Sends a day's commands to the venue and checks everything that can be seen from outside. A venue that
 * goes silent or away is a mismatch, too; only a venue that cannot be set up is an error.
 */
export async function replayDay(
  venue: VenueAddress,
  day: RecordedDay,
  list: CommandList,
  settings: ReplaySettings,
): Promise<ReplayOutcome> {
  const admin = new AdminClient(venue.adminUrl, venue.adminToken);
  const market = await setUpMarket(admin, list, settings);
  const checker = new ReplayChecker(list, day.books);
  const sockets: WsClient[] = [];
  try {
    const feed = await WsClient.connect(venue.url, 'json');
    sockets.push(feed);
    const sessions: WsClient[] = [];
    for (const keyPair of market.keyPairs) {
      const session = await WsClient.connect(venue.url, 'msgpack');
      sockets.push(session);
      await session.login(keyPair);
      sessions.push(session);
    }
    const { symbol } = market;
    const driver = new ReplayDriver({
      list,
      frames: new CommandFrames(list.commands, symbol),
      checker,
      sessions,
      feed,
      symbol,
      pipelineDepth: settings.pipelineDepth,
    });
    await driver.subscribe();
    checker.start(await emptyBookUpdateId(new RestClient(venue.url), symbol));
    const ending = await runToEnd(venue, admin, symbol, list, driver, checker);
    // The market can then take the next replay.
    for (const session of sessions) await session.request('order.cancelAll', { symbol });
    return { ...outcomeOf(venue, list, settings, driver, checker), ...ending };
  } finally {
    await Promise.all(sockets.map((socket) => socket.close()));
  }
}

interface Ending {
  readonly flowSeconds: number;
  readonly totalSeconds: number;
  readonly lag: DatabaseLag;
  readonly tradeRowsRight: number;
}

/** The order flow, the database that follows it, and the sums at the end. */
async function runToEnd(
  venue: VenueAddress,
  admin: AdminClient,
  symbol: string,
  list: CommandList,
  driver: ReplayDriver,
  checker: ReplayChecker,
): Promise<Ending> {
  const secondsSinceStart = (): number => (performance.now() - driver.firstSendMs) / 1000;
  try {
    await runWithProgress(driver, checker, list.commands.length);
  } catch (error) {
    if (!(error instanceof ReplayStopped)) throw error;
    checker.mismatches.add('stopped', () => error.message);
    const seconds = secondsSinceStart();
    const lag = { events: 0, untilZeroMs: 0 };
    return { flowSeconds: seconds, totalSeconds: seconds, lag, tradeRowsRight: 0 };
  }
  const flowSeconds = secondsSinceStart();
  checker.finish();
  const lag = await awaitProjection(admin);
  const totalSeconds = secondsSinceStart();
  const tradeRowsRight = await checkDatabase(venue, symbol, list, checker);
  await checkAudit(admin, checker);
  return { flowSeconds, totalSeconds, lag, tradeRowsRight };
}

function outcomeOf(
  venue: VenueAddress,
  list: CommandList,
  settings: ReplaySettings,
  driver: ReplayDriver,
  checker: ReplayChecker,
): Omit<ReplayOutcome, keyof Ending> {
  return {
    commands: list.commands.length,
    aggressors: list.aggressors,
    aggressorsExact: checker.aggressorsExact,
    fills: list.fills,
    booksExpected: list.checkCommand.length,
    booksCompared: checker.booksCompared,
    mismatches: checker.mismatches,
    latenciesMs: driver.latenciesMs,
    pipelineDepth: settings.pipelineDepth,
    shards: venue.shards,
    durability: venue.durability,
  };
}

async function runWithProgress(
  driver: ReplayDriver,
  checker: ReplayChecker,
  total: number,
): Promise<void> {
  const progress = new ProgressLine(process.stderr, () => {
    const percent = ((100 * driver.sent) / total).toFixed(0);
    return `${percent} %  ${driver.sent} of ${total} commands, ${checker.booksCompared} books compared, ${checker.mismatches.total} mismatches`;
  });
  try {
    await driver.run();
  } finally {
    progress.stop();
  }
}

async function checkDatabase(
  venue: VenueAddress,
  symbol: string,
  list: CommandList,
  checker: ReplayChecker,
): Promise<number> {
  const first = checker.trades[0]?.tradeId ?? Number.MAX_SAFE_INTEGER;
  const rows = await readTrades(venue.databaseUrl, symbol, first);
  return compareTrades(list, checker.trades, rows, checker.mismatches);
}

async function checkAudit(admin: AdminClient, checker: ReplayChecker): Promise<void> {
  const audit = await admin.audit();
  if (audit.balanced) return;
  const wrong = audit.assets.filter((line) => !line.balanced);
  checker.mismatches.add('audit', () => JSON.stringify(wrong));
}
