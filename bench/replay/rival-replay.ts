import { OrderBook, Side } from 'nodejs-order-book';
import { type MessageFlow, MessageKind } from '../workloads/message-flow.ts';

/** What the rival answered to a flow, counted. */
export interface RivalResult {
  trades: number;
  tradedLots: number;
  rejects: number;
}

/** The order ids of a flow as the decimal strings that the rival wants, made before the clock starts. */
export function textIdsOf(flow: MessageFlow): string[] {
  return Array.from(flow.orderId, (id) => id.toString());
}

// The package declares its value sets as TypeScript enums but does not export this one.
type RivalTimeInForce = NonNullable<Parameters<OrderBook['limit']>[0]['timeInForce']>;
const GTC = 'GTC' as RivalTimeInForce;
const IOC = 'IOC' as RivalTimeInForce;

/**
 * Replays a flow into the npm package `nodejs-order-book` as its README documents it: one call a message, no
 * journal (its default), its modify being a cancel and an insert at the end of the queue like ours.
 */
export function replayIntoRival(flow: MessageFlow, ids: readonly string[]): RivalResult {
  const book = new OrderBook();
  const result = { trades: 0, tradedLots: 0, rejects: 0 };
  for (let seq = 0; seq < flow.count; seq++) {
    const kind = flow.kind[seq]!;
    const id = ids[seq]!;
    if (kind === MessageKind.Cancel) {
      if (book.cancel(id) === undefined) result.rejects++;
      continue;
    }
    const size = flow.lots[seq]!;
    const price = flow.priceTicks[seq]!;
    const answer =
      kind === MessageKind.Modify
        ? book.modify(id, { size, price })
        : book.limit({
            id,
            side: flow.side[seq] === 0 ? Side.BUY : Side.SELL,
            size,
            price,
            timeInForce: kind === MessageKind.NewImmediate ? IOC : GTC,
          });
    if (answer.err !== null) {
      result.rejects++;
      continue;
    }
    const isFilled = answer.quantityLeft === 0;
    result.tradedLots += size - answer.quantityLeft;
    result.trades += answer.done.length - (isFilled ? 1 : 0);
    if (answer.partial !== null && answer.partial.id !== id) result.trades++;
  }
  return result;
}
