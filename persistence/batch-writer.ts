import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Batch } from './batch.ts';
import { connectionConfig } from './database.ts';
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
  select shard, 0 from generate_series(0, $1 - 1) as shard on conflict do nothing`;

const READ_POSITIONS = `select sequence from projection_positions where shard < $1
  order by shard for update`;

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
  readonly #shardCount: number;
  readonly #onLost: (error: Error) => void;
  #client: pg.Client | null = null;

  /** @param onLost is told of a connection that ends by itself */
  constructor(databaseUrl: string, shardCount: number, onLost: (error: Error) => void) {
    this.#databaseUrl = databaseUrl;
    this.#shardCount = shardCount;
    this.#onLost = onLost;
  }

  get isConnected(): boolean {
    return this.#client !== null;
  }

  /**
   * Connects and answers the committed position per shard. The positions are read under their row
   * locks: should the server still be busy with the COMMIT of a lost connection, this waits for its
   * outcome instead of reading past it.
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
      await client.query(CREATE_POSITIONS, [this.#shardCount]);
      const positions = await client.query(READ_POSITIONS, [this.#shardCount]);
      this.#client = client;
      return positions.rows.map((row) => Number(row.sequence));
    } catch (error) {
      discard(client);
      throw error;
    }
  }

  /**
   * Commits the batch, or rejects with the driver's error or `PositionsMoved`. After a rejection the
   * connection is gone, and whether the batch was committed shows in the positions at the next connect.
   */
  async write(batch: Batch): Promise<void> {
    const client = this.#client;
    if (client === null) throw new Error('not connected');
    try {
      await client.query('begin');
      await this.#movePositions(client, batch);
      for (const rows of Object.values(batch.tables)) {
        if (rows.count === 0) continue;
        if (rows instanceof AppendRows) await copy(client, rows);
        else await runSet(client, rows);
      }
      await client.query('commit');
    } catch (error) {
      this.disconnect();
      throw error;
    }
  }

  /** Drops the connection, and with it a transaction under way. */
  disconnect(): void {
    const client = this.#client;
    this.#client = null;
    if (client !== null) discard(client);
  }

  async #movePositions(client: pg.Client, batch: Batch): Promise<void> {
    const { fromSequences, toSequences } = batch;
    const shards = fromSequences.map((_, shard) => shard);
    const moved = await client.query({
      name: 'move positions',
      text: MOVE_POSITIONS,
      values: [shards, fromSequences, toSequences],
    });
    if (moved.rowCount !== this.#shardCount) {
      throw new PositionsMoved('another writer has moved the positions of the projection');
    }
  }
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
