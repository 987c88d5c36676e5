import { POOL_SIZE, type ProjectionQueries } from '../../persistence/queries.ts';
import type { DatabaseStatus } from '../admin/venue-status.ts';
import type { ApiKeys } from '../auth/api-keys.ts';
import { nowUs } from '../clock.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { firstLine, type Log } from '../log.ts';
import type { MarketData } from '../market-data/market-data.ts';
import type { MarketStanding } from '../market-data/trade-figures.ts';
import type { AccountDirectory } from '../registry/account-directory.ts';
import type { Registry } from '../registry/registry.ts';
import { until } from '../stop-shards.ts';
import { completeListings } from './complete-listings.ts';
import { type LearnTimer, learnAccounts } from './learn-accounts.ts';
import { learnBooks } from './learn-books.ts';
import { type LearnLatch, type Listings, learnListings } from './learn-listings.ts';
import { readMarketPast, tradingPastOf } from './trading-past.ts';

/** How long the database may take to catch up with the shards by default; trading goes on without it then. */
const PROJECTION_TIMEOUT_MS = 10_000;

/** What a gateway knows, and from whom. */
export interface LearningParts {
  /** Started with a history: nothing of the shards' events may have been heard yet. */
  readonly engine: EngineClient;
  readonly registry: Registry;
  readonly marketData: MarketData;
  readonly accounts: AccountDirectory;
  readonly apiKeys: ApiKeys;
  readonly learnLatch?: LearnLatch | undefined;
  readonly learnTimer?: LearnTimer | undefined;
  readonly queries: ProjectionQueries;
  readonly database: () => DatabaseStatus;
  readonly projectionTimeoutMs?: number | undefined;
  readonly log: Log;
  /** Looked at while the database is waited for. */
  readonly signal?: Pick<AbortSignal, 'throwIfAborted'> | undefined;
}

/**
 * Learns everything that a gateway would know, had it heard every event of the shards: what stands from
 * the shards, what was from the database. To be awaited before anybody is served. With shards that have
 * no history it is one round trip. Answers the markets whose past is not whole, since the database was behind.
 *
 * @throws StartError when the shards' memories contradict each other, and what `signal` throws.
 */
export async function learnState(parts: LearningParts): Promise<readonly number[]> {
  const { engine, registry, marketData, accounts, apiKeys, log } = parts;
  const { learnLatch, learnTimer } = parts;
  const startMs = performance.now();
  const listings = await learnListings(engine, registry, marketData, learnLatch);
  const { shards, standings } = listings;
  await completeListings(engine, registry, marketData, shards);
  const [levels] = await Promise.all([
    learnBooks(engine, marketData, standings.keys()),
    learnAccounts(engine, accounts, apiKeys, learnLatch, learnTimer),
  ]);
  const incomplete = await learnPasts(parts, listings);
  if (shards.every(({ eventSequence }) => eventSequence === 0)) return incomplete;
  const sequences = shards.map(({ eventSequence }) => eventSequence).join(', ');
  const counts = [
    `${registry.assets.length} assets`,
    `${registry.markets.length} markets`,
    `${levels} price levels`,
    `${accounts.count} accounts`,
    `${apiKeys.size} API keys`,
  ];
  const tookMs = Math.round(performance.now() - startMs);
  log.info(`Gateway: ${counts.join(', ')} after events ${sequences} by shard, in ${tookMs} ms.`);
  return incomplete;
}

/** The trades before those that are heard, of every market that was there. */
async function learnPasts(
  parts: LearningParts,
  { shards, standings }: Listings,
): Promise<readonly number[]> {
  const { registry, marketData, queries, database, log, signal } = parts;
  if (standings.size === 0) return [];
  const isCaughtUp = (): boolean =>
    shards.every(({ eventSequence }, shard) => database().positions[shard]! >= eventSequence);
  const isOver = (): boolean => {
    signal?.throwIfAborted();
    return database().failed || isCaughtUp();
  };
  await until(isOver, parts.projectionTimeoutMs ?? PROJECTION_TIMEOUT_MS);
  const isWhole = isCaughtUp();
  if (!isWhole || database().failed) {
    log.error(
      'The database lags behind the engine: tickers, candles and last trades begin incomplete.',
    );
  }
  let isReadable = true;
  const learnPast = async (marketId: number, standing: MarketStanding): Promise<void> => {
    const past = isReadable
      ? await readMarketPast(queries, marketId, nowUs()).catch((error: unknown) => {
          if (isReadable) log.error(`Tickers and last trades begin empty: ${firstLine(error)}`);
          isReadable = false;
          return null;
        })
      : null;
    if (past === null || !isWhole) incomplete.push(marketId);
    const market = registry.market(marketId);
    marketData.onPastLearnt(marketId, past && tradingPastOf(past, market, standing, isWhole));
  };
  const incomplete: number[] = [];
  const waiting = [...standings];
  while (waiting.length > 0) {
    await Promise.all(waiting.splice(0, POOL_SIZE).map((entry) => learnPast(...entry)));
  }
  return incomplete;
}
