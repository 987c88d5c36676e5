import { claimDatabase } from '../persistence/database-claim.ts';
import { startEmbeddedPostgres } from '../persistence/embedded-postgres.ts';
import {
  adoptHistory,
  ForeignProjection,
  readPositions,
  rebuildProjection,
} from '../persistence/history.ts';
import { prepareDatabase, resetDatabase } from '../persistence/migrations.ts';
import { type Config, withoutPassword } from './config.ts';
import { firstLine, type Log } from './log.ts';
import { StartError } from './start-error.ts';
import type { Teardown } from './teardown.ts';

const POSTGRES_TIMEOUT_MS = 5000;
const CLAIM_TIMEOUT_MS = 500;

/** A database that is this venue's alone, with its schema. */
export interface VenueDatabase {
  readonly databaseUrl: string;
  /** By shard: the sequence of the last event whose rows are committed. */
  readonly positions: readonly number[];
}

/**
 * Starts, claims and prepares the database: for a history it goes on where its projection is, for none
 * (null) it begins anew, empty.
 *
 * @throws StartError
 */
export function openDatabase(
  config: Config,
  historyId: string | null,
  log: Log,
  teardown: Teardown,
): Promise<VenueDatabase> {
  return claimed(config, log, teardown, async (databaseUrl) => {
    if (historyId === null) {
      await resetDatabase(databaseUrl);
      return Array.from({ length: config.shardCount }, () => 0);
    }
    await prepareDatabase(databaseUrl);
    return (await adoptHistory(databaseUrl, historyId, config.shardCount)).positions;
  });
}

/**
 * Starts and claims the database, drops what the venue has in it, of whatever history, and makes it anew, empty, for
 * this one.
 *
 * @param beforeDrop is told how far the tables are, by shard, when they are of this history; nothing is dropped when it
 *   rejects
 * @throws StartError
 */
export function emptyDatabase(
  config: Config,
  historyId: string,
  log: Log,
  teardown: Teardown,
  beforeDrop: (positions: readonly number[]) => Promise<void>,
): Promise<VenueDatabase> {
  return claimed(config, log, teardown, async (databaseUrl) => {
    await prepareDatabase(databaseUrl);
    const state = await readPositions(databaseUrl, config.shardCount).catch((error: unknown) => {
      if (error instanceof ForeignProjection) return null;
      throw error;
    });
    if (state !== null && state.historyId === historyId) await beforeDrop(state.positions);
    await rebuildProjection(databaseUrl, historyId);
    return Array.from({ length: config.shardCount }, () => 0);
  });
}

async function claimed(
  config: Config,
  log: Log,
  teardown: Teardown,
  prepare: (databaseUrl: string) => Promise<readonly number[]>,
): Promise<VenueDatabase> {
  const databaseUrl = config.databaseUrl ?? (await startPostgres(config, log, teardown));
  try {
    const claim = await claimDatabase(databaseUrl);
    const run = (): Promise<void> => claim.release();
    teardown.add({ name: 'database claim', timeoutMs: CLAIM_TIMEOUT_MS, run });
    return { databaseUrl, positions: await prepare(databaseUrl) };
  } catch (error) {
    const url = withoutPassword(databaseUrl);
    throw new StartError(`cannot use the database DATABASE_URL=${url}: ${firstLine(error)}`);
  }
}

async function startPostgres(config: Config, log: Log, teardown: Teardown): Promise<string> {
  try {
    const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, log: log.info });
    const run = (): Promise<unknown> => postgres.stop();
    teardown.add({ name: 'embedded Postgres', timeoutMs: POSTGRES_TIMEOUT_MS, run });
    return postgres.url;
  } catch (error) {
    throw new StartError(`cannot start the embedded Postgres: ${firstLine(error)}`);
  }
}
