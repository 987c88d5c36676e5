import type { Migration } from '../migrations.ts';

export const allowedAddresses: Migration = {
  version: 9,
  name: 'allowed addresses',
  sql: `
    alter table api_keys add column allowed_addresses text not null default '';
    comment on column api_keys.allowed_addresses is
      'networks in CIDR form, separated by commas, from which the key may be used; empty = from anywhere';
  `,
};
