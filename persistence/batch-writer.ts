import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Batch } from './batch.ts';
import { connectionConfig } from './database.ts';
import { isPartitionMissing, isRowRefusal } from './database-errors.ts';
import { EventMonths } from './event-months.ts';
import { type HistoryBegin, READ_HISTORY } from './history.ts';
import { CountFolding } from './history-counts.ts';
import type { Listings } from './listings.ts';
import { loadListings } from './load-listings.ts';
import { monthOf } from './months.ts';
import { PartitionMissing, Partitions } from './partitions.ts';
import { ProjectionFailure } from './projection-failure.ts';
import { dropMonthsBefore } from './retention.ts';
import { AppendRows, type ArrayRows } from './table-rows.ts';

/** A statement that gets no answer for this long means a dead connection. */
const STATEMENT_TIMEOUT_MS = 120_000;

/**
 * Compare and set: a row count below the number of shards means that the positions are not what this
 * writer knows. It is the first statement of the transaction, so that the rows stay locked to its end.
 */
const MOVE_POSITIONS = `update projection_positions as position set sequence = moved.target
  from unnest($1::integer[], $2::bigint[], $3::bigint[]) as moved (shard, origin, target)
  where position.shard = moved.shard and position.sequence = moved.origin`;

const CREATE_POSITIONS = `insert into projection_positions
  select shard, 0 from generate_series(0, $1 - 1) as shard
  where not exists (select from projection_positions)`;

const READ_POSITIONS = 'select sequence from projection_positions order by shard for update';
const READ_MONTHS = `select shard, (extract(epoch from max(month)) * 1000000)::float8 as "startUs"
  from month_begins group by shard`;
const COUNT_REFUSED = 'select count(*)::integer as count from refused_events';

/** Whose events are written. */
export interface WrittenHistory {
  readonly shardCount: number;
  /** Of the journal; null for a venue without one, whose database is not compared. */
  readonly historyId: string | null;
}

/** What the events up to the committed positions have left behind. */
export interface ProjectedPast {
  readonly listings: Listings;
  readonly months: EventMonths;
  /** Events that the database would not take, since the projection began. */
  readonly refusedEvents: number;
}

/** The positions in the database are not the ones this writer left there. */
class PositionsMoved extends Error {
  override name = 'PositionsMoved';
  readonly code = 'POSITIONS_MOVED';
}

/**
 * The one connection that writes the projection. It is either open, or not and then `connect` opens a
 * new one. Every batch is one transaction, and COMMIT is sent only after the server has answered all
 * statements before it: a connection that is lost at any moment leaves the batch whole or not at all.
 */
export class BatchWriter {
  readonly #databaseUrl: string;
  readonly #history: WrittenHistory;
  readonly #onLost: (error: Error) => void;
  #client: pg.Client | null = null;
  /** Read anew with every connection. */
  #partitions: Partitions | null = null;
  #folding: CountFolding | null = null;

  /** @param onLost is told of a connection that ends by itself */
  constructor(databaseUrl: string, history: WrittenHistory, onLost: (error: Error) => void) {
    this.#databaseUrl = databaseUrl;
    this.#history = history;
    this.#onLost = onLost;
  }

  get isConnected(): boolean {
    return this.#client !== null;
  }

