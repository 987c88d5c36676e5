import { claimDatabase } from '../persistence/database-claim.ts';
import { startEmbeddedPostgres } from '../persistence/embedded-postgres.ts';
import {
  adoptHistory,
  ForeignProjection,
  type HistoryBegin,
  type ProjectionState,
  readHistoryId,
  readPositions,
  readProjection,
  rebuildProjection,
} from '../persistence/history.ts';
import { prepareDatabase, resetDatabase } from '../persistence/migrations.ts';
import { type Config, withoutPassword } from './config.ts';
import { beginHistory, type History } from './history.ts';
import { firstLine, type Log } from './log.ts';
import { StartError } from './start-error.ts';
import type { Teardown } from './teardown.ts';

const POSTGRES_TIMEOUT_MS = 5000;
const CLAIM_TIMEOUT_MS = 500;

/** A database that is this venue's alone, with its schema. */
export interface VenueDatabase extends Standing {
  readonly databaseUrl: string;
  /**
   * Makes it that of the history, if it is not: to be called once the history is known to be whole.
   *
   * @throws StartError
   */
  adopt(): Promise<void>;
}

/** What is in it, by shard. */
type Standing = Pick<ProjectionState, 'positions' | 'begins'>;

/**
 * Starts, claims and prepares the database: for a history it goes on where its projection is, for none
 * (null) it begins anew, empty, unless the tables are those of a history. A new history is begun once the database is
 * known to be of no other. One that is there only reads, so that a start that is refused leaves another venue's empty
 * database to that.
 *
 * @throws StartError
 */
export async function openDatabase(
  config: Config,
  history: History | null,
  log: Log,
  teardown: Teardown,
): Promise<VenueDatabase> {
  const { shardCount } = config;
  const database = await claimed(config, log, teardown, async (databaseUrl) => {
    if (history === null) {
      await dropUnlessOfHistory(databaseUrl);
      return readPositions(databaseUrl, shardCount);
    }
    await prepareDatabase(databaseUrl);
    const { historyId, isNew } = history;
    if (!isNew) return readProjection(databaseUrl, historyId, shardCount);
    return adoptHistory(databaseUrl, historyId, shardCount, () => beginHistory(history));
  });
  const { databaseUrl } = database;
  const adopt = async (): Promise<void> => {
    if (history === null || database.historyId === history.historyId) return;
    await adoptHistory(databaseUrl, history.historyId, shardCount).catch((error: unknown) => {
      throw unusable(databaseUrl, error);
    });
  };
  return { ...database, adopt };
}

async function dropUnlessOfHistory(databaseUrl: string): Promise<void> {
  const historyId = await readHistoryId(databaseUrl);
  if (historyId !== null) {
    throw new StartError(
      `RINGSIDE_DURABILITY=none begins with empty tables, and those in the database are made of a journal: that of history ${historyId}. ` +
        'Use another database, or drop its schema ringside when nobody needs them any more',
    );
  }
  await resetDatabase(databaseUrl);
}

/**
 * Starts and claims the database, drops what the venue has in it, of whatever history, and makes it anew, empty, for
 * this one. Answers its URL.
 *
 * @param begins by shard, where what is left of its events begins; none when all are left
 * @param beforeDrop is told what the tables have, when they are of this history, else null; nothing is dropped when it
 *   rejects
 * @throws StartError
 */
export async function emptyDatabase(
  config: Config,
  historyId: string,
  log: Log,
  teardown: Teardown,
  begins: readonly HistoryBegin[],
  beforeDrop: (known: ProjectionState | null) => Promise<void>,
): Promise<string> {
  const { databaseUrl } = await claimed(config, log, teardown, async (databaseUrl) => {
    await prepareDatabase(databaseUrl);
    const state = await readPositions(databaseUrl, config.shardCount).catch((error: unknown) => {
      if (error instanceof ForeignProjection) return null;
      throw error;
    });
    await beforeDrop(state !== null && state.historyId === historyId ? state : null);
    await rebuildProjection(databaseUrl, historyId, begins);
    return readPositions(databaseUrl, config.shardCount);
  });
  return databaseUrl;
}

async function claimed(
  config: Config,
  log: Log,
  teardown: Teardown,
  prepare: (databaseUrl: string) => Promise<ProjectionState>,
): Promise<ProjectionState & { readonly databaseUrl: string }> {
  const databaseUrl = config.databaseUrl ?? (await startPostgres(config, log, teardown));
  try {
    const claim = await claimDatabase(databaseUrl);
    const run = (): Promise<void> => claim.release();
    teardown.add({ name: 'database claim', timeoutMs: CLAIM_TIMEOUT_MS, run });
    return { databaseUrl, ...(await prepare(databaseUrl)) };
  } catch (error) {
    throw error instanceof StartError ? error : unusable(databaseUrl, error);
  }
}

function unusable(databaseUrl: string, error: unknown): StartError {
  const url = withoutPassword(databaseUrl);
  return new StartError(`cannot use the database DATABASE_URL=${url}: ${firstLine(error)}`);
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
