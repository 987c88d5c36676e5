import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { AccountCreated } from '../engine/protocol/events.ts';
import { adoptHistory, readPositions, rebuildProjection } from './history.ts';
import { prepareDatabase, resetDatabase } from './migrations.ts';
import {
  compareProjections,
  differingTables,
  digestProjection,
} from './testing/compare-projections.ts';
import { START_US } from './testing/event-feed.ts';
import { Random } from './testing/random.ts';
import { RandomHistory } from './testing/random-history.ts';
import { useTestServer } from './testing/test-server.ts';
import { resumeVenue, startVenue, untilCommitted, untilFailed } from './testing/venue.ts';

const server = useTestServer();
const ROUNDS = 12;
const HISTORY = 'history-1';
const FIRST_EVENT = { sequence: 1, timeUs: null };

test('a projection that stops anywhere and goes on equals one that was made in one go', async (context) => {
  const shardCount = 2;
  const wholeUrl = await server.createDatabase('whole');
  await prepareDatabase(wholeUrl);
  const random = new Random(31);
  await resetDatabase(server.url);
  let total = 0;
  let skipped = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const { positions } = await readPositions(server.url, shardCount);
    // From anywhere: a shard that recovers from an older snapshot sends more.
    const firstSent = positions.map((position) => 1 + random.below(position + 1));
    const venue = await resumeVenue(context, server, { shardCount, firstSent });
    const history = new RandomHistory(venue.feed, 7);
    history.record(total);
    for (let step = 0; step < 4; step++, total += 100) {
      history.record(100);
      await venue.feed.flush();
    }
    // However slow the machine is, some of it gets there.
    if (round % 3 === 0) await untilCommitted(venue);
    // Else the connection goes at any moment, and the thread with it.
    if (round < ROUNDS) await venue.writer.stop(random.below(30));
    skipped += venue.writer.status().skippedEvents;
  }
  assert.ok(skipped > 1000, `only ${skipped} events came once more`);
  const whole = await resumeVenue(context, server, {
    shardCount,
    databaseUrl: wholeUrl,
    dataDir: join(server.dataDir, 'other'),
  });
  new RandomHistory(whole.feed, 7).record(total);
  await whole.feed.flush();
  await untilCommitted(whole);
  assert.equal(whole.writer.status().skippedEvents, 0);
  assert.deepEqual(await compareProjections(server.url, wholeUrl), []);
});

test('what was listed before is known without its events', async (context) => {
  const shardCount = 2;
  const first = await startVenue(context, server, { shardCount });
  new RandomHistory(first.feed, 3).record(500);
  await first.feed.flush();
  assert.deepEqual(await first.writer.stop(), { drained: true });

  const { positions } = await readPositions(server.url, shardCount);
  assert.deepEqual(positions, first.feed.sequences);
  const firstSent = positions.map((position) => position + 1);
  const second = await resumeVenue(context, server, { shardCount, firstSent });
  const history = new RandomHistory(second.feed, 3);
  history.record(500);
  history.record(700);
  await second.feed.flush();
  await untilCommitted(second);
  assert.equal(second.writer.status().skippedEvents, 0);

  const url = await server.createDatabase('known');
  await prepareDatabase(url);
  const whole = await resumeVenue(context, server, {
    ...{ shardCount, databaseUrl: url, dataDir: join(server.dataDir, 'other') },
  });
  new RandomHistory(whole.feed, 3).record(1200);
  await whole.feed.flush();
  await untilCommitted(whole);
  assert.deepEqual(await compareProjections(server.url, url), []);
});

test('a shard that begins behind the position stops the projection: events are missing', async (context) => {
  const first = await startVenue(context, server);
  first.feed.recordListings();
  await first.feed.flush();
  await first.writer.stop();
  const position = first.feed.sequences[0]!;
  const second = await resumeVenue(context, server, { firstSent: [position + 2] });
  second.feed.recordListings();
  for (let accountId = 3; accountId < 6; accountId++) {
    second.feed.record(0, AccountCreated, { accountId, name: 'x', timeUs: START_US });
  }
  await second.feed.flush();
  assert.match(
    await untilFailed(second),
    /at event 6 of a shard that begins with 8: those between are gone/,
  );
  assert.equal((await server.query('select * from accounts')).length, 2);
});

