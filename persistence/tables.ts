import { AppendRows, ArrayRows, type ColumnType } from './table-rows.ts';
import type { ValueWriter } from './value-writer.ts';

/** Their values are written in this order. */
const ORDER_COLUMNS = {
  order_id: 'bigint',
  account_id: 'bigint',
  market_id: 'bigint',
  client_id: 'bigint',
  side: 'text',
  order_type: 'text',
  time_in_force: 'text',
  post_only: 'boolean',
  self_trade_prevention: 'text',
  status: 'text',
  expiry_reason: 'text',
  price: 'numeric',
  quantity: 'numeric',
  quote_quantity: 'numeric',
  executed_quantity: 'numeric',
  executed_quote_quantity: 'numeric',
  created_at: 'timestamptz',
  updated_at: 'timestamptz',
  trigger_price: 'numeric',
  triggered_at: 'timestamptz',
  reject_reason: 'text',
} as const;

/** A writer per column of `orders`; for a COPY they are all the same one. */
export type OrderColumns = Readonly<Record<keyof typeof ORDER_COLUMNS, ValueWriter>>;

/** The writers of a row of `orders` to be copied. */
export function orderColumnsOf(row: ValueWriter): OrderColumns {
  const names = Object.keys(ORDER_COLUMNS);
  return Object.fromEntries(names.map((name) => [name, row])) as OrderColumns;
}

/** The rows of one batch, table by table. Made once and cleared between batches. */
export function createTables() {
  return {
    assets: upsert(
      'assets',
      { asset_id: 'bigint', symbol: 'text', decimals: 'integer', listed_at: 'timestamptz' },
      ['asset_id'],
    ),
    markets: upsert(
      'markets',
      {
        market_id: 'bigint',
        symbol: 'text',
        base_asset_id: 'bigint',
        quote_asset_id: 'bigint',
        tick_size: 'numeric',
        step_size: 'numeric',
        min_price: 'numeric',
        max_price: 'numeric',
        min_quantity: 'numeric',
        max_quantity: 'numeric',
        maker_fee_bps: 'integer',
        taker_fee_bps: 'integer',
        min_notional: 'numeric',
        price_band_bps: 'integer',
        base_units_per_lot: 'bigint',
        quote_units_per_tick_lot: 'bigint',
        state: 'text',
        listed_at: 'timestamptz',
        updated_at: 'timestamptz',
      },
      ['market_id'],
    ),
    accounts: upsert(
      'accounts',
      { account_id: 'bigint', name: 'text', created_at: 'timestamptz' },
      ['account_id'],
    ),
    apiKeys: upsert(
      'api_keys',
      {
        public_key: 'text',
        account_id: 'bigint',
        can_read: 'boolean',
        can_trade: 'boolean',
        created_at: 'timestamptz',
        revoked_at: 'timestamptz',
        allowed_addresses: 'text',
      },
      ['public_key'],
    ),
    /** Of keys that were made before: null is no change. */
    changedKeys: new ArrayRows(
      'change api_keys',
      { public_key: 'text', revoked_at: 'timestamptz', allowed_addresses: 'text' },
      (rows) => `update api_keys set
          revoked_at = coalesce(row.revoked_at, api_keys.revoked_at),
          allowed_addresses = coalesce(row.allowed_addresses, api_keys.allowed_addresses)
        from ${rows} as row (public_key, revoked_at, allowed_addresses)
        where api_keys.public_key = row.public_key`,
    ),
    transfers: transferRows(),
    trades: new AppendRows('trades', [
      'market_id',
      'trade_id',
      'price',
      'quantity',
      'quote_quantity',
      'taker_side',
      'maker_order_id',
      'taker_order_id',
      'traded_at',
    ]),
    preventedMatches: new AppendRows('prevented_matches', [
      'market_id',
      'maker_order_id',
      'taker_order_id',
      'account_id',
      'taker_side',
      'self_trade_prevention',
      'price',
      'quantity',
      'prevented_at',
    ]),
    fills: new AppendRows('fills', [
      'market_id',
      'trade_id',
      'order_id',
      'account_id',
      'client_id',
      'side',
      'price',
      'quantity',
      'quote_quantity',
      'fee',
      'fee_asset_id',
      'is_maker',
      'filled_at',
    ]),
    /** Orders that begin in the batch: their rows are new, and COPY is twice as fast as an upsert. */
    newOrders: new AppendRows('orders', Object.keys(ORDER_COLUMNS)),
    orders: upsert(
      'orders',
      ORDER_COLUMNS,
      ['order_id', 'created_at'],
      // The other columns never change after the first event.
      [
        'status',
        'expiry_reason',
        'price',
        'quantity',
        'executed_quantity',
        'executed_quote_quantity',
        'updated_at',
        'triggered_at',
        'reject_reason',
      ],
    ),
    balances: upsert(
      'balances',
      {
        account_id: 'bigint',
        asset_id: 'bigint',
        available: 'numeric',
        locked: 'numeric',
        updated_at: 'timestamptz',
      },
      ['account_id', 'asset_id'],
    ),
    klines: klineRows(),
    historyCounts: historyCountRows(),
    monthBegins: upsert(
      'month_begins',
      { shard: 'integer', month: 'timestamptz', first_sequence: 'bigint' },
      ['shard', 'month'],
    ),
    refusedEvents: new AppendRows('refused_events', [
      'shard',
      'sequence',
      'event_type',
      'frame',
      'error_code',
      'error_message',
    ]),
  };
}

