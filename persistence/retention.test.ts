import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { OrderEventKind, OrderStatus } from '../engine/protocol/enums.ts';
import { OrderEvent } from '../engine/protocol/events.ts';
import { withClient } from './database.ts';
import { readPositions } from './history.ts';
import { HISTORY_COUNTS } from './history-counts.ts';
import { prepareDatabase } from './migrations.ts';
import { monthStart } from './months.ts';
import { firstMonthKept } from './retention.ts';
import { compareProjections } from './testing/compare-projections.ts';
import type { EventFeed } from './testing/event-feed.ts';
import { RandomHistory } from './testing/random-history.ts';
import { useTestServer } from './testing/test-server.ts';
import { until } from './testing/until.ts';
import { resumeVenue, startVenue, untilCommitted } from './testing/venue.ts';

const server = useTestServer();
const SHARDS = 2;
const RETENTION_DAYS = 45;
const STEPS = 2500;
/** So that the events are of nearly a year. */
const LONGEST_PAUSE_US = 2.5e11;
const OPEN = `status in ('New', 'PartiallyFilled', 'TriggerPending')`;

async function feedHistory(feed: EventFeed): Promise<void> {
  const history = new RandomHistory(feed, 11, LONGEST_PAUSE_US);
  for (let part = 0; part < 10; part++) {
    history.record(STEPS / 10);
    await feed.flush();
  }
}

/** What a query answers of a database. */
function ask(databaseUrl: string, text: string, values: unknown[] = []): Promise<unknown[]> {
  return withClient(databaseUrl, 'ringside test', async (client) => {
    return (await client.query(text, values)).rows;
  });
}

async function count(databaseUrl: string, from: string, values: unknown[]): Promise<number> {
  const [row] = await ask(databaseUrl, `select count(*)::integer as count from ${from}`, values);
  return (row as { count: number }).count;
}

/** The start of the first month that is kept of a history without retention. */
async function keptFrom(databaseUrl: string): Promise<string> {
  const [row] = await ask(
    databaseUrl,
    `select (extract(epoch from max(filled_at)) * 1000000)::float8 as us from fills`,
  );
  return monthStart(firstMonthKept((row as { us: number }).us, RETENTION_DAYS));
}

test('old months are dropped of what is over, and all else stays', async (context) => {
  const whole = await startVenue(context, server, { shardCount: SHARDS });
  await feedHistory(whole.feed);
  await untilCommitted(whole);
  const wholeUrl = server.url;
  const start = await keptFrom(wholeUrl);
  const sequences = [...whole.feed.sequences];
  await whole.writer.stop();

  // The same events, while months are dropped; a batch or two for each of them.
  const trimmedUrl = await server.createDatabase('trimmed');
  await prepareDatabase(trimmedUrl);
  const trimmed = await resumeVenue(context, server, {
    ...{ shardCount: SHARDS, databaseUrl: trimmedUrl, retentionDays: RETENTION_DAYS },
    dataDir: join(server.dataDir, 'trimmed'),
  });
  await feedHistory(trimmed.feed);
  await untilCommitted(trimmed);
  await until('the old months are gone', async () => {
    return (await count(trimmedUrl, 'trades where traded_at < $1', [start])) === 0;
  });

  for (const [table, column] of [
    ['trades', 'traded_at'],
    ['fills', 'filled_at'],
    ['prevented_matches', 'prevented_at'],
    [`(select * from klines where interval = '1s') as klines`, 'start_time'],
  ]) {
    assert.ok((await count(wholeUrl, `${table} where ${column} < $1`, [start])) > 0, table);
    assert.equal(await count(trimmedUrl, `${table} where ${column} < $1`, [start]), 0, table);
    const later = `${table} where ${column} >= $1`;
    assert.equal(
      await count(trimmedUrl, later, [start]),
      await count(wholeUrl, later, [start]),
      table,
    );
  }
  const isKept = `(created_at >= $1 or updated_at >= $1 or ${OPEN})`;
  const orders = `select * from orders where ${isKept} order by order_id`;
  assert.deepEqual(
    await ask(trimmedUrl, 'select * from orders order by order_id'),
    await ask(wholeUrl, orders, [start]),
  );
  assert.ok((await count(trimmedUrl, `orders where created_at < $1 and not ${OPEN}`, [start])) > 0);
  assert.ok((await count(trimmedUrl, `orders where created_at < $1 and ${OPEN}`, [start])) > 0);

  // And so it is when they are dropped at once.
  const reopened = await resumeVenue(context, server, {
    ...{ shardCount: SHARDS, retentionDays: RETENTION_DAYS },
    firstSent: sequences.map((sequence) => sequence + 1),
  });
  await until('the old months are gone', async () => {
    return (await count(wholeUrl, 'trades where traded_at < $1', [start])) === 0;
  });
  assert.deepEqual(await compareProjections(wholeUrl, trimmedUrl), []);
  const { begins } = await readPositions(wholeUrl, SHARDS);
  assert.deepEqual(reopened.writer.historyBegins, begins);
  for (const [shard, { sequence, timeUs }] of begins.entries()) {
    assert.equal(timeUs, Date.parse(start) * 1000);
    assert.ok(sequence > 1 && sequence <= sequences[shard]!);
  }
  const totals = `select account_id, market_id, sum(orders)::integer as orders, sum(fills)::integer as fills
    from ${HISTORY_COUNTS} group by 1, 2 having sum(orders) + sum(fills) > 0 order by 1, 2`;
  const counted = `select account_id, market_id, count(*) filter (where is_order)::integer as orders,
      count(*) filter (where not is_order)::integer as fills
    from (select account_id, market_id, true as is_order from orders
      union all select account_id, market_id, false from fills) as rows group by 1, 2 order by 1, 2`;
  assert.deepEqual(await ask(trimmedUrl, totals), await ask(trimmedUrl, counted));
});

