import pg from 'pg';

/** Lets a test do to a venue's database what nobody may. */
export async function withWritableDatabase(
  databaseUrl: string,
  use: (query: (text: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    options: '-c search_path=ringside',
  });
  await client.connect();
  try {
    await use((text) => client.query(text));
  } finally {
    await client.end();
  }
}
