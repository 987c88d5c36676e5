import pg from 'pg';
import { inTransaction, SCHEMA, withClient } from './database.ts';
import { initialSchema } from './migrations/001-initial-schema.ts';
import { preventedMatches } from './migrations/002-prevented-matches.ts';
import { stopOrdersAndPriceLimits } from './migrations/003-stop-orders-and-price-limits.ts';
import { resumedProjection } from './migrations/004-resumed-projection.ts';
import { rejectReasons } from './migrations/005-reject-reasons.ts';
import { projectionFromSnapshots } from './migrations/006-projection-from-snapshots.ts';
import { partitionsByMonth } from './migrations/007-partitions-by-month.ts';
import { accountHistory } from './migrations/008-account-history.ts';
import { allowedAddresses } from './migrations/009-allowed-addresses.ts';
import { clientIdsInHistory } from './migrations/010-client-ids-in-history.ts';

/** One step of the schema. A released one is never edited: a change is a new version. */
export interface Migration {
  /** Dense from 1. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

const MIGRATIONS: readonly Migration[] = [
  initialSchema,
  preventedMatches,
  stopOrdersAndPriceLimits,
  resumedProjection,
  rejectReasons,
  projectionFromSnapshots,
  partitionsByMonth,
  accountHistory,
  allowedAddresses,
  clientIdsInHistory,
];

/** Key of the advisory lock that keeps two venues from migrating at once: 'ringside' in hex digits. */
const MIGRATION_LOCK = 0x72696e67;

/** The schema holds, or has, something that is not the venue's to drop. */
export class ResetRefused extends Error {
  override name = 'ResetRefused';
  readonly code = 'RESET_REFUSED';
}

/**
 * Brings the venue's schema to the present version, each missing migration in a transaction of its
 * own. Safe to call again and from several processes at once. Rejects when the schema is newer than
 * this build, or with the driver's error.
 */
export async function prepareDatabase(databaseUrl: string): Promise<void> {
  await withMigrationLock(databaseUrl, migrate);
}

/** As `prepareDatabase` of a build of before, that knew no version after this one. */
export async function prepareDatabaseAt(databaseUrl: string, version: number): Promise<void> {
  await withMigrationLock(databaseUrl, (client) => migrate(client, version));
}

/**
 * Drops the venue's schema and makes it anew, empty. Nothing outside of the schema is dropped: when
 * something depends on its tables, or stands among them, it rejects with `ResetRefused` and changes
 * nothing.
 */
export async function resetDatabase(databaseUrl: string): Promise<void> {
  await withMigrationLock(databaseUrl, async (client) => {
    await dropSchema(client);
    await migrate(client);
  });
}

async function withMigrationLock(
  databaseUrl: string,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  await withClient(databaseUrl, 'ringside migrations', async (client) => {
    // The lock ends with the session.
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await work(client);
  });
}

async function migrate(client: pg.Client, version = MIGRATIONS.at(-1)!.version): Promise<void> {
  const exists = await client.query('select to_regnamespace($1) as oid', [SCHEMA]);
  if (exists.rows[0].oid === null) await client.query(`create schema ${SCHEMA}`);
  await client.query(`create table if not exists schema_migrations (
    version integer primary key,
    name text not null,
    applied_at timestamptz not null default now()
  )`);
  const { rows } = await client.query('select version from schema_migrations');
  const applied = new Set(rows.map((row) => row.version as number));
  const newest = Math.max(0, ...applied);
  if (newest > version) {
    throw new Error(`the database is at schema version ${newest}, this build knows ${version}`);
  }
  // Not only those above the newest: two builds may have come to one number after the other.
  const missing = MIGRATIONS.filter((one) => one.version <= version && !applied.has(one.version));
  for (const migration of missing) {
    await inTransaction(client, async () => {
      await client.query(migration.sql);
      await client.query('insert into schema_migrations (version, name) values ($1, $2)', [
        migration.version,
        migration.name,
      ]);
    });
  }
}

const DEPENDENT_OBJECTS_STILL_EXIST = '2BP01';

/** Without CASCADE anywhere: Postgres itself then guards what is not ours. */
async function dropSchema(client: pg.Client): Promise<void> {
  const tables = await client.query(
    `select quote_ident(tablename) as name from pg_tables where schemaname = $1`,
    [SCHEMA],
  );
  try {
    await inTransaction(client, async () => {
      const names = tables.rows.map((row) => `${SCHEMA}.${row.name}`);
      if (names.length > 0) await client.query(`drop table ${names.join(', ')} restrict`);
      await client.query(`drop schema if exists ${SCHEMA} restrict`);
    });
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === DEPENDENT_OBJECTS_STILL_EXIST) {
      const detail = error.detail ?? error.message;
      throw new ResetRefused(`schema ${SCHEMA} cannot be reset: ${detail}`, { cause: error });
    }
    throw error;
  }
}
