import type { OrderEvent } from '../../engine/protocol/events.ts';
import type { ApiError } from '../api-error.ts';
import type { BatchItemFormat } from '../orders/batch-answers.ts';
import type { Frame, RequestId } from './session.ts';
import type { StreamError } from './stream-names.ts';

/** How far a command had come when its reply was sent: in memory, on disk, in the database. */
export type AcknowledgementLevel = 'accepted' | 'journaled' | 'settled';

/** A result that is no order: maps and lists of them, of what both encodings have. */
export interface ResultMap {
  readonly [name: string]: ResultValue;
}
export type ResultValue = string | number | boolean | null | ResultMap | readonly ResultValue[];

/**
 * Builds the frames that answer requests, in one encoding. `receivedUs` is when the gateway had the
 * whole request, `matchedUs` when the engine acted, 0 if it had nothing to do; where there is a journal, a third time
 * says when that was committed. Every reply also says when it was written: `published`, of the gateway's clock as
 * `received` is.
 */
export interface Replies<T extends Frame> extends BatchItemFormat<T> {
  /** A cancelled or queried order. */
  order(id: RequestId, receivedUs: number, order: Readonly<OrderEvent>): T;
  /** A placed, reduced or replaced order, with its fills. */
  executedOrder(
    id: RequestId,
    receivedUs: number,
    order: Readonly<OrderEvent>,
    fills: readonly Readonly<OrderEvent>[],
  ): T;
  /** One order as an item for `list`. */
  listOrder(order: Readonly<OrderEvent>): T;
  list(id: RequestId, receivedUs: number, matchedUs: number, items: readonly T[]): T;
  /** Of a request that the gateway answers by itself. */
  answered(id: RequestId, receivedUs: number, result: ResultMap): T;
  /** Of a request that the engine did, with the acknowledgement level of what it did. */
  executed(id: RequestId, receivedUs: number, result: ResultMap): T;
  refused(id: RequestId | null, receivedUs: number, error: ApiError): T;
  /** Of the streaming subset: a subscription that carried an id. */
  subscribed(id: RequestId): T;
  streamRefused(id: RequestId | null, error: StreamError): T;
}
