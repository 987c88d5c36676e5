import { Side } from '../protocol/enums.ts';
import type { OrderBook } from './order-book.ts';

/** A message of a recorded order flow: one market, no accounts. */
export interface FlowMessage {
  readonly seq: number;
  readonly type: 'new' | 'cancel' | 'modify';
  readonly orderId: number;
  /** Of new and modify; 0 in a cancel, as are the three after it. */
  readonly side: Side;
  readonly priceTicks: number;
  readonly lots: number;
  readonly immediateOrCancel: boolean;
}

/** What of a book the replay needs. */
export type ReplayedBook = Pick<
  OrderBook,
  'match' | 'rest' | 'cancel' | 'sideOf' | 'priceOf' | 'openLots'
> & { readonly fills: OrderBook['fills'] };

/**
 * Applies recorded messages to a book and reports what happened as lines of decimal integers, the
 * kind first: 0 order ack, 1 trade, 2 cancel ack, 3 modify ack, 4 cancel reject, 5 modify reject. A
 * modify is a cancel and an insert at the end of the queue, reported after its trades.
 */
export class MessageReplay {
  readonly #book: ReplayedBook;
  readonly #report: (line: string) => void;

  constructor(book: ReplayedBook, report: (line: string) => void) {
    this.#book = book;
    this.#report = report;
  }

  apply(message: FlowMessage): void {
    if (message.type === 'new') this.#place(message);
    else if (message.type === 'cancel') this.#cancel(message);
    else this.#modify(message);
  }

  #place({ seq, side, orderId, priceTicks, lots, immediateOrCancel }: FlowMessage): void {
    this.#report(`0,${seq},${side},${orderId},${priceTicks},${lots}`);
    const left = this.#trade(seq, orderId, side, priceTicks, lots);
    if (left === 0) return;
    if (immediateOrCancel) this.#report(`2,${seq},${side},${orderId},${priceTicks}`);
    else this.#book.rest(orderId, 1, side, priceTicks, left);
  }

  #cancel({ seq, orderId }: FlowMessage): void {
    if (this.#book.openLots(orderId) === 0) {
      this.#report(`4,${seq},${orderId}`);
      return;
    }
    const side = this.#book.sideOf(orderId);
    const priceTicks = this.#book.priceOf(orderId);
    this.#book.cancel(orderId);
    this.#report(`2,${seq},${side},${orderId},${priceTicks}`);
  }

  #modify({ seq, side, orderId, priceTicks, lots }: FlowMessage): void {
    if (this.#book.cancel(orderId) === 0) {
      this.#report(`5,${seq},${orderId}`);
      return;
    }
    const left = this.#trade(seq, orderId, side, priceTicks, lots);
    if (left > 0) this.#book.rest(orderId, 1, side, priceTicks, left);
    this.#report(`3,${seq},${side},${orderId},${priceTicks},${lots}`);
  }

  /** Answers the lots left. */
  #trade(seq: number, takerId: number, side: Side, priceTicks: number, lots: number): number {
    const left = this.#book.match(side, priceTicks, lots, Number.POSITIVE_INFINITY);
    const { count, makerOrderIds, priceTicks: prices, quantityLots } = this.#book.fills;
    for (let at = 0; at < count; at++) {
      this.#report(`1,${seq},${prices[at]},${quantityLots[at]},${makerOrderIds[at]},${takerId}`);
    }
    return left;
  }
}

/** Reads one line `seq,type,order_id,side,price_ticks,qty,ioc` of a recorded flow. */
export function parseFlowLine(line: string): FlowMessage {
  const [seq, type, orderId, side, priceTicks, lots, ioc] = line.split(',');
  if (type !== 'new' && type !== 'cancel' && type !== 'modify') {
    throw new SyntaxError(`not a message: ${line}`);
  }
  return {
    seq: Number(seq),
    type,
    orderId: Number(orderId),
    side: side === '1' ? Side.Ask : Side.Bid,
    priceTicks: Number(priceTicks),
    lots: Number(lots),
    immediateOrCancel: ioc === '1',
  };
}
