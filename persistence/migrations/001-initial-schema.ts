import type { Migration } from '../migrations.ts';

/**
 * The projection of the shards' events. Amounts and prices are exact, times have microseconds. Rows
 * that come from different shards arrive in any order, so no foreign keys stand between the tables.
 *
 * Indexes follow what the API asks. Trade ids are dense per market and order ids per account's shard,
 * so the key order is the time order: the primary key of trades serves "the newest of a market", that
 * of fills "the fills of an order". The fill factor leaves room on the page for the next version of a
 * row that changes often, so that its indexes need no new entry.
 */
export const initialSchema: Migration = {
  version: 1,
  name: 'initial schema',
  sql: `
    create table projection_positions (
      shard integer primary key,
      sequence bigint not null
    ) with (fillfactor = 20);

    create table assets (
      asset_id bigint primary key,
      symbol text not null unique,
      decimals integer not null,
      listed_at timestamptz not null
    );

    create table markets (
      market_id bigint primary key,
      symbol text not null unique,
      base_asset_id bigint not null,
      quote_asset_id bigint not null,
      tick_size numeric not null,
      step_size numeric not null,
      min_price numeric not null,
      max_price numeric not null,
      min_quantity numeric not null,
      max_quantity numeric not null,
      maker_fee_bps integer not null,
      taker_fee_bps integer not null,
      state text not null,
      listed_at timestamptz not null,
      updated_at timestamptz not null
    );

    create table accounts (
      account_id bigint primary key,
      name text not null,
      created_at timestamptz not null
    );

    create table api_keys (
      public_key text primary key,
      account_id bigint not null,
      can_read boolean not null,
      can_trade boolean not null,
      created_at timestamptz not null,
      revoked_at timestamptz
    );

    create table orders (
      order_id bigint primary key,
      account_id bigint not null,
      market_id bigint not null,
      client_id bigint,
      side text not null,
      order_type text not null,
      time_in_force text not null,
      post_only boolean not null,
      self_trade_prevention text not null,
      status text not null,
      expiry_reason text,
      price numeric,
      quantity numeric,
      quote_quantity numeric,
      executed_quantity numeric not null,
      executed_quote_quantity numeric not null,
      created_at timestamptz not null,
      updated_at timestamptz not null
    ) with (fillfactor = 70);
    comment on column orders.price is 'null for a market order';
    comment on column orders.quantity is 'null for an order sized by its quote quantity';
    comment on column orders.quote_quantity is 'the quote amount that sizes a market order';
    create index orders_of_account on orders (account_id, order_id);

    create table fills (
      market_id bigint not null,
      trade_id bigint not null,
      order_id bigint not null,
      account_id bigint not null,
      client_id bigint,
      side text not null,
      price numeric not null,
      quantity numeric not null,
      quote_quantity numeric not null,
      fee numeric not null,
      fee_asset_id bigint not null,
      is_maker boolean not null,
      filled_at timestamptz not null,
      primary key (order_id, market_id, trade_id)
    );
    create index fills_of_account on fills (account_id, filled_at);

    create table trades (
      market_id bigint not null,
      trade_id bigint not null,
      price numeric not null,
      quantity numeric not null,
      quote_quantity numeric not null,
      taker_side text not null,
      maker_order_id bigint not null,
      taker_order_id bigint not null,
      traded_at timestamptz not null,
      primary key (market_id, trade_id)
    );

    create table balances (
      account_id bigint not null,
      asset_id bigint not null,
      available numeric not null,
      locked numeric not null,
      updated_at timestamptz not null,
      primary key (account_id, asset_id)
    ) with (fillfactor = 50);

    create table transfers (
      account_id bigint not null,
      kind text not null,
      transfer_id text not null,
      asset_id bigint not null,
      amount numeric not null,
      moved_at timestamptz not null,
      primary key (account_id, kind, transfer_id)
    );

    create table klines (
      market_id bigint not null,
      interval text not null,
      start_time timestamptz not null,
      open numeric not null,
      high numeric not null,
      low numeric not null,
      close numeric not null,
      volume numeric not null,
      quote_volume numeric not null,
      trades bigint not null,
      primary key (market_id, interval, start_time)
    ) with (fillfactor = 50);
  `,
};
