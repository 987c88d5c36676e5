import pg, { type ClientConfig } from 'pg';

/** Everything the venue keeps in a database is in this schema; nothing outside of it is touched. */
export const SCHEMA = 'ringside';

/**
 * How the venue connects: to its own schema, in UTC. `settings` are further server settings of the
 * session. They travel in the start-up packet, so they hold before the first statement does.
 */
export function connectionConfig(
  databaseUrl: string,
  applicationName: string,
  settings: Readonly<Record<string, string>> = {},
): ClientConfig {
  const url = new URL(databaseUrl);
  const session = { search_path: SCHEMA, timezone: 'UTC', ...settings };
  const flags = Object.entries(session).map(([name, value]) => `-c ${name}=${value}`);
  const given = url.searchParams.get('options');
  // pg lets the URL's options win over the config's, so both must stand in the URL.
  url.searchParams.set('options', [given, ...flags].filter((part) => part !== null).join(' '));
  return {
    connectionString: url.href,
    application_name: applicationName,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  };
}

/** Runs `work` on a connection of its own, which ends with it. */
export async function withClient<T>(
  databaseUrl: string,
  applicationName: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connectionConfig(databaseUrl, applicationName));
  // A connection that is lost rejects the query under way, and is told here once more.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs `work` in a transaction of `client`, which it commits or, when `work` rejects, undoes. */
export async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    // Of a connection that is lost, the server undoes the transaction itself.
    await client.query('rollback').catch(() => {});
    throw error;
  }
}
