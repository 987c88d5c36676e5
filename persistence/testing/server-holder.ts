import pg from 'pg';
import { startEmbeddedPostgres } from '../embedded-postgres.ts';

/** A process that runs a server in the data dir of its first argument and tells what happens. */
const server = await startEmbeddedPostgres({ dataDir: process.argv[2]!, log: () => {} });
const say = (line: string) => process.stdout.write(`${line}\n`);

process.on('SIGINT', async () => {
  say('interrupted');
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query('select 1');
  await client.end();
  say('answered');
});
process.on('SIGTERM', async () => {
  await server.stop();
  process.exit(0);
});
process.on('SIGHUP', () => process.exit(1));
say('started');
setInterval(() => {}, 1000);
