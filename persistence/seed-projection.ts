import { assert } from '../engine/assert.ts';
import { FrameReader } from '../engine/protocol/frame-reader.ts';
import type { FrameWriter } from '../engine/protocol/frame-writer.ts';
import { Batch } from './batch.ts';
import { BatchWriter, type WrittenHistory } from './batch-writer.ts';
import { describeError, describeRefusal, isRefusal } from './database-errors.ts';
import { EventProjector } from './event-projector.ts';

/** In one transaction. */
const BATCH_EVENTS_MAX = 16_384;

/** The state of one shard that the tables are to begin with. */
export interface ShardSeed {
  readonly shard: number;
  /** Of the last event that led to the state. */
  readonly sequence: number;
  /** Events that lead to the state too, whatever their sequences: pieces that are each taken whole before the next. */
  readonly pieces: Iterable<FrameWriter>;
}

/**
 * Writes the rows of the states that a projection begins with, in tables that `rebuildProjection` has just made: as
 * those of events, in the same kind of transactions. The last one of a shard moves its position, so a projection that
 * is broken off lacks events of the shard, and no venue takes it for whole.
 *
 * @returns the rows written
 * @throws Error of one line when the database does not take them
 */
export async function seedProjection(
  databaseUrl: string,
  history: WrittenHistory,
  seeds: Iterable<ShardSeed>,
): Promise<number> {
  const writer = new BatchWriter(databaseUrl, history, () => {});
  try {
    const seeding = new Seeding(writer, await writer.connect());
    for (const seed of seeds) await seeding.write(seed);
    return seeding.rowsWritten;
  } catch (error) {
    const why = isRefusal(error) ? describeRefusal(error) : describeError(error);
    throw new Error(`the state of the snapshots was not written: ${why}`, { cause: error });
  } finally {
    writer.disconnect();
  }
}

class Seeding {
  rowsWritten = 0;
  readonly #writer: BatchWriter;
  readonly #projector = new EventProjector();
  readonly #frame = new FrameReader();
  readonly #batch: Batch;
  #events = 0;

  constructor(writer: BatchWriter, positions: readonly number[]) {
    this.#writer = writer;
    this.#batch = new Batch(positions);
  }

  async write({ shard, sequence, pieces }: ShardSeed): Promise<void> {
    const frame = this.#frame;
    for (const piece of pieces) {
      frame.reset(piece.bytes, piece.start, piece.end);
      while (frame.next()) {
        const isApplied = this.#projector.apply(frame, this.#batch);
        assert(isApplied, 'a state names what it has not listed');
        if (++this.#events >= BATCH_EVENTS_MAX) await this.#commit();
      }
      piece.clear();
    }
    this.#batch.toSequences[shard] = sequence;
    await this.#commit();
  }

  async #commit(): Promise<void> {
    const batch = this.#batch;
    batch.seal(this.#projector.listings);
    await this.#writer.write(batch);
    this.rowsWritten += batch.rowCount;
    this.#events = 0;
    batch.clear([...batch.toSequences]);
  }
}
