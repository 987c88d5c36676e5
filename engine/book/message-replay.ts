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
type ReplayedBook = Pick<
  OrderBook,
  'match' | 'rest' | 'cancel' | 'sideOf' | 'priceOf' | 'openLots'
> & { readonly fills: OrderBook['fills'] };

/**
 * Applies recorded messages to a book and reports what happened as lines of decimal integers, the
 * kind first: 0 order ack, 1 trade, 2 cancel ack, 3 modify ack, 4 cancel reject, 5 modify reject. A
 * modify is a cancel and an insert at the end of the queue, reported after its trades.
 *
 * Every id that does not rest is free, whatever became of it; a new order with the id of one that rests
 * is not defined, and a RangeError before anything is changed or reported.
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
    if (this.#book.openLots(orderId) > 0) throw new RangeError(`order ${orderId} rests already`);
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

const DIGITS = /^\d+$/;

/**
 * Reads one line `seq,type,order_id,side,price_ticks,qty,ioc` of a recorded flow: unsigned whole numbers
 * up to 2^53 − 1, prices and quantities from 1. What the type does not need may be empty or missing.
 *
 * @throws SyntaxError naming the field that is not what it must be
 */
export function parseFlowLine(line: string): FlowMessage {
  const [seqText, type, idText, sideText, priceText, lotsText, iocText] = line.split(',');
  const seq = wholeNumber(seqText, 'seq', 0, line);
  const orderId = wholeNumber(idText, 'order_id', 0, line);
  if (type === 'cancel') {
    const nothing = { side: Side.Bid, priceTicks: 0, lots: 0, immediateOrCancel: false };
    return { seq, type, orderId, ...nothing };
  }
  if (type !== 'new' && type !== 'modify') throw new SyntaxError(`type of a message: ${line}`);
  if (sideText !== '0' && sideText !== '1') throw new SyntaxError(`side of a message: ${line}`);
  const isIocKnown = iocText === '0' || iocText === '1';
  if (type === 'new' && !isIocKnown) throw new SyntaxError(`ioc of a message: ${line}`);
  return {
    seq,
    type,
    orderId,
    side: sideText === '1' ? Side.Ask : Side.Bid,
    priceTicks: wholeNumber(priceText, 'price_ticks', 1, line),
    lots: wholeNumber(lotsText, 'qty', 1, line),
    immediateOrCancel: type === 'new' && iocText === '1',
  };
}

function wholeNumber(text: string | undefined, name: string, least: number, line: string): number {
  const value = Number(text);
  if (text !== undefined && DIGITS.test(text) && Number.isSafeInteger(value) && value >= least) {
    return value;
  }
  throw new SyntaxError(`${name} of a message: ${line}`);
}
