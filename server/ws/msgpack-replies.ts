import type { OrderEvent } from '../../engine/protocol/events.ts';
import type { ApiError } from '../api-error.ts';
import { nowUs } from '../clock.ts';
import type { Registry } from '../registry/registry.ts';
import { constantPiece, MapWriter } from './map-writer.ts';
import { writeExecutedOrder, writeOrder } from './order-msgpack.ts';
import type { AcknowledgementLevel, Replies, ResultMap, ResultValue } from './replies.ts';
import type { RequestId } from './session.ts';
import type { StreamError } from './stream-names.ts';

const ID = constantPiece((writer) => writer.shortText('id'));
const STATUS = constantPiece((writer) => writer.shortText('status'));
const ERROR = constantPiece((writer) => writer.shortText('error'));
const CODE = constantPiece((writer) => writer.shortText('code'));
const MESSAGE = constantPiece((writer) => writer.shortText('message'));
const STATUS_OK = constantPiece((writer) => {
  writer.shortText('status');
  writer.number(200);
});
const RESULT = constantPiece((writer) => writer.shortText('result'));
const TIMES = constantPiece((writer) => writer.shortText('times'));
const RECEIVED = constantPiece((writer) => writer.shortText('received'));
const MATCHED = constantPiece((writer) => writer.shortText('matched'));
const JOURNALED = constantPiece((writer) => writer.shortText('journaled'));
const PUBLISHED = constantPiece((writer) => writer.shortText('published'));
const OPERATION_OK = constantPiece((writer) => {
  writer.shortText('operation');
  writer.shortText('Ok');
});

/**
 * Replies as msgpack, for requests in binary frames: the same maps as the JSON ones. Frames are views
 * of one buffer that is reused after `endTurn`; items for a list are copies, since a batch may be
 * gathered over several turns.
 */
export class MsgpackReplies implements Replies<Uint8Array> {
  readonly #registry: Registry;
  readonly #acknowledgement: Uint8Array;
  readonly #journaledUs: () => number;
  readonly #writer = new MapWriter();