export type Tables = ReturnType<typeof createTables>;

function upsert<Name extends string>(
  table: string,
  columns: Readonly<Record<Name, ColumnType>>,
  keys: readonly NoInfer<Name>[],
  changing?: readonly NoInfer<Name>[],
): ArrayRows<Name> {
  const names = Object.keys(columns) as Name[];
  const updated = changing ?? names.filter((name) => !keys.includes(name));
  const assignments = updated.map((name) => `${name} = excluded.${name}`);
  return new ArrayRows(
    `upsert ${table}`,
    columns,
    (rows) => `insert into ${table} (${names.join(', ')}) select * from ${rows}
      on conflict (${keys.join(', ')}) do update set ${assignments.join(', ')}`,
  );
}

/**
 * Events of an account arrive in the order of its transfers, and so they are numbered: the same in tables that are made
 * anew.
 */
function transferRows() {
  const columns = {
    account_id: 'bigint',
    kind: 'text',
    transfer_id: 'text',
    asset_id: 'bigint',
    amount: 'numeric',
    moved_at: 'timestamptz',
    client_id: 'text',
    blockchain: 'text',
    address: 'text',
  } as const;
  const names = Object.keys(columns).join(', ');
  return new ArrayRows(
    'insert transfers',
    columns,
    (rows) => `insert into transfers (${names}, transfer_number)
      select ${names}, row_number() over (partition by account_id order by place) + coalesce(
        (select max(earlier.transfer_number) from transfers as earlier
          where earlier.account_id = moved.account_id), 0)
      from ${rows} with ordinality as moved (${names}, place)`,
  );
}

/** Batches of a market arrive in the order of its trades, so the earlier row's open stands. */
function klineRows() {
  const columns = {
    market_id: 'bigint',
    interval: 'text',
    start_time: 'timestamptz',
    open: 'numeric',
    high: 'numeric',
    low: 'numeric',
    close: 'numeric',
    volume: 'numeric',
    quote_volume: 'numeric',
    trades: 'bigint',
  } as const;
  return new ArrayRows(
    'merge klines',
    columns,
    (rows) => `insert into klines as kline (${Object.keys(columns).join(', ')})
      select * from ${rows}
      on conflict (market_id, interval, start_time) do update set
        high = greatest(kline.high, excluded.high),
        low = least(kline.low, excluded.low),
        close = excluded.close,
        volume = kline.volume + excluded.volume,
        quote_volume = kline.quote_volume + excluded.quote_volume,
        trades = kline.trades + excluded.trades`,
  );
}

/** All of them become one row of arrays. */
function historyCountRows() {
  const columns = {
    account_ids: 'bigint',
    market_ids: 'integer',
    months: 'timestamptz',
    orders: 'integer',
    fills: 'integer',
  } as const;
  const parameters = Object.values(columns).map((type, index) => `$${index + 1}::${type}[]`);
  return new ArrayRows(
    'add history_count_batches',
    columns,
    () => `insert into history_count_batches (${Object.keys(columns).join(', ')})
      values (${parameters.join(', ')})`,
  );
}
