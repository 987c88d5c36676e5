import type { Migration } from '../migrations.ts';

/** Tables that were made anew from snapshots have no rows of what was over by then, and know less of the rest. */
export const projectionFromSnapshots: Migration = {
  version: 6,
  name: 'projection from snapshots',
  sql: `
    alter table projection_positions
      add column first_sequence bigint not null default 1,
      add column begins_at timestamptz;
    comment on column projection_positions.first_sequence is
      'the first event of the shard whose rows are here; of those before, only the state they led to is';
    comment on column projection_positions.begins_at is
      'when that state was, and updated_at of what has not changed since; null when nothing was before';

    alter table assets alter column listed_at drop not null;
    comment on column assets.listed_at is 'null when it was before the history begins';
    alter table api_keys alter column created_at drop not null;
    comment on column api_keys.created_at is 'null when it was before the history begins';
    comment on column api_keys.revoked_at is
      'null unless it is; when it was before the history begins, a time it was not after, and what it could do is lost';
  `,
};