/** An order of long ago, and its end. */
const OLD_ORDER = {
  ...{ orderId: 64, accountId: 1, marketId: 1, priceTicks: 100, quantityLots: 10 },
  createdAtUs: Date.UTC(2020, 0, 5) * 1000,
};

test('an order that outlives its month is one row, and goes when it is over and old', async (context) => {
  const venue = await startVenue(context, server, { retentionDays: 30 });
  const { feed } = venue;
  feed.recordListings();
  const keptOrders = () =>
    server.query('select order_id, status, tableoid::regclass::text as at from orders');
  const placed = { ...OLD_ORDER, kind: OrderEventKind.Accepted, status: OrderStatus.New };
  feed.record(0, OrderEvent, { ...placed, timeUs: OLD_ORDER.createdAtUs });
  const tradeAt = async (year: number, tradeId: number): Promise<void> => {
    const timeUs = Date.UTC(year, 5, 5) * 1000;
    const orders = { makerOrderId: tradeId * 128, takerOrderId: tradeId * 128 + 64 };
    const trade = { marketId: 1, tradeId, priceTicks: 100, quantityLots: 5, takerSide: 0 };
    feed.recordTrade(0, { ...trade, ...orders, timeUs });
    await feed.flush();
    await untilCommitted(venue);
    const first = monthStart(firstMonthKept(timeUs, 30));
    await until('the months before are gone', async () => {
      return (await count(server.url, 'trades where traded_at < $1', [first])) === 0;
    });
  };
  await tradeAt(2021, 1);
  await tradeAt(2022, 2);
  const [old] = await keptOrders();
  assert.deepEqual(old, { order_id: '64', status: 'New', at: 'orders_before_2022_05' });
  const cancelled = { kind: OrderEventKind.Cancelled, status: OrderStatus.Cancelled };
  feed.record(0, OrderEvent, { ...OLD_ORDER, ...cancelled, timeUs: Date.UTC(2022, 5, 6) * 1000 });
  await feed.flush();
  await untilCommitted(venue);
  const [ended] = await keptOrders();
  assert.deepEqual(ended, { order_id: '64', status: 'Cancelled', at: 'orders_before_2022_05' });
  await tradeAt(2024, 3);
  await until('the ended order is gone', async () => {
    return (await keptOrders()).every(({ order_id }) => order_id !== '64');
  });
  assert.deepEqual((await keptOrders()).map(({ order_id }) => order_id).sort(), ['384', '448']);
});

test('somebody who reads old months is waited for a moment, then all goes on with them', async (context) => {
  const first = await startVenue(context, server);
  await feedHistory(first.feed);
  await untilCommitted(first);
  await first.writer.stop();
  const before = await count(server.url, 'trades', []);
  await withClient(server.url, 'ringside test', async (reader) => {
    await reader.query('begin isolation level repeatable read, read only');
    await reader.query('select count(*) from trades');
    const firstSent = first.feed.sequences.map((sequence) => sequence + 1);
    const venue = await resumeVenue(context, server, { retentionDays: 30, firstSent });
    await until('it gives up', () => venue.lines.some((line) => line.includes('was not dropped')));
    venue.feed.sequences.splice(0, 1, first.feed.sequences[0]!);
    venue.feed.recordListings();
    await venue.feed.flush();
    await untilCommitted(venue);
    await reader.query('commit');
    await venue.writer.stop();
  });
  assert.equal(await count(server.url, 'trades', []), before);
});
