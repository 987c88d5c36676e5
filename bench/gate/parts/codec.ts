import { CancelOrder, PlaceOrder, ReplaceOrder } from '../../../engine/protocol/commands.ts';
import { BookDelta, OrderEvent, Trade } from '../../../engine/protocol/events.ts';
import { FrameReader } from '../../../engine/protocol/frame-reader.ts';
import { FrameWriter } from '../../../engine/protocol/frame-writer.ts';
import type { Body } from '../../../engine/protocol/message.ts';
import { encodeFlow } from '../../venue/lone-venue.ts';
import { commandsOf } from '../../workloads/message-commands.ts';
import { makeUsEquityFlow, US_EQUITY_ACCOUNTS } from '../../workloads/us-equity-flow.ts';
import { counter, type LoadedPart, type Part } from '../part.ts';
import { eventRunsOf, joined } from './frames.ts';
import { hashOfBytes } from './hash-of-bytes.ts';

/** So few that what is decoded stays in a processor's own cache: beyond it, the neighbours' use of memory is measured. */
const COMMANDS = 1500;
const SEED = 1;
/** How often the stream is gone through in a slice. */
const PASSES = 50;

/** The messages that make up a busy venue's traffic. */
const MESSAGES = [PlaceOrder, CancelOrder, ReplaceOrder, OrderEvent, Trade, BookDelta] as const;

/** A command flow as frames with what a shard answers, without the few that are neither an order nor its effect. */
function makeStream(): Uint8Array {
  const messages = makeUsEquityFlow('collapse', SEED, COMMANDS);
  const flow = commandsOf(messages, US_EQUITY_ACCOUNTS).commands;
  const commands = encodeFlow(flow);
  const all = joined([commands, ...eventRunsOf(flow, commands)]);
  const types = new Set<number>(MESSAGES.map(({ type }) => type));
  const reader = new FrameReader();
  reader.reset(all, 0, all.length);
  const kept: Uint8Array[] = [];
  while (reader.next()) {
    if (types.has(reader.type)) kept.push(all.slice(reader.frameStart, reader.position));
  }
  return joined(kept);
}

/** Decodes every frame of a stream into one reused body of its message; answers how many and a sum over them. */
class StreamDecoder {
  readonly #reader = new FrameReader();
  readonly #place = PlaceOrder.create();
  readonly #cancel = CancelOrder.create();
  readonly #replace = ReplaceOrder.create();
  readonly #order = OrderEvent.create();
  readonly #trade = Trade.create();
  readonly #delta = BookDelta.create();
  frames = 0;
  sum = 0;

  decode(bytes: Uint8Array): void {
    const reader = this.#reader;
    reader.reset(bytes, 0, bytes.length);
    for (; reader.next(); this.frames++) {
      switch (reader.type) {
        case PlaceOrder.type:
          this.sum += PlaceOrder.decode(reader, this.#place).priceTicks;
          break;
        case CancelOrder.type:
          this.sum += CancelOrder.decode(reader, this.#cancel).accountId;
          break;
        case ReplaceOrder.type:
          this.sum += ReplaceOrder.decode(reader, this.#replace).quantityLots;
          break;
        case OrderEvent.type:
          this.sum += OrderEvent.decode(reader, this.#order).executedLots;
          break;
        case Trade.type:
          this.sum += Trade.decode(reader, this.#trade).quantityLots;
          break;
        default:
          this.sum += BookDelta.decode(reader, this.#delta).marketId;
      }
    }
  }
}

function loadDecoding(): LoadedPart {
  const stream = makeStream();
  let decoder = new StreamDecoder();
  decoder.decode(stream);
  return {
    operations: decoder.frames * PASSES,
    isTimed: true,
    prepare() {
      decoder = new StreamDecoder();
    },
    work() {
      for (let pass = 0; pass < PASSES; pass++) decoder.decode(stream);
    },
    counters: () => [
      counter('frame', 'bytes', (stream.length * PASSES) / decoder.frames),
      counter('sum of a field of each', 'hash', String(decoder.sum)),
    ],
  };
}

/** A message with its sequence, decoded, ready to be encoded again. */
interface Said {
  readonly type: number;
  readonly sequence: number;
  readonly body: object;
}

function saidIn(stream: Uint8Array): Said[] {
  const reader = new FrameReader();
  reader.reset(stream, 0, stream.length);
  const said: Said[] = [];
  while (reader.next()) {
    const { type, sequence } = reader;
    const message = MESSAGES.find((one) => one.type === type)!;
    const body = message.create();
    (message.decode as (reader: FrameReader, target: object) => object)(reader, body);
    said.push({ type, sequence, body });
  }
  return said;
}

/** Calls each codec by name, as the engine does: through one variable it would be another compilation every time. */
function encode(frames: FrameWriter, { type, sequence, body }: Said): void {
  switch (type) {
    case PlaceOrder.type:
      PlaceOrder.encode(frames, sequence, body as Body<typeof PlaceOrder>);
      break;
    case CancelOrder.type:
      CancelOrder.encode(frames, sequence, body as Body<typeof CancelOrder>);
      break;
    case ReplaceOrder.type:
      ReplaceOrder.encode(frames, sequence, body as Body<typeof ReplaceOrder>);
      break;
    case OrderEvent.type:
      OrderEvent.encode(frames, sequence, body as Body<typeof OrderEvent>);
      break;
    case Trade.type:
      Trade.encode(frames, sequence, body as Body<typeof Trade>);
      break;
    default:
      BookDelta.encode(frames, sequence, body as Body<typeof BookDelta>);
  }
}

function loadEncoding(): LoadedPart {
  const stream = makeStream();
  const said = saidIn(stream);
  const frames = new FrameWriter(2 * stream.length);
  return {
    operations: said.length * PASSES,
    isTimed: true,
    prepare() {},
    work() {
      for (let pass = 0; pass < PASSES; pass++) {
        frames.clear();
        for (const one of said) encode(frames, one);
      }
    },
    counters: () => [
      counter('frame', 'bytes', frames.pendingBytes / said.length),
      counter('frames', 'hash', hashOfBytes(frames.bytes, frames.start, frames.end)),
    ],
  };
}

const STREAM = `${COMMANDS} commands and what a shard answers to them`;

export const codecDecode: Part = {
  name: 'codec-decode',
  about: `decoding of ${STREAM}`,
  operation: 'frame',
  load: loadDecoding,
};

export const codecEncode: Part = {
  name: 'codec-encode',
  about: `encoding of ${STREAM}, in the order they come`,
  operation: 'frame',
  load: loadEncoding,
};
