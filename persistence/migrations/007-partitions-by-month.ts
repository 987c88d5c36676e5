import type { Migration } from '../migrations.ts';

/**
 * The tables that grow become partitioned by month, and totals of what accounts did are kept beside them.
 * A partition is named after its table and month: `trades_2026_11`. Those of the months that have rows are
 * made here, with the rows in them; the writer makes the rest (`partitions.ts`).
 *
 * The key of a partitioned table must hold what it is partitioned by. Trade ids are unique within a market,
 * and the time of a fill or the creation of an order is the same whenever it is told.
 */
export const partitionsByMonth: Migration = {
  version: 7,
  name: 'partitions by month',
  sql: `
    alter table trades rename to trades_006;
    alter table fills rename to fills_006;
    alter table orders rename to orders_006;
    alter table prevented_matches rename to prevented_matches_006;
    alter table klines rename to klines_006;
    alter index trades_pkey rename to trades_006_pkey;
    alter index fills_pkey rename to fills_006_pkey;
    alter index fills_of_account rename to fills_of_account_006;
    alter index orders_pkey rename to orders_006_pkey;
    alter index orders_of_account rename to orders_of_account_006;
    alter index prevented_matches_pkey rename to prevented_matches_006_pkey;
    alter index klines_pkey rename to klines_006_pkey;

    create table trades (like trades_006 including comments) partition by range (traded_at);
    create table fills (like fills_006 including comments) partition by range (filled_at);
    create table orders (like orders_006 including comments) partition by range (created_at);
    create table prevented_matches (like prevented_matches_006 including comments)
      partition by range (prevented_at);
    create table klines (like klines_006 including comments) partition by list (interval);
    create table klines_1s partition of klines for values in ('1s') partition by range (start_time);
    create table klines_longer partition of klines default partition by range (start_time);

    create table history_counts (
      account_id bigint not null,
      market_id bigint not null,
      month timestamptz not null,
      orders bigint not null,
      fills bigint not null,
      primary key (account_id, market_id, month)
    ) with (fillfactor = 50);
    comment on table history_counts is 'how many rows of orders and fills an account has, by market and month';
    comment on column history_counts.month is 'its start: of created_at and filled_at';
    comment on column history_counts.orders is 'an order counts from its first event on';

    create table history_count_batches (
      account_ids bigint[] not null,
      market_ids integer[] not null,
      months timestamptz[] not null,
      orders integer[] not null,
      fills integer[] not null
    );
    comment on table history_count_batches is
      'what the last batches add to history_counts, a row each: one row is written sooner than one for every account';
    alter table history_count_batches
      alter column account_ids set storage external,
      alter column market_ids set storage external,
      alter column months set storage external,
      alter column orders set storage external,
      alter column fills set storage external;

    create table month_begins (
      shard integer not null,
      month timestamptz not null,
      first_sequence bigint not null,
      primary key (shard, month)
    );
    comment on column month_begins.first_sequence is
      'no event of the shard from this one on has rows in a partition of an earlier month';

    do $$
    declare
      part record;
    begin
      for part in
        select 'trades' as parent, date_trunc('month', traded_at) as month, 100 as fill from trades_006
        union select 'fills', date_trunc('month', filled_at), 100 from fills_006
        union select 'orders', date_trunc('month', created_at), 70 from orders_006
        union select 'prevented_matches', date_trunc('month', prevented_at), 100 from prevented_matches_006
        union select case interval when '1s' then 'klines_1s' else 'klines_longer' end,
          date_trunc('month', start_time), 50 from klines_006
      loop
        execute format('create table %I partition of %I for values from (%L) to (%L) with (fillfactor = %s)',
          part.parent || to_char(part.month, '_YYYY_MM'), part.parent,
          part.month, part.month + interval '1 month', part.fill);
      end loop;
    end $$;

    insert into trades select * from trades_006 order by traded_at;
    insert into fills select * from fills_006 order by filled_at;
    insert into orders select * from orders_006 order by created_at;
    insert into prevented_matches select * from prevented_matches_006 order by prevented_at;
    insert into klines select * from klines_006 order by start_time;
    -- At once, and not row by row.
    alter table trades add primary key (market_id, trade_id, traded_at);
    create index trades_by_time on trades (market_id, traded_at);
    alter table fills add primary key (order_id, trade_id, filled_at);
    create index fills_of_account on fills (account_id, filled_at, trade_id, market_id);
    alter table orders add primary key (order_id, created_at);
    create index orders_of_account on orders (account_id, created_at, order_id, market_id);
    alter table prevented_matches
      add primary key (market_id, maker_order_id, taker_order_id, prevented_at);
    alter table klines add primary key (market_id, interval, start_time);
    drop table trades_006, fills_006, orders_006, prevented_matches_006, klines_006;

    insert into history_counts
      select account_id, market_id, month, sum(orders), sum(fills) from (
        select account_id, market_id, date_trunc('month', created_at) as month,
          count(*) as orders, 0 as fills from orders group by 1, 2, 3
        union all select account_id, market_id, date_trunc('month', filled_at), 0, count(*)
          from fills group by 1, 2, 3
      ) as counts group by 1, 2, 3;
  `,
};
