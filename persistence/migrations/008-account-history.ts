import type { Migration } from '../migrations.ts';

/** What the API says of a deposit or withdrawal beyond the amount. */
export const accountHistory: Migration = {
  version: 8,
  name: 'account history',
  sql: `
    alter table transfers
      add column transfer_number integer,
      add column client_id text,
      add column blockchain text,
      add column address text;
    update transfers set transfer_number = numbered.transfer_number
      from (
        select ctid, row_number() over (partition by account_id order by moved_at, ctid) as transfer_number
        from transfers
      ) as numbered
      where transfers.ctid = numbered.ctid;
    alter table transfers alter column transfer_number set not null;
    create unique index transfers_of_account on transfers (account_id, transfer_number);
    comment on column transfers.transfer_number is
      'dense from 1 per account, in the order of its transfers: their id in the API';
    comment on column transfers.client_id is
      'the account''s own id of a withdrawal it asked for; null when it gave none';
    comment on column transfers.blockchain is 'null of what the operator moved';
    comment on column transfers.address is 'where a withdrawal went; null of what the operator moved';
  `,
};
