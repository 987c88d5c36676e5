import type { OrderBook } from '../../engine/book/order-book.ts';
import { type MessageFlow, MessageKind } from '../workloads/message-flow.ts';
import type { Reports } from './reports.ts';

/* As in the book: V8 folds a module's own constants into the code. */
const NEW_IMMEDIATE = MessageKind.NewImmediate;
const CANCEL = MessageKind.Cancel;
const MODIFY = MessageKind.Modify;
const NO_BUDGET = Number.POSITIVE_INFINITY;

/**
 * Applies messages `from` … `to` − 1 of a flow to a book, by the rules of the conformance set: a modify is a
 * cancel and an insert at the end of the queue, reported after its trades.
 */
export function replay(
  flow: MessageFlow,
  from: number,
  to: number,
  book: OrderBook,
  reports: Reports,
): void {
  const { kind, orderId, accountId, side, priceTicks, lots } = flow;
  for (let seq = from; seq < to; seq++) {
    const what = kind[seq]!;
    const id = orderId[seq]!;
    if (what === CANCEL) {
      if (book.cancel(id) === 0) reports.cancelReject(seq, id);
      else reports.cancelAck(seq, book.lastSide, id, book.lastPriceTicks);
      continue;
    }
    const limit = priceTicks[seq]!;
    const wanted = lots[seq]!;
    const ownSide = side[seq]! as 0 | 1;
    if (what === MODIFY) {
      if (book.cancel(id) === 0) {
        reports.modifyReject(seq, id);
        continue;
      }
    } else {
      reports.orderAck(seq, ownSide, id, limit, wanted);
    }
    const left = book.match(ownSide, limit, wanted, NO_BUDGET);
    const { fills } = book;
    for (let at = 0; at < fills.count; at++) {
      reports.trade(
        seq,
        fills.priceTicks[at]!,
        fills.quantityLots[at]!,
        fills.makerOrderIds[at]!,
        id,
      );
    }
    if (left > 0) {
      if (what === NEW_IMMEDIATE) reports.cancelAck(seq, ownSide, id, limit);
      else book.rest(id, accountId[seq]!, ownSide, limit, left);
    }
    if (what === MODIFY) reports.modifyAck(seq, ownSide, id, limit, wanted);
  }
}
