import type pg from 'pg';
import { US_PER_DAY } from '../engine/protocol/time-units.ts';
import type { HistoryBegin } from './history.ts';
import { foldCounts } from './history-counts.ts';
import { monthOf, monthStart } from './months.ts';
import {
  nameOf,
  nameOfKeptOrders,
  PARTITIONED,
  PARTITIONED_TABLES,
  type PartitionedTable,
  type Partitions,
} from './partitions.ts';

/** Candles of a second go with the trades they are made of; longer ones are few, and stay. */
const DROPPED: readonly PartitionedTable[] = PARTITIONED_TABLES.filter(
  (table) => table !== 'orders' && table !== 'klines_longer',
);

/** What of the orders of old months stays: the open ones, and those of which later events have told. */
const IS_KEPT = `(status in ('New', 'PartiallyFilled', 'TriggerPending') or updated_at >= $1)`;

/** Whoever reads an old partition has to be done first, and meanwhile whoever reads any waits behind this. */
const LOCK_TIMEOUT_MS = 1000;

const COUNT_KEPT = `insert into history_counts (account_id, market_id, month, orders, fills)
  select account_id, market_id, date_trunc('month', created_at), count(*), 0
    from orders where created_at < $1 group by 1, 2, 3`;

/**
 * Where it is not known which event a month began with, which is so before migration 7, the first sequence stays
 * too small: then the rows that are said to be there are more than there are, and nobody drops some unasked.
 */
const MOVE_BEGINS = `update projection_positions as position set
    begins_at = greatest(position.begins_at, $1),
    first_sequence = case
      when exists (select from month_begins as known
        where known.shard = position.shard and known.month < $1)
      then greatest(position.first_sequence, coalesce(
        (select min(later.first_sequence) from month_begins as later
          where later.shard = position.shard and later.month >= $1), position.sequence + 1))
      else position.first_sequence end
  returning shard, first_sequence::float8 as sequence,
    (extract(epoch from begins_at) * 1000000)::float8 as "timeUs"`;

/** The first month that is kept at `nowUs`: that of the time so many days before. */
export function firstMonthKept(nowUs: number, retentionDays: number): number {
  return monthOf(nowUs - retentionDays * US_PER_DAY);
}

/**
 * Drops the partitions of the months before `month`, as a whole and in one transaction: trades, fills, prevented
 * matches, candles of a second, and orders that were over by then. The other orders of these months move into one
 * partition, where their later events find them. What the tables' history begins with moves along. Answers that by
 * shard, null when there was nothing to drop.
 *
 * For as long as it takes to read the orders of these months nothing is written; nobody who reads waits for it.
 *
 * Rejects with the driver's error, also when somebody reads the old partitions for too long; nothing is dropped once
 * the caller has given up the connection, and with it the transaction.
 */
export async function dropMonthsBefore(
  client: pg.Client,
  partitions: Partitions,
  month: number,
): Promise<readonly HistoryBegin[] | null> {
  const dropped = DROPPED.flatMap((table) => partitions.before(table, month));
  const { keptBefore } = partitions;
  const isMoving = keptBefore === null || keptBefore < month;
  const orders = isMoving ? partitions.before('orders', month) : [];
  const isKeptBehind = isMoving && keptBefore !== null;
  if (dropped.length === 0 && orders.length === 0 && !isKeptBehind) return null;
  const old = [...orders.map(nameOf), ...(isKeptBehind ? [nameOfKeptOrders(keptBefore)] : [])];
  const start = monthStart(month);
  const kept = nameOfKeptOrders(month);
  await client.query('begin');
  if (old.length > 0) await copyKept(client, old, kept, start);
  await client.query(`set local lock_timeout = '${LOCK_TIMEOUT_MS}ms'`);
  if (old.length > 0) await exchange(client, old, kept, start);
  if (dropped.length > 0) await client.query(`drop table ${dropped.map(nameOf).join(', ')}`);
  await foldCounts(client);
  await client.query('delete from history_counts where month < $1', [start]);
  await client.query(COUNT_KEPT, [start]);
  const { rows } = await client.query(MOVE_BEGINS, [start]);
  await client.query('commit');
  rows.sort((left, right) => left.shard - right.shard);
  return rows.map(({ sequence, timeUs }) => ({ sequence, timeUs }));
}

async function copyKept(
  client: pg.Client,
  old: readonly string[],
  kept: string,
  start: string,
): Promise<void> {
  const { fillFactor } = PARTITIONED.orders;
  await client.query(
    `create table ${kept} (like orders including all) with (fillfactor = ${fillFactor})`,
  );
  for (const name of old) {
    await client.query(`insert into ${kept} select * from ${name} where ${IS_KEPT}`, [start]);
  }
}

/** Puts one partition of `orders` in the place of others. */
async function exchange(
  client: pg.Client,
  old: readonly string[],
  kept: string,
  start: string,
): Promise<void> {
  for (const name of old) await client.query(`alter table orders detach partition ${name}`);
  await client.query(
    `alter table orders attach partition ${kept} for values from (minvalue) to ('${start}')`,
  );
  await client.query(`drop table ${old.join(', ')}`);
}