  /** @param journaledUs when what is being answered was committed to a journal, 0 without one */
  constructor(
    registry: Registry,
    acknowledgement: AcknowledgementLevel,
    journaledUs: () => number,
  ) {
    this.#registry = registry;
    this.#journaledUs = journaledUs;
    this.#acknowledgement = constantPiece((writer) => {
      writer.shortText('ack');
      writer.shortText(acknowledgement);
    });
  }

  /** Every frame built so far was sent. */
  endTurn(): void {
    this.#writer.clear();
  }

  order(id: RequestId, receivedUs: number, order: Readonly<OrderEvent>): Uint8Array {
    const start = this.#begin(id);
    writeOrder(this.#writer, order, this.#registry.market(order.marketId));
    return this.#finish(start, receivedUs, order.timeUs);
  }

  executedOrder(
    id: RequestId,
    receivedUs: number,
    order: Readonly<OrderEvent>,
    fills: readonly Readonly<OrderEvent>[],
  ): Uint8Array {
    const start = this.#begin(id);
    writeExecutedOrder(this.#writer, order, fills, this.#registry.market(order.marketId));
    return this.#finish(start, receivedUs, order.timeUs);
  }

  listOrder(order: Readonly<OrderEvent>): Uint8Array {
    return constantPiece((writer) =>
      writeOrder(writer, order, this.#registry.market(order.marketId)),
    );
  }

  batchOrder(order: Readonly<OrderEvent>, fills: readonly Readonly<OrderEvent>[]): Uint8Array {
    return constantPiece((writer) => {
      writeExecutedOrder(writer, order, fills, this.#registry.market(order.marketId), 1);
      writer.piece(OPERATION_OK);
    });
  }

  batchRefusal(error: ApiError): Uint8Array {
    return encode({ operation: 'Err', code: error.code, message: error.message });
  }

  list(
    id: RequestId,
    receivedUs: number,
    matchedUs: number,
    items: readonly Uint8Array[],
  ): Uint8Array {
    const start = this.#begin(id);
    const writer = this.#writer;
    writer.listHeader(items.length);
    for (const item of items) writer.piece(item);
    return this.#finish(start, receivedUs, matchedUs);
  }

  answered(id: RequestId, receivedUs: number, result: ResultMap): Uint8Array {
    const times = { received: receivedUs, published: nowUs() };
    return encode({ id, status: 200, result, times });
  }

  executed(id: RequestId, receivedUs: number, result: ResultMap): Uint8Array {
    const start = this.#begin(id);
    writeMap(this.#writer, result);
    return this.#finish(start, receivedUs, 0);
  }

  /** A venue that has too much to do refuses a lot: none of it must cost more than what it does. */
  refused(id: RequestId | null, receivedUs: number, error: ApiError): Uint8Array {
    const writer = this.#writer;
    const start = writer.end;
    writer.mapHeader(4);
    writer.piece(ID);
    writeValue(writer, id);
    writer.piece(STATUS);
    writer.number(error.status);
    writer.piece(ERROR);
    writer.mapHeader(2);
    writer.piece(CODE);
    writer.shortText(error.code);
    writer.piece(MESSAGE);
    writer.shortText(error.message);
    writer.piece(TIMES);
    writer.mapHeader(2);
    writer.piece(RECEIVED);
    writer.number(receivedUs);
    writer.piece(PUBLISHED);
    writer.number(nowUs());
    return writer.bytes.subarray(start, writer.end);
  }

  subscribed(id: RequestId): Uint8Array {
    return encode({ id, result: null });
  }

  streamRefused(id: RequestId | null, error: StreamError): Uint8Array {
    return encode({ id, error: { code: error.code, message: error.message } });
  }

  /** Writes everything up to the result's value; answers where the frame starts. */
  #begin(id: RequestId): number {
    const writer = this.#writer;
    const start = writer.end;
    writer.mapHeader(5);
    writer.piece(ID);
    writeValue(writer, id);
    writer.piece(STATUS_OK);
    writer.piece(this.#acknowledgement);
    writer.piece(RESULT);
    return start;
  }

  #finish(start: number, receivedUs: number, matchedUs: number): Uint8Array {
    const writer = this.#writer;
    writer.piece(TIMES);
    const journaledUs = this.#journaledUs();
    writer.mapHeader(2 + (matchedUs === 0 ? 0 : 1) + (journaledUs === 0 ? 0 : 1));
    writer.piece(RECEIVED);
    writer.number(receivedUs);
    if (matchedUs !== 0) {
      writer.piece(MATCHED);
      writer.number(matchedUs);
    }
    if (journaledUs !== 0) {
      writer.piece(JOURNALED);
      writer.number(journaledUs);
    }
    writer.piece(PUBLISHED);
    writer.number(nowUs());
    return writer.bytes.subarray(start, writer.end);
  }
}

function encode(map: ResultMap): Uint8Array {
  return constantPiece((writer) => writeMap(writer, map));
}

function writeMap(writer: MapWriter, map: ResultMap): void {
  const entries = Object.entries(map);
  writer.mapHeader(entries.length);
  for (const [name, value] of entries) {
    writer.shortText(name);
    writeValue(writer, value);
  }
}

function writeValue(writer: MapWriter, value: ResultValue): void {
  if (value === null) writer.nil();
  else if (typeof value === 'boolean') writer.bool(value);
  else if (typeof value === 'number') writer.number(value);
  else if (typeof value === 'string') writer.shortText(value);
  else if (isList(value)) {
    writer.listHeader(value.length);
    for (const item of value) writeValue(writer, item);
  } else writeMap(writer, value);
}

function isList(value: ResultMap | readonly ResultValue[]): value is readonly ResultValue[] {
  return Array.isArray(value);
}
