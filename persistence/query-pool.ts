import pg from 'pg';
import { connectionConfig } from './database.ts';

const CONNECTION_TIMEOUT_MS = 1000;
/** A new connection costs more than most questions. */
const IDLE_TIMEOUT_MS = 60_000;
const STATEMENT_TIMEOUT_MS = 2000;

/**
 * Connections for questions that somebody waits for: one that the server does not answer is given up within 3 s.
 *
 * @param connectionTimeoutMs also the longest wait for a free connection; 1 s unless given
 */
export function makeQueryPool(
  databaseUrl: string,
  applicationName: string,
  size: number,
  settings: Readonly<Record<string, string>> = {},
  connectionTimeoutMs = CONNECTION_TIMEOUT_MS,
): pg.Pool {
  const pool = new pg.Pool({
    // The server's own limit: a statement whose caller has given up must not keep its session busy.
    ...connectionConfig(databaseUrl, applicationName, {
      statement_timeout: `${STATEMENT_TIMEOUT_MS}ms`,
      ...settings,
    }),
    max: size,
    connectionTimeoutMillis: connectionTimeoutMs,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS,
  });
  // An idle connection may be lost; the next query opens another.
  pool.on('error', () => {});
  return pool;
}
