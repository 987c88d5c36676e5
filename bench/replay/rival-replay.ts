import { type IOrder, OrderBook, Side } from 'nodejs-order-book';
import { type MessageFlow, MessageKind } from '../workloads/message-flow.ts';
import type { TradeList } from './trade-list.ts';

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
type RivalAnswer = ReturnType<OrderBook['limit']>;
const GTC = 'GTC' as RivalTimeInForce;
const IOC = 'IOC' as RivalTimeInForce;

/**
 * Replays a flow into the npm package `nodejs-order-book` as its README documents it: one call a message, no
 * journal (its default), its modify being a cancel and an insert at the end of the queue like ours.
 *
 * @param trades where to note each trade it reports; nothing is noted while the clock runs
 */
export function replayIntoRival(
  flow: MessageFlow,
  ids: readonly string[],
  trades: TradeList | null = null,
): RivalResult {
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
    if (trades !== null) noteTrades(answer, id, trades);
  }
  return result;
}

/**
 * The trades of an answer: the makers that are done, with what was left of them, in the order they were
 * taken; last of all the one that is not. Where the taker is filled, it ends the list of those that are done.
 */
function noteTrades(answer: RivalAnswer, takerId: string, trades: TradeList): void {
  const { done, partial, partialQuantityProcessed, quantityLeft } = answer;
  const taker = Number(takerId);
  const makers = quantityLeft === 0 ? done.slice(0, -1) : done;
  for (const maker of makers) trades.add(priceOf(maker), maker.size, Number(maker.id), taker);
  if (partial === null || partial.id === takerId) return;
  trades.add(partial.price, partialQuantityProcessed, Number(partial.id), taker);
}

function priceOf(order: IOrder): number {
  if (!('price' in order)) throw new Error('a stop order among the orders of a flow without any');
  return order.price;
}
