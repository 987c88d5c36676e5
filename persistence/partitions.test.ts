import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Side } from '../engine/protocol/enums.ts';
import { US_PER_DAY } from '../engine/protocol/time-units.ts';
import { withClient } from './database.ts';
import { monthName, monthOf } from './months.ts';
import type { EventFeed } from './testing/event-feed.ts';
import { useTestServer } from './testing/test-server.ts';
import { startVenue, untilCommitted } from './testing/venue.ts';

const server = useTestServer();
const timeOf = (text: string): number => Date.parse(text) * 1000;

/** One trade of two orders that begin and end with it. */
function recordTrade(feed: EventFeed, tradeId: number, timeUs: number): void {
  const orders = { makerOrderId: tradeId * 2, takerOrderId: tradeId * 2 + 1 };
  const trade = { marketId: 1, tradeId, priceTicks: 100, quantityLots: 5, takerSide: Side.Bid };
  feed.recordTrade(0, { ...trade, ...orders, timeUs });
}

/** The rows of each partition of a table that has some, by its name. */
async function rowsByPartition(table: string): Promise<Record<string, number>> {
  const rows = await server.query(
    `select tableoid::regclass::text as name, count(*)::integer as count from ${table} group by 1 order by 1`,
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}

async function partitionsOf(table: string): Promise<unknown[]> {
  const rows = await server.query(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass order by 1`,
    [table],
  );
  return rows.map(({ name }) => name);
}

test('rows of any time have their partitions, and the month after the newest has its own', async (context) => {
  const venue = await startVenue(context, server);
  const { feed } = venue;
  feed.recordListings();
  const times = [
    '2026-11-23',
    '2026-11-30T23:59:59.999Z',
    '2031-02-01',
    '2026-12-01',
    '2024-02-29',
  ];
  for (const [index, time] of times.entries()) {
    recordTrade(feed, index + 1, timeOf(time));
    if (index % 2 === 0) continue;
    await feed.flush();
    await untilCommitted(venue);
  }
  await feed.flush();
  await untilCommitted(venue);
  const expected = { '2024_02': 1, '2026_11': 2, '2026_12': 1, '2031_02': 1 };
  const named = (table: string, factor: number) =>
    Object.fromEntries(
      Object.entries(expected).map(([month, count]) => [`${table}_${month}`, count * factor]),
    );
  assert.deepEqual(await rowsByPartition('trades'), named('trades', 1));
  assert.deepEqual(await rowsByPartition('fills'), named('fills', 2));
  assert.deepEqual(await rowsByPartition('orders'), named('orders', 2));
  const made = await partitionsOf('trades');
  for (const month of [...Object.keys(expected), '2031_03']) {
    assert.ok(made.includes(`trades_${month}`), `${made} without ${month}`);
  }
  // A week may begin in the month before, and a candle is where it begins.
  const [candles] = await server.query(
    `select count(*)::integer as count from klines_longer_2024_02 where interval = '1month'`,
  );
  assert.equal(candles!.count, 1);
  assert.equal(venue.writer.status().refusedEvents, 0);
});

test('a new month begins while somebody reads every partition, and does not wait', async (context) => {
  const venue = await startVenue(context, server);
  venue.feed.recordListings();
  recordTrade(venue.feed, 1, timeOf('2026-11-23'));
  await venue.feed.flush();
  await untilCommitted(venue);
  await withClient(server.url, 'ringside test', async (reader) => {
    await reader.query('begin isolation level repeatable read, read only');
    for (const table of ['trades', 'fills', 'orders', 'klines']) {
      await reader.query(`select count(*) from ${table}`);
    }
    for (let month = 0; month < 4; month++) {
      recordTrade(venue.feed, month + 2, timeOf('2026-12-15') + month * 31 * US_PER_DAY);
    }
    await venue.feed.flush();
    await untilCommitted(venue);
    await reader.query('commit');
  });
  assert.equal((await server.query('select from trades')).length, 5);
});

test('a partition that somebody drops is made again, and no event is refused for it', async (context) => {
  const venue = await startVenue(context, server);
  venue.feed.recordListings();
  recordTrade(venue.feed, 1, timeOf('2026-11-23'));
  await venue.feed.flush();
  await untilCommitted(venue);
  const table = `trades_${monthName(monthOf(timeOf('2026-11-24')))}`;
  await server.query(`drop table ${table}`);
  recordTrade(venue.feed, 2, timeOf('2026-11-24'));
  recordTrade(venue.feed, 3, timeOf('2026-11-25'));
  await venue.feed.flush();
  await untilCommitted(venue);
  assert.deepEqual(await server.query('select trade_id from trades order by 1'), [
    { trade_id: '2' },
    { trade_id: '3' },
  ]);
  assert.equal(venue.writer.status().refusedEvents, 0);
  assert.ok(venue.lines.some((line) => line.includes('somebody has dropped a partition')));
});

test('every partition has the indexes of its table', async () => {
  const rows =
    await server.query(`select count(*)::integer as indexes, inhparent::regclass::text as parent
    from pg_inherits join pg_index on indrelid = inhrelid
    where inhparent::regclass::text in ('trades', 'fills', 'orders') group by inhrelid, inhparent`);
  assert.ok(rows.length > 0);
  for (const { parent, indexes } of rows) assert.equal(indexes, 2, String(parent));
  const loose = await server.query(`select relname from pg_class
    where relnamespace = 'ringside'::regnamespace and relkind = 'r' and not relispartition
      and relname ~ '_\\d{4}_\\d{2}$'`);
  assert.deepEqual(loose, []);
});
