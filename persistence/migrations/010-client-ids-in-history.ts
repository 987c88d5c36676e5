import type { Migration } from '../migrations.ts';

/**
 * An order is found by the id that its account gave it in the index that lists the account's orders, without a look at
 * their rows. An index of its own would answer sooner, and every order would pay for it when it is written.
 */
export const clientIdsInHistory: Migration = {
  version: 10,
  name: 'client ids in history',
  sql: `
    drop index orders_of_account;
    create index orders_of_account on orders (account_id, created_at, order_id, market_id, client_id);
  `,
};
