import type { Migration } from '../migrations.ts';

export const stopOrdersAndPriceLimits: Migration = {
  version: 3,
  name: 'stop orders and price limits',
  sql: `
    alter table orders add column trigger_price numeric, add column triggered_at timestamptz;
    comment on column orders.trigger_price is 'null unless it is a stop order';
    comment on column orders.triggered_at is 'null until a trade reached the trigger price';

    alter table markets
      add column min_notional numeric not null default 0,
      add column price_band_bps integer not null default 0;
    comment on column markets.min_notional is 'the least price times quantity of an order; 0 = any';
    comment on column markets.price_band_bps is
      'how far beyond the last trade a limit may reach, in 1/10000 of its price; 0 = any distance';
  `,
};
