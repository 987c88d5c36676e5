import type { Migration } from '../migrations.ts';

export const rejectReasons: Migration = {
  version: 5,
  name: 'reject reasons',
  sql: `
    alter table orders add column reject_reason text;
    comment on column orders.reject_reason is
      'why a stop order failed when its trigger price was reached; null of every other order';
  `,
};
