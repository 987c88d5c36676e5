import type pg from 'pg';
import { inTransaction, withClient } from './database.ts';
import { resetDatabase } from './migrations.ts';

const APPLICATION = 'ringside history';

/** Where the projection in a database stands. */
export interface ProjectionState {
  /** Of the journal whose events the rows are made of; null while none is set. */
  readonly historyId: string | null;
  /** By shard: the sequence of the last event whose rows are committed, 0 before the first. */
  readonly positions: readonly number[];
  /** By shard. */
  readonly begins: readonly HistoryBegin[];
}

/** Where the rows of a shard's events begin. */
export interface HistoryBegin {
  /** Of the first event whose rows are in the tables; 1 unless they were made from a snapshot. */
  readonly sequence: number;
  /** Of the state that the tables have of what was before, µs; null when nothing was. */
  readonly timeUs: number | null;
}

const FIRST_EVENT: HistoryBegin = { sequence: 1, timeUs: null };

/** The rows of the database are not, or cannot be known to be, those of the venue's own history. */
export class ForeignProjection extends Error {
  override name = 'ForeignProjection';
  readonly code = 'FOREIGN_PROJECTION';
}

export const READ_HISTORY = 'select history_id from projection_history';
const HAS_HISTORY = `select to_regclass('projection_history') is not null as "has"`;
const READ_POSITIONS = `select sequence, first_sequence as "first",
    (extract(epoch from begins_at) * 1000000)::bigint as "beginsAtUs"
  from projection_positions order by shard`;
/** Microseconds are exact as an interval, and not as the argument of `to_timestamp`. */
const SET_BEGIN = `insert into projection_positions (shard, sequence, first_sequence, begins_at)
  values ($1, 0, $2, 'epoch'::timestamptz + $3 * interval '1 microsecond')`;
const SET_HISTORY = 'insert into projection_history (history_id) values ($1)';

/**
 * Reads how far a prepared database is. A shard that replays its journal need not send events up to
 * its position: they would be passed over. A position beyond the end of a recovered journal means that
 * the journal lost what had been projected (durability `os` or `none`, and a power cut): new events
 * would then be taken for old ones, so the caller must compare, and rebuild.
 *
 * @throws ForeignProjection when the rows are those of another number of shards
 */
export async function readPositions(
  databaseUrl: string,
  shardCount: number,
): Promise<ProjectionState> {
  return withClient(databaseUrl, APPLICATION, (client) =>
    inTransaction(client, () => readState(client, shardCount)),
  );
}

/** The history that a database is of, be it prepared or not; null when it is of none. */
export async function readHistoryId(databaseUrl: string): Promise<string | null> {
  return withClient(databaseUrl, APPLICATION, async (client) => {
    const { rows } = await client.query(HAS_HISTORY);
    if (!rows[0].has) return null;
    const history = await client.query(READ_HISTORY);
    return history.rows[0]?.history_id ?? null;
  });
}

/**
 * Reads how far the database of a history is, or one that holds nothing yet, which `adoptHistory` makes it.
 *
 * @throws ForeignProjection as `adoptHistory` does
 */
export async function readProjection(
  databaseUrl: string,
  historyId: string,
  shardCount: number,
): Promise<ProjectionState> {
  const state = await readPositions(databaseUrl, shardCount);
  checkIsOf(state, historyId, `the journal is of ${historyId}`);
  return state;
}

/**
 * Makes the database that of a history: the id is set when the database holds nothing yet, and
 * compared from then on. Answers how far it is.
 *
 * @param begin of a history that is not there yet: makes it, before the database is told of it, so that a crash in
 *   between leaves nothing that does not fit; null when it is there
 * @throws ForeignProjection when it is the database of another history, or holds rows of none (of a
 *   venue without a journal), or of another number of shards
 */
export async function adoptHistory(
  databaseUrl: string,
  historyId: string,
  shardCount: number,
  begin: (() => void) | null = null,
): Promise<ProjectionState> {
  return withClient(databaseUrl, APPLICATION, (client) =>
    inTransaction(client, async () => {
      await client.query('lock table projection_history');
      const state = await readState(client, shardCount);
      const own = begin === null ? `the journal is of ${historyId}` : 'there is no journal of it';
      checkIsOf(state, historyId, own);
      if (state.historyId === historyId) return state;
      begin?.();
      await client.query(SET_HISTORY, [historyId]);
      return { ...state, historyId };
    }),
  );
}

/**
 * Drops the projection and makes it anew, empty, for the events of a history: its positions are 0, so
 * the shards must send everything again, from the first event. The caller holds the database's claim.
 * Rejects as `resetDatabase` does.
 *
 * @param begins by shard, where what is left of its events begins: then `seedProjection` must write what was before
 */
export async function rebuildProjection(
  databaseUrl: string,
  historyId: string,
  begins: readonly HistoryBegin[] = [],
): Promise<void> {
  await resetDatabase(databaseUrl);
  await withClient(databaseUrl, APPLICATION, (client) =>
    inTransaction(client, async () => {
      await client.query(SET_HISTORY, [historyId]);
      for (const [shard, { sequence, timeUs }] of begins.entries()) {
        await client.query(SET_BEGIN, [shard, sequence, timeUs]);
      }
    }),
  );
}

/** @param own in words, what journal there is */
function checkIsOf(state: ProjectionState, historyId: string, own: string): void {
  if (state.historyId === historyId) return;
  if (state.historyId !== null) {
    const difference = `history ${state.historyId}, ${own}`;
    throw new ForeignProjection(`the database holds the projection of ${difference}`);
  }
  if (state.positions.some((sequence) => sequence > 0)) {
    throw new ForeignProjection('the database holds the projection of a venue without a journal');
  }
}

/** In the transaction of the caller. */
async function readState(client: pg.Client, shardCount: number): Promise<ProjectionState> {
  const history = await client.query(READ_HISTORY);
  const { rows } = await client.query(READ_POSITIONS);
  if (rows.length > 0 && rows.length !== shardCount) {
    const difference = `${rows.length} shards, the venue has ${shardCount}`;
    throw new ForeignProjection(`the database holds the projection of ${difference}`);
  }
  const shards = Array.from({ length: shardCount }, (_, shard) => rows[shard]);
  return {
    historyId: history.rows[0]?.history_id ?? null,
    positions: shards.map((row) => Number(row?.sequence ?? 0)),
    begins: shards.map((row) => (row === undefined ? FIRST_EVENT : beginOf(row))),
  };
}

/** pg gives bigints as text. */
function beginOf(row: { first: string; beginsAtUs: string | null }): HistoryBegin {
  const timeUs = row.beginsAtUs === null ? null : Number(row.beginsAtUs);
  return { sequence: Number(row.first), timeUs };
}