test('many events that are projected already are passed over in turns, and the rest is written', async (context) => {
  const accounts = 60_000;
  await resetDatabase(server.url);
  await server.query('insert into projection_positions values (0, $1)', [accounts]);
  const { feed, writer } = await resumeVenue(context, server);
  for (let accountId = 1; accountId <= accounts + 3; accountId++) {
    feed.record(0, AccountCreated, { accountId, name: 'x', timeUs: START_US });
  }
  await feed.flush();
  await untilCommitted({ feed, writer });
  const { skippedEvents, lagEvents } = writer.status();
  assert.deepEqual({ skippedEvents, lagEvents }, { skippedEvents: accounts, lagEvents: 0 });
  const ids = await server.query('select account_id from accounts order by 1');
  assert.deepEqual(
    ids.map((row) => Number(row.account_id)),
    [accounts + 1, accounts + 2, accounts + 3],
  );
});

test('a database keeps the history that it was first given, and refuses every other', async (context) => {
  await resetDatabase(server.url);
  const begins = [FIRST_EVENT, FIRST_EVENT];
  const nothing = { positions: [0, 0], begins };
  assert.deepEqual(await readPositions(server.url, 2), { historyId: null, ...nothing });
  const adopted = { historyId: HISTORY, ...nothing };
  assert.deepEqual(await adoptHistory(server.url, HISTORY, 2), adopted);
  assert.deepEqual(await adoptHistory(server.url, HISTORY, 2), adopted);
  const foreign = { code: 'FOREIGN_PROJECTION' };
  await assert.rejects(adoptHistory(server.url, 'history-2', 2), foreign);

  const { feed, writer } = await resumeVenue(context, server, { historyId: HISTORY });
  feed.recordListings();
  await feed.flush();
  await untilCommitted({ feed, writer });
  await writer.stop();
  assert.deepEqual((await readPositions(server.url, 1)).positions, [6]);
  await assert.rejects(readPositions(server.url, 2), foreign);
  await assert.rejects(adoptHistory(server.url, HISTORY, 2), foreign);

  const other = await resumeVenue(context, server, { historyId: 'history-2' });
  assert.match(await untilFailed(other), /of history history-1, the venue's is/);
});

test('rows of a venue without a journal belong to no history', async (context) => {
  const { feed, writer } = await startVenue(context, server);
  feed.recordListings();
  await feed.flush();
  await untilCommitted({ feed, writer });
  await assert.rejects(adoptHistory(server.url, HISTORY, 1), { code: 'FOREIGN_PROJECTION' });
});

test('a projection of another number of shards is not gone on with', async (context) => {
  await resetDatabase(server.url);
  await server.query('insert into projection_positions values (0, 0), (1, 0)');
  for (const shardCount of [1, 3]) {
    const venue = await resumeVenue(context, server, { shardCount });
    assert.match(await untilFailed(venue), /of 2 shards, the venue has/);
  }
});

test('a projection that is rebuilt from all events equals the one before', async (context) => {
  await resetDatabase(server.url);
  await adoptHistory(server.url, HISTORY, 1);
  const digests = [];
  for (const steps of [1500, 1500, 1600]) {
    const { feed, writer } = await resumeVenue(context, server, { historyId: HISTORY });
    new RandomHistory(feed, 5).record(steps);
    await feed.flush();
    await untilCommitted({ feed, writer });
    await writer.stop();
    digests.push(await digestProjection(server.url));
    await rebuildProjection(server.url, HISTORY);
    const empty = { historyId: HISTORY, positions: [0], begins: [FIRST_EVENT] };
    assert.deepEqual(await readPositions(server.url, 1), empty);
  }
  assert.deepEqual(differingTables(digests[0]!, digests[1]!), []);
  // Of a hundred more steps, nearly every table tells.
  assert.ok(differingTables(digests[0]!, digests[2]!).length > 6);
});
