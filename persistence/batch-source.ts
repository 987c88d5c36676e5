import { assert } from '../engine/assert.ts';
import { FrameReader } from '../engine/protocol/frame-reader.ts';
import type { Batch } from './batch.ts';
import { EventProjector } from './event-projector.ts';
import type { HeldEvent } from './held-events.ts';
import type { ShardStream } from './shard-stream.ts';

/** A batch is what came in while the one before was written, up to either of these. */
const BATCH_EVENTS_MAX = 16_384;
const BATCH_BYTES_MAX = 8 * 2 ** 20;

/**
 * Fills batches with the shards' events. After a refusal those of the refused batch come once more, in
 * batches of half the size, and so on until the one event is alone that the database will not take;
 * from there on every batch that it takes may be followed by one of twice the size.
 */
export class BatchSource {
  readonly projector = new EventProjector();
  readonly #streams: readonly ShardStream[];
  readonly #frame = new FrameReader();
  /** Come before what the streams hold, from `#againAt` on. */
  #again: HeldEvent[] = [];
  #againAt = 0;
  #eventsMax = BATCH_EVENTS_MAX;
  /** The last sequences per shard that were taken into a batch. */
  #positions: readonly number[] = [];

  constructor(streams: readonly ShardStream[]) {
    this.#streams = streams;
  }

  /** Events behind these positions come first. */
  begin(positions: readonly number[]): void {
    this.#positions = positions;
  }

  /** Whether events of a refused batch wait to be taken once more. */
  get hasAgain(): boolean {
    return this.#againAt < this.#again.length;
  }

  /**
   * Takes up to `atMost` more events into the batch until there are no more, all that are left must
   * wait, or it is full. Answers whether it moved on, be it past events that are projected already.
   */
  fill(batch: Batch, atMost: number): boolean {
    if (batch.eventCount === 0) batch.clear(this.#positions);
    let taken = 0;
    // A listing from one shard can release events of another, hence the rounds.
    for (let isProgress = true; isProgress && taken < atMost; ) {
      const count = this.hasAgain ? this.#takeAgain(batch) : this.#takeRound(batch, atMost - taken);
      isProgress = count > 0;
      taken += count;
    }
    if (batch.eventCount > 0) this.#positions = [...batch.toSequences];
    return taken > 0;
  }

  /** Takes the events of batches that cannot be written back, to be tried in halves. */
  split(batches: readonly Batch[], positions: readonly number[]): void {
    const rest = this.#again.slice(this.#againAt);
    this.#eventsMax = Math.max(1, batches[0]!.eventCount >> 1);
    this.#again = [...batches.flatMap((batch) => batch.held.events()), ...rest];
    this.#againAt = 0;
    this.#positions = positions;
    for (const batch of batches) batch.clear(positions);
  }

  /** Told that the database took a batch. */
  grow(): void {
    this.#eventsMax = Math.min(BATCH_EVENTS_MAX, this.#eventsMax * 2);
  }

  #isFull(batch: Batch): boolean {
    return batch.eventCount >= this.#eventsMax || batch.held.byteLength >= BATCH_BYTES_MAX;
  }

  /** Takes one event of a refused batch. */
  #takeAgain(batch: Batch): number {
    if (this.#isFull(batch)) return 0;
    const { shard, frame } = this.#again[this.#againAt++]!;
    if (!this.hasAgain) {
      this.#again = [];
      this.#againAt = 0;
    }
    const reader = this.#frame;
    reader.reset(frame, 0, frame.length);
    reader.next();
    const isApplied = this.projector.apply(reader, batch);
    assert(isApplied, `event ${reader.sequence} of shard ${shard} was applied before`);
    batch.add(shard, reader.sequence, frame, 0, frame.length);
    this.#follow(shard, reader.sequence, batch);
    return 1;
  }

  #takeRound(batch: Batch, atMost: number): number {
    const quota = Math.ceil(atMost / this.#streams.length);
    let taken = 0;
    for (let shard = 0; shard < this.#streams.length; shard++) {
      taken += this.#takeEvents(shard, batch, quota);
    }
    return taken;
  }

  /** Takes or passes over a shard's events until there are no more, one must wait, or it is enough. */
  #takeEvents(shard: number, batch: Batch, quota: number): number {
    const stream = this.#streams[shard]!;
    const position = this.#positions[shard]!;
    const skippedBefore = stream.skippedFrames;
    let taken = 0;
    while (taken < quota && !this.#isFull(batch) && stream.next(position)) {
      const { reader } = stream;
      if (!this.projector.apply(reader, batch)) {
        stream.putBack();
        break;
      }
      batch.add(shard, reader.sequence, stream.bytes, stream.frameStart, reader.position);
      this.#follow(shard, reader.sequence, batch);
      taken++;
    }
    return taken + stream.skippedFrames - skippedBefore;
  }

  #follow(shard: number, sequence: number, batch: Batch): void {
    const { months, rowTimeUs } = this.projector;
    if (rowTimeUs > 0) months.follow(shard, sequence, rowTimeUs, batch.monthBegins);
  }
}
