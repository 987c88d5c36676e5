import type { ClientConfig } from 'pg';

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