  /**
   * Connects and answers the committed position per shard. The positions are read under their row
   * locks: should the server still be busy with the COMMIT of a lost connection, this waits for its
   * outcome instead of reading past it.
   *
   * `synchronous_commit` stays on. What the venue deletes from its journal goes by these positions, and
   * a running venue sends nothing twice: positions that a crash of the server took back would leave a
   * hole. It costs one sync per batch, of thousands of rows under load.
   *
   * @throws ProjectionFailure when the database holds the rows of another history
   */
  async connect(): Promise<number[]> {
    this.disconnect();
    const client = new pg.Client({
      ...connectionConfig(this.#databaseUrl, 'ringside writer', {
        work_mem: '64MB',
        lock_timeout: '5s',
        idle_in_transaction_session_timeout: '60s',
      }),
      query_timeout: STATEMENT_TIMEOUT_MS,
    });
    const lose = (error: Error) => {
      if (this.#client !== client) return;
      this.#client = null;
      this.#onLost(error);
    };
    client.on('error', lose);
    client.on('end', () => lose(new Error('the database closed the connection')));
    try {
      await client.connect();
      await client.query(CREATE_POSITIONS, [this.#history.shardCount]);
      const { rows } = await client.query(READ_POSITIONS);
      const history = await client.query(READ_HISTORY);
      this.#compare(rows.length, history.rows[0]?.history_id ?? null);
      this.#partitions = await Partitions.read(client);
      this.#folding = await CountFolding.read(client);
      this.#client = client;
      return rows.map((row) => Number(row.sequence));
    } catch (error) {
      discard(client);
      throw error;
    }
  }

  /** Reads the past; to be called at the positions that `connect` answered. */
  async loadPast(): Promise<ProjectedPast> {
    const client = this.#connected();
    const refused = await client.query(COUNT_REFUSED);
    const listings = await loadListings(client);
    const months = await this.#readMonths(client);
    return { listings, months, refusedEvents: refused.rows[0].count };
  }

  async #readMonths(client: pg.Client): Promise<EventMonths> {
    const { rows } = await client.query(READ_MONTHS);
    const newest = Array.from({ length: this.#history.shardCount }, () => null as number | null);
    for (const { shard, startUs } of rows) newest[shard] = monthOf(startUs);
    return new EventMonths(newest);
  }

  /**
   * Drops what is over and older than a month, as `dropMonthsBefore` does; null when there was nothing. When it
   * rejects, nothing is dropped, and the connection is gone.
   *
   * @param month as `monthOf` counts
   */
  async dropBefore(month: number): Promise<readonly HistoryBegin[] | null> {
    const client = this.#connected();
    try {
      const begins = await dropMonthsBefore(client, this.#partitions!, month);
      if (begins !== null) this.#partitions = await Partitions.read(client);
      return begins;
    } catch (error) {
      this.disconnect();
      throw error;
    }
  }

  /**
   * Commits the batch, or rejects with the driver's error or `PositionsMoved`. After the refusal of a
   * row the positions are where they were. After any other rejection the connection is gone, and whether
   * the batch was committed shows in the positions at the next connect.
   */
  async write(batch: Batch): Promise<void> {
    const client = this.#connected();
    try {
      const missing = this.#partitions!.missing(batch.months);
      if (missing.length > 0) await this.#partitions!.make(client, missing);
      await client.query('begin');
      await this.#movePositions(client, batch);
      for (const rows of Object.values(batch.tables)) {
        if (rows.count === 0) continue;
        if (rows instanceof AppendRows) await copy(client, rows);
        else await runSet(client, rows);
      }
      const { count } = batch.tables.historyCounts;
      if (count > 0) await this.#folding!.follow(client, count);
      await client.query('commit');
    } catch (error) {
      if (!isRowRefusal(error) || !(await isUndone(client))) this.disconnect();
      if (!isPartitionMissing(error)) throw error;
      throw new PartitionMissing('somebody has dropped a partition, it is made again', {
        cause: error,
      });
    }
  }

  /** Drops the connection, and with it a transaction under way. */
  disconnect(): void {
    const client = this.#client;
    this.#client = null;
    if (client !== null) discard(client);
  }

  #connected(): pg.Client {
    if (this.#client === null) throw new Error('not connected');
    return this.#client;
  }

  #compare(shardCount: number, historyId: string | null): void {
    const expected = this.#history;
    if (shardCount !== expected.shardCount) {
      const difference = `of ${shardCount} shards, the venue has ${expected.shardCount}`;
      throw new ProjectionFailure(`the database holds the projection ${difference}`);
    }
    if (expected.historyId !== null && historyId !== expected.historyId) {
      const difference = `of history ${historyId}, the venue's is ${expected.historyId}`;
      throw new ProjectionFailure(`the database holds the projection ${difference}`);
    }
  }

  async #movePositions(client: pg.Client, batch: Batch): Promise<void> {
    const { fromSequences, toSequences } = batch;
    const shards = fromSequences.map((_, shard) => shard);
    const moved = await client.query({
      name: 'move positions',
      text: MOVE_POSITIONS,
      values: [shards, fromSequences, toSequences],
    });
    if (moved.rowCount !== this.#history.shardCount) {
      throw new PositionsMoved('another writer has moved the positions of the projection');
    }
  }
}

/** Ends a transaction that failed; false when the connection did. */
async function isUndone(client: pg.Client): Promise<boolean> {
  return client.query('rollback').then(
    () => true,
    () => false,
  );
}

async function runSet(client: pg.Client, rows: ArrayRows<string>): Promise<void> {
  await client.query({ name: rows.name, text: rows.statement, values: rows.finish() });
}

async function copy(client: pg.Client, rows: AppendRows): Promise<void> {
  const stream = client.query(copyFrom(rows.statement));
  stream.end(rows.finish());
  await finished(stream);
}

/** Errors of a connection that is given up are of no interest any more. */
function discard(client: pg.Client): void {
  client.removeAllListeners();
  client.on('error', () => {});
  client.end().catch(() => {});
}
