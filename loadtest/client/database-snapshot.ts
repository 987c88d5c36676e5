import pg from 'pg';

/** Reads the rows of a venue's projection as they were at one moment: everything that `use` asks is of one snapshot. */
export async function withDatabaseSnapshot<Result>(
  databaseUrl: string,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const options = '-c search_path=ringside -c default_transaction_read_only=on';
  const client = new pg.Client({ connectionString: databaseUrl, options });
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read');
    return await use(client);
  } finally {
    await client.end();
  }
}
