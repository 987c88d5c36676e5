import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { TestServer } from '../persistence/testing/test-server.ts';
import { VenueClient } from './venue-client.fixture.ts';
import { VenueUnderTest } from './venue-process.fixture.ts';

const WORKERS = 8;
const ORDERS_BEFORE_STOP = 100;

test('every order that was acknowledged before a SIGTERM is in the database after it', async () => {
  const postgres = new TestServer();
  await postgres.start();
  const venue = new VenueUnderTest({ DATABASE_URL: postgres.url, RINGSIDE_SHARDS: '2' });
  try {
    const client = new VenueClient(venue, await venue.ready());
    await client.setUp();
    const acknowledged = await placeUntilRefused(client, () => venue.child.kill('SIGTERM'));
    const { exitCode, stderr } = await venue.ended;
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.ok(acknowledged.length >= ORDERS_BEFORE_STOP);
    const stored = await storedOrderIds(postgres.url);
    assert.deepEqual(
      acknowledged.filter((orderId) => !stored.has(orderId)),
      [],
    );
  } finally {
    await venue.cleanUp();
    await postgres.remove();
  }
});

test('a stop that cannot write the last events says so, in time, and ends with exit code 1', async () => {
  const postgres = new TestServer();
  await postgres.start();
  const venue = new VenueUnderTest({ DATABASE_URL: postgres.url });
  try {
    const client = new VenueClient(venue, await venue.ready());
    await postgres.stop();
    await client.setUp();
    const begin = performance.now();
    venue.child.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await venue.ended;
    assert.equal(exitCode, 1);
    assert.match(stderr, /^stopping: persistence: the last events did not reach the database$/m);
    assert.equal(stderr.match(/^stopping/gm)?.length, 1, stderr);
    assert.doesNotMatch(stdout, /^stopped$/m);
    assert.ok(performance.now() - begin < 10_000, 'the stop took too long');
  } finally {
    await venue.cleanUp();
    await postgres.remove();
  }
});

/** Places orders from several workers at once until each was refused; answers the ids of the others. */
async function placeUntilRefused(client: VenueClient, stop: () => void): Promise<string[]> {
  const acknowledged: string[] = [];
  const order = {
    symbol: 'AAA_USD',
    orderType: 'Limit',
    quantity: '1',
    price: '0.01',
    side: 'Bid',
  };
  const work = async (): Promise<void> => {
    for (;;) {
      const reply = await client.place(order).catch(() => null);
      // No answer at all: the connection was closed, or could not be opened any more.
      if (reply === null) return;
      if (reply.status !== 200) {
        assert.deepEqual([reply.status, reply.body.code], [503, 'SHUTTING_DOWN']);
        return;
      }
      acknowledged.push(String(reply.body.id));
      if (acknowledged.length === ORDERS_BEFORE_STOP) stop();
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return acknowledged;
}

async function storedOrderIds(databaseUrl: string): Promise<Set<string>> {
  const database = new pg.Client(databaseUrl);
  await database.connect();
  try {
    const { rows } = await database.query('select order_id::text as id from ringside.orders');
    return new Set(rows.map((row: { id: string }) => row.id));
  } finally {
    await database.end();
  }
}
