import { OrderEvent, Trade } from '../../../engine/protocol/events.ts';
import { FrameReader } from '../../../engine/protocol/frame-reader.ts';
import { Shard } from '../../../engine/shard/shard.ts';
import { Batch } from '../../../persistence/batch.ts';
import { EventProjector } from '../../../persistence/event-projector.ts';
import { encodeFlow } from '../../venue/lone-venue.ts';
import { forEachInput, setupOf } from '../../venue/shard-journal.ts';
import { makeExchangeCoreFlow } from '../../workloads/exchange-core-flow.ts';
import { counter, type LoadedPart, type Part } from '../part.ts';
import { joined } from './frames.ts';

const COMMANDS = 10_000;
const SEED = 1;
/** As under a light load: so few that an order's changes fall into several batches. */
const EVENTS_PER_BATCH = 1000;

/** What a shard records for the database while it is sent these frames. */
function eventsOf(shard: Shard, frames: Uint8Array): Uint8Array {
  const { events } = shard.outputs;
  const runs: Uint8Array[] = [];
  forEachInput([frames], (timeUs, reader) => {
    shard.apply(reader, -1, timeUs);
    runs.push(events.bytes.slice(events.start, events.end));
    events.consume(events.pendingBytes);
  });
  return joined(runs);
}

/** Turns events into the rows of batches, which go nowhere. */
class RowMaker {
  batches = 0;
  rows = 0;
  rowBytes = 0;
  readonly #projector = new EventProjector();
  readonly #frame = new FrameReader();
  readonly #batch: Batch;

  constructor(batch: Batch) {
    this.#batch = batch;
    batch.clear([0]);
  }

  make(events: Uint8Array): void {
    const batch = this.#batch;
    const frame = this.#frame;
    frame.reset(events, 0, events.length);
    while (frame.next()) {
      // An answer that is no event.
      if (frame.sequence === 0) continue;
      this.#projector.apply(frame, batch);
      batch.add(0, frame.sequence, events, frame.frameStart, frame.position);
      if (batch.eventCount === EVENTS_PER_BATCH) this.#finish();
    }
    if (batch.eventCount > 0) this.#finish();
  }

  #finish(): void {
    const batch = this.#batch;
    batch.seal(this.#projector.listings);
    this.batches++;
    this.rows += batch.rowCount;
    for (const rows of Object.values(batch.tables)) {
      const finished = rows.finish();
      for (const { length } of Array.isArray(finished) ? finished : [finished])
        this.rowBytes += length;
    }
    batch.clear(batch.toSequences);
  }
}

function count(events: Uint8Array, type: number): number {
  const frame = new FrameReader();
  frame.reset(events, 0, events.length);
  let found = 0;
  while (frame.next()) if (frame.type === type) found++;
  return found;
}

function load(): LoadedPart {
  const flow = makeExchangeCoreFlow(SEED, COMMANDS);
  const shard = new Shard(0, 1);
  const setup = eventsOf(shard, setupOf(flow));
  const events = eventsOf(shard, encodeFlow(flow));
  const fills = 2 * count(events, Trade.type);
  const batch = new Batch([0]);
  let maker = new RowMaker(batch);
  let before = { batches: 0, rows: 0, rowBytes: 0 };
  return {
    operations: count(events, OrderEvent.type),
    isTimed: true,
    prepare() {
      maker = new RowMaker(batch);
      maker.make(setup);
      before = { batches: maker.batches, rows: maker.rows, rowBytes: maker.rowBytes };
    },
    work: () => maker.make(events),
    counters: () => [
      counter('rows', 'per fill', (maker.rows - before.rows) / fills),
      counter('rows', 'per command', (maker.rows - before.rows) / COMMANDS),
      counter('row bytes', 'per command', (maker.rowBytes - before.rowBytes) / COMMANDS),
      counter('batches', 'in all', maker.batches - before.batches),
    ],
  };
}

/** The processor time of the persistence thread, without the database. */
export const projection: Part = {
  name: 'projection',
  about: `rows for the database made of what a shard says to ${COMMANDS} commands, ${EVENTS_PER_BATCH} events a batch, sent to no database`,
  operation: 'order event',
  load,
};
