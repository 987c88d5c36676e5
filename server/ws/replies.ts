import type { OrderEvent } from '../../engine/protocol/events.ts';
import type { ApiError } from '../api-error.ts';
import type { BatchItemFormat } from '../orders/batch-answers.ts';
import type { Frame, RequestId } from './session.ts';
import type { StreamError } from './stream-names.ts';

/** How far a command had come when its reply was sent: in memory, on disk, in the database. */
export type AcknowledgementLevel = 'accepted' | 'journaled' | 'settled';

/**
 * Builds the frames that answer requests, in one encoding. `receivedUs` is when the gateway had the
 * whole request, `matchedUs` when the engine acted, 0 if it had nothing to do; where there is a journal, a third time
 * says when that was committed.
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
  loggedIn(id: RequestId, accountId: number): T;
  refused(id: RequestId | null, error: ApiError): T;
  /** Of the streaming subset: a subscription that carried an id. */
  subscribed(id: RequestId): T;
  streamRefused(id: RequestId | null, error: StreamError): T;
}
