import type { Migration } from '../migrations.ts';

/** Two orders meet once at most: one of them expires, or the taker does. */
export const preventedMatches: Migration = {
  version: 2,
  name: 'prevented matches',
  sql: `
    create table prevented_matches (
      market_id bigint not null,
      maker_order_id bigint not null,
      taker_order_id bigint not null,
      account_id bigint not null,
      taker_side text not null,
      self_trade_prevention text not null,
      price numeric not null,
      quantity numeric not null,
      prevented_at timestamptz not null,
      primary key (market_id, maker_order_id, taker_order_id)
    );
    comment on column prevented_matches.self_trade_prevention is 'the taker''s mode, which decided';
    comment on column prevented_matches.quantity is 'what would have traded';
  `,
};
