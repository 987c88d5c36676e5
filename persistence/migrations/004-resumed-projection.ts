import type { Migration } from '../migrations.ts';

/**
 * What a projection needs to go on where it stopped: whose events its rows are made of, and what is
 * computed with a market's numbers. Markets of before get them by the rule they were listed under.
 */
export const resumedProjection: Migration = {
  version: 4,
  name: 'resumed projection',
  sql: `
    create table projection_history (
      history_id text not null,
      adopted_at timestamptz not null default now()
    );
    create unique index projection_history_single on projection_history ((true));

    create table refused_events (
      shard integer not null,
      sequence bigint not null,
      event_type text not null,
      frame bytea not null,
      error_code text not null,
      error_message text not null,
      refused_at timestamptz not null default now(),
      primary key (shard, sequence)
    );
    comment on table refused_events is
      'events without their rows: the database took them for none of its tables';
    comment on column refused_events.frame is 'msgpack: [type, sequence, ...fields]';

    alter table markets
      add column base_units_per_lot bigint,
      add column quote_units_per_tick_lot bigint;
    update markets set
      base_units_per_lot = step_size * 10::numeric ^ base.decimals,
      quote_units_per_tick_lot = tick_size * step_size * 10::numeric ^ quote.decimals
      from assets as base, assets as quote
      where base.asset_id = base_asset_id and quote.asset_id = quote_asset_id;
    alter table markets
      alter column base_units_per_lot set not null,
      alter column quote_units_per_tick_lot set not null;
  `,
};
