import assert from 'node:assert/strict';
import { Side } from '../protocol/enums.ts';
import { checkBook } from './book-invariants.ts';
import { type FlowMessage, MessageReplay } from './message-replay.ts';
import { NaiveBook } from './naive-book.fixture.ts';
import { OrderBook } from './order-book.ts';

/*
 * Small scenes for an order book: a message a line, and behind it what it must lead to. Quantities are in
 * lots, prices in ticks.
 */

type Message = Omit<FlowMessage, 'seq'>;
/** What a message leads to, as a line of its report stream. */
type Outcome = (message: FlowMessage) => string;
export type Scene = readonly (readonly [Message, ...Outcome[]])[];

function order(
  type: 'new' | 'modify',
  side: Side,
  immediateOrCancel: boolean,
): (orderId: number, priceTicks: number, lots: number) => Message {
  return (orderId, priceTicks, lots) => {
    return { type, orderId, side, priceTicks, lots, immediateOrCancel };
  };
}

/** A limit order that rests with what it does not trade: its id, limit and quantity. */
export const buy = order('new', Side.Bid, false);
export const sell = order('new', Side.Ask, false);
/** The same, immediate or cancel. */
export const buyNow = order('new', Side.Bid, true);
export const sellNow = order('new', Side.Ask, true);
/** A new limit and open quantity for a resting bid or ask. */
export const modifyBid = order('modify', Side.Bid, false);
export const modifyAsk = order('modify', Side.Ask, false);

export function cancel(orderId: number): Message {
  const nothing = { side: Side.Bid, priceTicks: 0, lots: 0, immediateOrCancel: false };
  return { type: 'cancel', orderId, ...nothing };
}

/** A fill against the maker of this id, at the maker's price. */
export function fills(makerOrderId: number, lots: number, priceTicks: number): Outcome {
  return ({ seq, orderId }) => `1,${seq},${priceTicks},${lots},${makerOrderId},${orderId}`;
}

/** The order of a cancel is gone from its side and price. */
export function cancelled(side: Side, priceTicks: number): Outcome {
  return ({ seq, orderId }) => `2,${seq},${side},${orderId},${priceTicks}`;
}

/** What an immediate-or-cancel order could not trade is gone. */
export const restGone: Outcome = ({ seq, side, orderId, priceTicks }) =>
  `2,${seq},${side},${orderId},${priceTicks}`;

export const modified: Outcome = ({ seq, side, orderId, priceTicks, lots }) =>
  `3,${seq},${side},${orderId},${priceTicks},${lots}`;

/** A cancel or modify of an order that does not rest. */
export const unknown: Outcome = ({ seq, type, orderId }) =>
  `${type === 'cancel' ? 4 : 5},${seq},${orderId}`;

function acknowledged({ seq, side, orderId, priceTicks, lots }: FlowMessage): string {
  return `0,${seq},${side},${orderId},${priceTicks},${lots}`;
}

/**
 * Plays the scene into a book and beside it into a naive one, and asserts after every message that it led
 * to what is said, and that both books hold the same, level by level and order by order.
 */
export function play(scene: Scene): OrderBook {
  const book = new OrderBook();
  const naive = new NaiveBook();
  const lines: string[] = [];
  const replay = new MessageReplay(book, (line) => lines.push(line));
  const naiveReplay = new MessageReplay(naive, () => {});
  for (const [seq, [draft, ...outcomes]] of scene.entries()) {
    const message: FlowMessage = { seq, ...draft };
    lines.length = 0;
    replay.apply(message);
    naiveReplay.apply(message);
    const first = message.type === 'new' ? [acknowledged(message)] : [];
    const expected = [...first, ...outcomes.map((outcome) => outcome(message))];
    assert.deepEqual(lines, expected, `message ${seq}: ${JSON.stringify(draft)}`);
    checkBook(book);
    assert.deepEqual(holdings(book), holdings(naive), `the books after message ${seq}`);
  }
  return book;
}

function holdings(book: OrderBook | NaiveBook): unknown {
  const sides = [Side.Bid, Side.Ask].map((side) => {
    const levels: string[] = [];
    const orders: string[] = [];
    book.depth(side, Number.POSITIVE_INFINITY, (priceTicks, lots, count) => {
      levels.push(`${lots} of ${count} at ${priceTicks}`);
    });
    book.forEachOrder(side, (orderId, owner, priceTicks, lots) => {
      orders.push(`${orderId} of ${owner}: ${lots} at ${priceTicks}`);
    });
    return { levels, orders };
  });
  return [book.bestBid(), book.bestAsk(), book.orderCount, ...sides];
}
