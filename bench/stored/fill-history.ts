import type pg from 'pg';
import { US_PER_DAY, US_PER_MINUTE } from '../../engine/protocol/time-units.ts';
import { KLINE_INTERVALS, type KlineInterval } from '../../persistence/kline-intervals.ts';
import { makeTableMonths, PARTITIONED_TABLES, Partitions } from '../../persistence/partitions.ts';

/** How much of a history there is. Its times are spread evenly over the days. */
export interface HistorySize {
  readonly days: number;
  readonly markets: number;
  /** Orders, and as many fills, of other accounts. */
  readonly otherOrders: number;
  /** Of the account that is asked about. */
  readonly ownOrders: number;
}

/** 2025-01-27T00:00:00Z, a Monday. */
export const START_US = 1_737_936_000_000_000;
export const OWN_ACCOUNT = 5000;
const OTHER_ACCOUNTS = 1000;
/** A fill comes so long after its order. */
export const FILL_AFTER_US = 1000;

export function orderIdOf(number: number): number {
  return number * 64;
}

/** Between two orders of the account. */
export function ownStepUs({ days, ownOrders }: HistorySize): number {
  return Math.floor((days * US_PER_DAY) / ownOrders);
}

const time = (us: string): string => `'epoch'::timestamptz + (${us}) * interval '1 microsecond'`;

/** Fills the tables of an empty schema with a history, as its events would, and makes Postgres ready to be asked. */
export async function fillHistory(client: pg.Client, size: HistorySize): Promise<void> {
  await makePartitions(client, size);
  const makeIndexes = await dropIndexes(client);
  await client.query(`insert into assets values (1, 'BTC', 8, now()), (2, 'USDC', 6, now())`);
  for (let marketId = 1; marketId <= size.markets; marketId++) {
    await client.query(
      `insert into markets (market_id, symbol, base_asset_id, quote_asset_id, tick_size, step_size, min_price,
        max_price, min_quantity, max_quantity, maker_fee_bps, taker_fee_bps, state, listed_at, updated_at,
        base_units_per_lot, quote_units_per_tick_lot)
      values (${marketId}, 'M${marketId}', 1, 2, 0.01, 0.001, 0.01, 1e6, 0.001, 1e6, 8, 10, 'Open', now(), now(), 1, 1)`,
    );
    await fillKlines(client, size, marketId);
  }
  const { otherOrders, ownOrders, days } = size;
  const otherStepUs = Math.floor((days * US_PER_DAY) / otherOrders);
  const others = { account: `1 + n % ${OTHER_ACCOUNTS}`, clientId: `n / ${OTHER_ACCOUNTS}` };
  await fillOrders(client, size, 1, otherOrders, otherStepUs, others);
  const own = { account: String(OWN_ACCOUNT), clientId: 'n' };
  await fillOrders(client, size, otherOrders + 1, ownOrders, ownStepUs(size), own);
  for (const text of makeIndexes) await client.query(text);
  await client.query(`insert into history_counts
    select account_id, market_id, date_trunc('month', created_at), count(*), count(*) from orders group by 1, 2, 3`);
  await client.query('vacuum analyze');
}

const FILLED = ['orders', 'fills', 'klines'];
const KEYS = `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
    format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as make
  from pg_constraint where conrelid = any ($1::regclass[]) and contype = 'p'`;
const INDEXES = `select format('drop index %s', indexrelid::regclass) as drop,
    replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') as make
  from pg_index where indrelid = any ($1::regclass[])`;

/** They are made several times sooner when the rows are there. Answers how to make them again as they were. */
async function dropIndexes(client: pg.Client): Promise<string[]> {
  const make: string[] = [];
  for (const text of [KEYS, INDEXES]) {
    const { rows } = await client.query(text, [FILLED]);
    for (const row of rows) {
      await client.query(row.drop);
      make.push(row.make);
    }
  }
  return make;
}

async function makePartitions(client: pg.Client, { days }: HistorySize): Promise<void> {
  const months = makeTableMonths();
  for (const table of PARTITIONED_TABLES) {
    // The longest candles may begin some days before.
    for (let day = -3; day <= days; day++) months[table].add(START_US + day * US_PER_DAY);
  }
  const partitions = await Partitions.read(client);
  await partitions.make(client, partitions.missing(months));
}

/** A candle for every minute, whose prices go by the minute's number, and the longer ones that these make. */
async function fillKlines(
  client: pg.Client,
  { days }: HistorySize,
  marketId: number,
): Promise<void> {
  await client.query(
    `insert into klines select ${marketId}, '1m', ${time(`${START_US} + n * ${US_PER_MINUTE}::float8`)},
        100 + n % 10, 105 + n % 10, 95 + n % 10, 101 + n % 10, 2 + n % 3, 200 + n % 7, 3
      from generate_series(0, ${days * 1440} - 1) as n`,
  );
  for (const interval of KLINE_INTERVALS) {
    const start = startOf(interval);
    if (start === null) continue;
    await client.query(
      `insert into klines select market_id, '${interval}', start, (array_agg(open order by start_time))[1], max(high), min(low),
          (array_agg(close order by start_time desc))[1], sum(volume), sum(quote_volume), sum(trades)
        from (select *, ${start} as start from klines where market_id = ${marketId} and interval = '1m') as minutes
        group by market_id, start`,
    );
  }
}

/** In SQL, when the candle begins that a minute's is in; null of those that are not made of minutes. */
function startOf(interval: KlineInterval): string | null {
  if (interval === '1s' || interval === '1m') return null;
  if (interval === '1month') return `date_trunc('month', start_time)`;
  if (interval === '1w') return `date_trunc('week', start_time)`;
  return `date_bin('${interval}', start_time, 'epoch')`;
}

/** Whose orders they are and what he calls them: SQL, of the number `n` of an order from 0. */
interface Names {
  readonly account: string;
  readonly clientId: string;
}

/** Orders from this number on, each filled by one trade. */
async function fillOrders(
  client: pg.Client,
  { markets }: HistorySize,
  first: number,
  count: number,
  stepUs: number,
  { account, clientId }: Names,
): Promise<void> {
  const number = `(${first} + n)`;
  const market = `1 + n % ${markets}`;
  const created = time(`${START_US} + n * ${stepUs}::float8`);
  const filled = time(`${START_US + FILL_AFTER_US} + n * ${stepUs}::float8`);
  const source = `from generate_series(0, ${count} - 1) as n`;
  await client.query(
    `insert into orders (order_id, account_id, market_id, client_id, side, order_type, time_in_force, post_only,
        self_trade_prevention, status, price, quantity, executed_quantity, executed_quote_quantity, created_at,
        updated_at)
      select ${number}::bigint * 64, ${account}, ${market}, ${clientId}, 'Bid', 'Limit', 'GTC', false, 'RejectTaker', 'Filled',
        100 + n % 10, 0.5, 0.5, 50 + 0.5 * (n % 10), ${created}, ${filled} ${source}`,
  );
  await client.query(
    `insert into fills (market_id, trade_id, order_id, account_id, client_id, side, price, quantity, quote_quantity,
        fee, fee_asset_id, is_maker, filled_at)
      select ${market}, ${number}, ${number}::bigint * 64, ${account}, ${clientId}, 'Bid', 100 + n % 10, 0.5,
        50 + 0.5 * (n % 10), 0.05, 2, true, ${filled} ${source}`,
  );
}
