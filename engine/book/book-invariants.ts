import { assert } from '../assert.ts';
import { Side } from '../protocol/enums.ts';
import type { OrderBook } from './order-book.ts';

interface Queue {
  /** Oldest first. */
  readonly orderIds: number[];
  lots: number;
}

/**
 * Asserts everything that must hold of a book between two commands: it is not crossed; what it says of its
 * sides, levels and best prices is what its orders say, one by one; each order is found by its id; a queue
 * is the same from both ends; and no memory is lost. Reads the whole book.
 */
export function checkBook(book: OrderBook): void {
  const bid = book.bestBid();
  const ask = book.bestAsk();
  assert(bid === 0 || ask === 0 || bid < ask, 'book is crossed or locked');
  const orders = checkSide(book, Side.Bid, bid) + checkSide(book, Side.Ask, ask);
  assert(orders === book.orderCount, 'id index and queues differ in size');
  book.checkMemory();
}

/** Answers the number of orders met. */
function checkSide(book: OrderBook, side: Side, bestTicks: number): number {
  const queues = queuesOf(book, side);
  let levels = 0;
  let orders = 0;
  book.depth(side, Number.POSITIVE_INFINITY, (priceTicks, lots, orderCount) => {
    if (levels++ === 0)
      assert(priceTicks === bestTicks, 'the best price is not of the first level');
    const queue = queues.get(priceTicks);
    assert(queue !== undefined, 'level without orders');
    assert(orderCount === queue.orderIds.length, 'level count is wrong');
    assert(lots === queue.lots, 'level total is not the sum');
    assert(Number.isSafeInteger(lots), 'level total is not a safe integer');
    assert(book.levelLots(side, priceTicks) === lots, 'price index leads to another level');
    checkFromBack(book, side, priceTicks, queue.orderIds);
    orders += orderCount;
  });
  assert(levels === book.levelCount(side), 'level count of the side is wrong');
  assert(levels === queues.size, 'orders outside of the depth');
  assert(levels > 0 || bestTicks === 0, 'a best price without a level');
  return orders;
}

/** The queues by price, each order checked against what the book says of its id. */
function queuesOf(book: OrderBook, side: Side): Map<number, Queue> {
  const queues = new Map<number, Queue>();
  let orders = 0;
  book.forEachOrder(side, (orderId, owner, priceTicks, lots) => {
    // Also ends the walk of a queue that bites its tail.
    assert(++orders <= book.orderCount, 'queues have more orders than the id index');
    assert(lots >= 1, 'order without open lots');
    const isFound = book.openLots(orderId) === lots && book.ownerOf(orderId) === owner;
    assert(isFound, 'id index leads elsewhere');
    assert(book.priceOf(orderId) === priceTicks, 'order points to another level');
    assert(book.sideOf(orderId) === side, 'order is taken for the other side');
    const queue = queues.get(priceTicks) ?? { orderIds: [], lots: 0 };
    queues.set(priceTicks, queue);
    queue.orderIds.push(orderId);
    queue.lots += lots;
  });
  return queues;
}

function checkFromBack(
  book: OrderBook,
  side: Side,
  priceTicks: number,
  orderIds: readonly number[],
): void {
  let at = orderIds.length;
  book.forEachOrderFromBack(side, priceTicks, (orderId) => {
    assert(orderId === orderIds[--at], 'a queue is another one from its end');
  });
  assert(at === 0, 'a queue is longer than from its end');
}
