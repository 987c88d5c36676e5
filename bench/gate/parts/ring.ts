import { FrameReader } from '../../../engine/protocol/frame-reader.ts';
import { ByteRing } from '../../../engine/ring/byte-ring.ts';
import { Doorbell } from '../../../engine/ring/doorbell.ts';
import { LinkReader, LinkWriter } from '../../../engine/ring/link.ts';
import { encodeFlow } from '../../venue/lone-venue.ts';
import { makeExchangeCoreFlow } from '../../workloads/exchange-core-flow.ts';
import { counter, type LoadedPart, type Part } from '../part.ts';
import { eventRunsOf } from './frames.ts';

const COMMANDS = 20_000;
const SEED = 1;
const RING_BYTES = 2 ** 20;
const PASSES = 10;

/** Copies a run of frames in where a shard would encode it. */
function put(writer: LinkWriter, run: Uint8Array): void {
  const { frames } = writer;
  frames.ensure(run.length);
  frames.bytes.set(run, frames.end);
  frames.end += run.length;
}

function load(): LoadedPart {
  const flow = makeExchangeCoreFlow(SEED, COMMANDS);
  const runs = eventRunsOf(flow, encodeFlow(flow));
  const link = { ring: ByteRing.allocate(RING_BYTES), readerBell: Doorbell.allocate() };
  const writer = new LinkWriter(link);
  const reader = new LinkReader(link);
  const frame = new FrameReader();
  let frames = 0;
  let bytes = 0;
  let sequences = 0;
  const take = ({ sequence, frameStart, position }: FrameReader): void => {
    frames++;
    bytes += position - frameStart;
    sequences += sequence;
  };
  const pass = (): void => {
    for (const run of runs) {
      put(writer, run);
      writer.flush();
      while (reader.poll(frame, take) > 0);
    }
  };
  pass();
  const framesOfPass = frames;
  return {
    operations: framesOfPass * PASSES,
    isTimed: true,
    prepare() {
      frames = bytes = sequences = 0;
    },
    work() {
      for (let count = 0; count < PASSES; count++) pass();
    },
    counters: () => [
      counter('events', 'per order', frames / PASSES / COMMANDS),
      counter('event bytes', 'per order', bytes / PASSES / COMMANDS),
      counter('sum of the sequences', 'hash', String(sequences)),
    ],
  };
}

/** Both ends in one thread: two threads on a busy machine measure the machine. */
export const ring: Part = {
  name: 'ring',
  about: `what a shard says to ${COMMANDS} commands, turn by turn through a ring and out of it frame by frame, both ends in one thread`,
  operation: 'frame',
  load,
};
