import { AdminClient } from '../client/admin-client.ts';
import { RestClient } from '../client/rest-client.ts';
import type { KeyPair } from '../client/signing.ts';
import { WsClient } from '../client/ws-client.ts';
import { ReplayChecker } from './checker.ts';
import { CommandFrames } from './command-frames.ts';
import type { CommandList } from './commands.ts';
import { awaitProjection, compareTrades, readTrades } from './database-check.ts';
import type { RecordedDay } from './day-parser.ts';
import { ReplayDriver } from './driver.ts';
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

export interface ReplaySettings {
  readonly stock: string;
  readonly pipelineDepth: number;
  readonly feeBps: { readonly maker: number; readonly taker: number };
}

/** Sends a day's commands to the venue and checks everything that can be seen from outside. */
export async function replayDay(
  venue: VenueAddress,
  day: RecordedDay,
  list: CommandList,
  settings: ReplaySettings,
): Promise<ReplayOutcome> {
  const admin = new AdminClient(venue.adminUrl, venue.adminToken);
  const rest = new RestClient(venue.url);
  const market = await setUpMarket(admin, list, settings);
  const frames = new CommandFrames(list.commands, market.symbol);
  const checker = new ReplayChecker(list, day.books);
  const sessions = await Promise.all(market.keyPairs.map((pair) => openSession(venue.url, pair)));
  const feed = await WsClient.connect(venue.url, 'json');
  try {
    const { symbol } = market;
    const { pipelineDepth } = settings;
    const driver = new ReplayDriver({
      list,
      frames,
      checker,
      sessions,
      feed,
      symbol,
      pipelineDepth,
    });
    await driver.subscribe();
    checker.start(await emptyBookUpdateId(rest, symbol));
    await runWithProgress(driver, checker, list.commands.length);
    const flowEndMs = performance.now();
    checker.finish();
    const lag = await awaitProjection(admin);
    const endMs = performance.now();
    const tradeRowsRight = await checkDatabase(venue, symbol, list, checker);
    await checkAudit(admin, checker);
    // The market can then take the next replay.
    await Promise.all(sessions.map((session) => session.request('order.cancelAll', { symbol })));
    return {
      commands: list.commands.length,
      aggressors: list.aggressors,
      aggressorsExact: checker.aggressorsExact,
      fills: list.fills,
      booksExpected: list.checkCommand.length,
      booksCompared: checker.booksCompared,
      tradeRowsRight,
      mismatches: checker.mismatches,
      flowSeconds: (flowEndMs - driver.firstSendMs) / 1000,
      totalSeconds: (endMs - driver.firstSendMs) / 1000,
      latenciesMs: driver.latenciesMs,
      lag,
      pipelineDepth,
      shards: venue.shards,
      durability: venue.durability,
    };
  } finally {
    await Promise.all([...sessions, feed].map((socket) => socket.close()));
  }
}

async function openSession(url: string, keyPair: KeyPair): Promise<WsClient> {
  const session = await WsClient.connect(url, 'msgpack');
  await session.login(keyPair);
  return session;
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
  const first = checker.trades[0]?.tradeId ?? 0;
  const rows = await readTrades(venue.databaseUrl, symbol, first);
  return compareTrades(list, checker.trades, rows, checker.mismatches);
}

async function checkAudit(admin: AdminClient, checker: ReplayChecker): Promise<void> {
  const audit = await admin.audit();
  if (audit.balanced) return;
  const wrong = audit.assets.filter((line) => !line.balanced);
  checker.mismatches.add('audit', () => JSON.stringify(wrong));
}
