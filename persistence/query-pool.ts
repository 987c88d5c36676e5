import pg from 'pg';
import { connectionConfig } from './database.ts';

/** Also the longest wait for a free connection. */
const CONNECTION_TIMEOUT_MS = 1000;
const STATEMENT_TIMEOUT_MS = 2000;

/** Connections for questions that somebody waits for: one that the server does not answer is given up within 3 s. */
export function makeQueryPool(
  databaseUrl: string,
  applicationName: string,
  size: number,
  settings: Readonly<Record<string, string>> = {},
): pg.Pool {
  const pool = new pg.Pool({
    // The server's own limit: a statement whose caller has given up must not keep its session busy.
    ...connectionConfig(databaseUrl, applicationName, {
      statement_timeout: `${STATEMENT_TIMEOUT_MS}ms`,
      ...settings,
    }),
    max: size,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS,
  });
  // An idle connection may be lost; the next query opens another.
  pool.on('error', () => {});
  return pool;
}
