import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '../assert.ts';
import { Side } from '../protocol/enums.ts';
import { checkBook } from './book-invariants.ts';
import { NaiveBook } from './naive-book.fixture.ts';
import { OrderBook } from './order-book.ts';

const { Bid, Ask } = Side;
const UNBOUNDED = Number.POSITIVE_INFINITY;
const LARGEST = Number.MAX_SAFE_INTEGER;
const OWNER = 7;

/** `[orderId, side, priceTicks, lots]` each. */
function bookOf(...orders: [number, Side, number, number][]): OrderBook {
  const book = new OrderBook();
  for (const [orderId, side, priceTicks, lots] of orders) {
    book.rest(orderId, OWNER, side, priceTicks, lots);
  }
  return book;
}

/** `[makerOrderId, priceTicks, lots, makerOpenLots]` of the last match. */
function fillsOf({ fills }: OrderBook): number[][] {
  return Array.from({ length: fills.count }, (_, at) => [
    fills.makerOrderIds[at],
    fills.priceTicks[at],
    fills.quantityLots[at],
    fills.makerOpenLots[at],
  ]);
}

test('a level emptied by a cancel is gone from the best price at once', () => {
  const book = bookOf([1, Bid, 100, 5], [2, Bid, 98, 5], [3, Ask, 102, 5], [4, Ask, 105, 5]);
  assert.equal(book.cancel(1), 5);
  assert.equal(book.bestBid(), 98);
  assert.equal(book.levelLots(Bid, 100), 0);
  assert.equal(book.cancel(3), 5);
  assert.equal(book.bestAsk(), 105);
  book.cancel(2);
  book.cancel(4);
  assert.deepEqual([book.bestBid(), book.bestAsk(), book.orderCount], [0, 0, 0]);
  assert.deepEqual([book.levelCount(Bid), book.levelCount(Ask)], [0, 0]);
  checkBook(book);
});

test('a price that a sweep emptied works as new', () => {
  const book = bookOf([1, Ask, 100, 1], [2, Ask, 101, 2], [3, Ask, 102, 3]);
  assert.equal(book.match(Bid, 102, 6, UNBOUNDED), 0);
  assert.equal(book.bestAsk(), 0);
  book.rest(4, OWNER, Ask, 101, 9);
  assert.deepEqual([book.bestAsk(), book.levelLots(Ask, 101)], [101, 9]);
  assert.equal(book.match(Bid, 101, 4, UNBOUNDED), 0);
  assert.deepEqual(fillsOf(book), [[4, 101, 4, 5]]);
  checkBook(book);
});

test('an id freed by a cancel or a fill is as good as new', () => {
  const book = bookOf([1, Bid, 100, 5], [2, Ask, 110, 5]);
  book.cancel(1);
  book.rest(1, 8, Ask, 120, 3);
  assert.deepEqual(
    [book.sideOf(1), book.priceOf(1), book.ownerOf(1), book.openLots(1)],
    [Ask, 120, 8, 3],
  );
  book.match(Bid, 110, 5, UNBOUNDED);
  assert.equal(book.openLots(2), 0);
  assert.equal(book.cancel(2), 0);
  book.rest(2, 9, Bid, 50, 1);
  assert.deepEqual([book.sideOf(2), book.priceOf(2), book.ownerOf(2)], [Bid, 50, 9]);
  checkBook(book);
});

test('what a cancel removed stays readable, also of the last order of a side', () => {
  const book = bookOf([1, Bid, 100, 5], [2, Ask, 110, 6]);
  book.cancel(1);
  assert.deepEqual([book.lastSide, book.lastPriceTicks, book.lastOwner], [Bid, 100, OWNER]);
  book.cancel(2);
  assert.deepEqual([book.lastSide, book.lastPriceTicks, book.lastOwner], [Ask, 110, OWNER]);
  assert.equal(book.cancel(3), 0);
  assert.equal(book.lastPriceTicks, 110);
});

test('a sweep of 5,000 makers fills each in its turn', () => {
  const book = new OrderBook();
  for (let id = 1; id <= 5_000; id++) book.rest(id, OWNER, Ask, 100, 1);
  assert.equal(book.match(Bid, 100, 5_001, UNBOUNDED), 1);
  assert.equal(book.fills.count, 5_000);
  assert.deepEqual(
    book.fills.makerOrderIds.slice(0, 5_000),
    Float64Array.from({ length: 5_000 }, (_, at) => at + 1),
  );
  assert.equal(book.orderCount, 0);
  checkBook(book);
});

test('an order leaves the middle of a queue of 100,000 without disturbing it', () => {
  const book = new OrderBook();
  for (let id = 1; id <= 100_000; id++) book.rest(id, OWNER, Bid, 100, 2);
  for (let id = 1; id <= 100_000; id += 2) assert.equal(book.cancel(id), 2);
  assert.equal(book.levelLots(Bid, 100), 100_000);
  assert.equal(book.match(Ask, 100, 5, UNBOUNDED), 0);
  assert.deepEqual(fillsOf(book), [
    [2, 100, 2, 0],
    [4, 100, 2, 0],
    [6, 100, 1, 1],
  ]);
  checkBook(book);
});

test('prices at both ends of the range live in one book', () => {
  const book = bookOf(
    [1, Ask, LARGEST, 1],
    [2, Bid, 1, 1],
    [3, Ask, 2 ** 31, 1],
    [4, Bid, 2 ** 31 - 1, 1],
    [5, Ask, 2 ** 52, 1],
    [6, Bid, 2 ** 30, 1],
    [7, Ask, 2 ** 32 + 1, 1],
    [8, Bid, 3, 1],
  );
  checkBook(book);
  const prices: number[] = [];
  for (const side of [Bid, Ask]) book.depth(side, 99, (priceTicks) => prices.push(priceTicks));
  assert.deepEqual(prices, [
    ...[2 ** 31 - 1, 2 ** 30, 3, 1],
    ...[2 ** 31, 2 ** 32 + 1, 2 ** 52, LARGEST],
  ]);
  assert.equal(book.match(Bid, 2 ** 52, 9, UNBOUNDED), 6);
  assert.equal(book.bestAsk(), LARGEST);
  assert.equal(book.match(Ask, 2, 9, UNBOUNDED), 6);
  assert.equal(book.bestBid(), 1);
  checkBook(book);
});

test('a far order costs no memory for the range between', () => {
  const before = process.memoryUsage().arrayBuffers;
  const book = bookOf([1, Bid, 1, 1], [2, Ask, LARGEST, 1], [3, Ask, 2 ** 40, 1]);
  assert.equal(book.orderCount, 3);
  assert(process.memoryUsage().arrayBuffers - before < 100_000);
});

test('a budget takes the most lots it can pay, maker by maker', () => {
  const asks: [number, Side, number, number][] = [
    [1, Ask, 100, 3],
    [2, Ask, 101, 5],
    [3, Ask, 1_000, 1],
  ];
  const book = bookOf(...asks);
  assert.equal(book.match(Bid, 2_000, 10, 300 + 2 * 101 + 100), 5);
  assert.deepEqual(fillsOf(book), [
    [1, 100, 3, 0],
    [2, 101, 2, 3],
  ]);
  const poor = bookOf(...asks);
  assert.equal(poor.match(Bid, 2_000, 10, 99), 10);
  assert.equal(poor.fills.count, 0);
  const exact = bookOf(...asks);
  assert.equal(exact.match(Bid, 2_000, 10, 300), 7);
  assert.deepEqual([exact.bestAsk(), exact.openLots(2)], [101, 5]);
  for (const each of [book, poor, exact]) checkBook(each);
});

test('a budget near 2^53 is exact to the lot', () => {
  const price = 94_906_267;
  const book = bookOf([1, Ask, price, 200_000_000]);
  const affordable = Number(BigInt(LARGEST) / BigInt(price));
  assert.equal(book.match(Bid, price, 200_000_000, LARGEST), 200_000_000 - affordable);
  const justShort = bookOf([1, Ask, price, 200_000_000]);
  assert.equal(justShort.match(Bid, price, 50, price * 50 - 1), 1);
});

test('a partly filled maker keeps its place', () => {
  const book = bookOf([1, Bid, 100, 4], [2, Bid, 100, 4]);
  book.match(Ask, 100, 1, UNBOUNDED);
  assert.deepEqual(fillsOf(book), [[1, 100, 1, 3]]);
  book.match(Ask, 100, 4, UNBOUNDED);
  assert.deepEqual(fillsOf(book), [
    [1, 100, 3, 0],
    [2, 100, 1, 3],
  ]);
});

test('a reduced order keeps its place and cannot be reduced to nothing', () => {
  const book = bookOf([1, Bid, 100, 10], [2, Bid, 100, 10]);
  assert.equal(book.reduce(1, 7), 3);
  assert.equal(book.levelLots(Bid, 100), 13);
  assert.equal(book.reduce(1, 3), -1);
  assert.equal(book.reduce(1, 4), -1);
  assert.equal(book.reduce(99, 1), -1);
  assert.equal(book.openLots(1), 3);
  book.match(Ask, 100, 4, UNBOUNDED);
  assert.deepEqual(fillsOf(book), [
    [1, 100, 3, 0],
    [2, 100, 1, 9],
  ]);
  checkBook(book);
});

test('fill-or-kill looks only as far as the limit, and changes nothing', () => {
  const book = bookOf([1, Ask, 100, 3], [2, Ask, 101, 3], [3, Ask, 105, 3]);
  const before = book.hash();
  assert.equal(book.canFill(Bid, 101, 6), true);
  assert.equal(book.canFill(Bid, 104, 7), false);
  assert.equal(book.canFill(Bid, 105, 9), true);
  assert.equal(book.canFill(Bid, 105, 10), false);
  assert.equal(book.canFill(Ask, 1, 1), false);
  assert.equal(book.hash(), before);
});

test('a match stops at an order to avoid, and goes on without it', () => {
  const book = new OrderBook();
  book.rest(1, 8, Ask, 100, 3);
  book.rest(2, OWNER, Ask, 100, 4);
  book.rest(3, 8, Ask, 100, 5);
  book.rest(4, OWNER, Ask, 101, 6);
  assert.equal(book.match(Bid, 101, 3, UNBOUNDED, OWNER), 0);
  assert.equal(book.stoppedAtOrderId, -1);
  book.rest(5, 8, Ask, 99, 3);
  assert.equal(book.match(Bid, 101, 10, UNBOUNDED, OWNER), 7);
  assert.equal(book.stoppedAtOrderId, 2);
  assert.deepEqual([book.openLots(2), book.levelLots(Ask, 100)], [4, 9]);
  checkBook(book);
  book.cancel(2);
  assert.equal(book.matchOn(Bid, 101, 7, UNBOUNDED, OWNER), 2);
  assert.equal(book.stoppedAtOrderId, 4);
  assert.deepEqual(fillsOf(book), [
    [5, 99, 3, 0],
    [3, 100, 5, 0],
  ]);
  assert.equal(book.match(Bid, 101, 2, UNBOUNDED), 0);
  assert.equal(book.openLots(4), 4);
  checkBook(book);
});

test('an order to avoid of which not one lot is affordable is not met', () => {
  const book = bookOf([1, Ask, 100, 3]);
  assert.equal(book.match(Bid, 101, 2, 99, OWNER), 2);
  assert.equal(book.stoppedAtOrderId, -1);
  assert.equal(book.match(Bid, 101, 2, 100, OWNER), 2);
  assert.equal(book.stoppedAtOrderId, 1);
});

test('fill-or-kill counts the orders of others, all or up to the first own one', () => {
  const book = new OrderBook();
  book.rest(1, 8, Ask, 100, 3);
  book.rest(2, OWNER, Ask, 100, 3);
  book.rest(3, 8, Ask, 101, 3);
  const fills = (limit: number, lots: number, stopsThere: boolean) =>
    book.canFill(Bid, limit, lots, OWNER, stopsThere);
  assert.deepEqual([fills(101, 3, true), fills(101, 4, true)], [true, false]);
  assert.deepEqual([fills(101, 6, false), fills(101, 7, false)], [true, false]);
  assert.deepEqual([fills(100, 3, false), fills(100, 4, false)], [true, false]);
  assert.equal(book.canFill(Bid, 101, 9), true);
});

test('post-only sees a price that equals the best of the other side as taking', () => {
  const book = bookOf([1, Bid, 100, 1], [2, Ask, 102, 1]);
  const asked = [99, 100, 101, 102, 103];
  assert.deepEqual(
    asked.map((price) => book.wouldTake(Bid, price)),
    [false, false, false, true, true],
  );
  assert.deepEqual(
    asked.map((price) => book.wouldTake(Ask, price)),
    [true, true, false, false, false],
  );
});

test('an order that would break the book is a bug of the caller, stops it and changes nothing', () => {
  const refused: [number, Side, number, number][] = [
    [3, Bid, 102, 1],
    [3, Ask, 100, 1],
    [3, Bid, 99, 0],
    [3, Bid, 0, 1],
    [1, Bid, 99, 1],
    [1, Bid, 100, 1],
    [3, Bid, 100, 6],
    [3, Bid, 99, LARGEST + 1],
  ];
  for (const [orderId, side, priceTicks, lots] of refused) {
    const book = bookOf([1, Bid, 100, LARGEST - 5], [2, Ask, 102, 1]);
    const before = book.hash();
    assert.throws(() => book.rest(orderId, OWNER, side, priceTicks, lots), AssertionFailure);
    checkBook(book);
    assert.equal(book.hash(), before);
  }
  assert.throws(() => bookOf().priceOf(3), AssertionFailure);
});

test('the hash tells orders, not how they came to be', () => {
  const grown = bookOf([9, Ask, 300, 1], [1, Bid, 100, 9], [2, Bid, 100, 5], [3, Ask, 200, 5]);
  grown.cancel(9);
  grown.match(Ask, 100, 4, UNBOUNDED);
  const placed = bookOf([3, Ask, 200, 5], [1, Bid, 100, 5], [2, Bid, 100, 5]);
  assert.equal(grown.hash(), placed.hash());
  assert.match(grown.hash(), /^[0-9a-f]{16}$/);
});

test('the hash sees every field, the queue order and the side', () => {
  const books = [
    bookOf(),
    bookOf([1, Bid, 100, 5], [2, Bid, 100, 5]),
    bookOf([2, Bid, 100, 5], [1, Bid, 100, 5]),
    bookOf([1, Bid, 100, 5], [3, Bid, 100, 5]),
    bookOf([1, Bid, 100, 5], [2, Bid, 101, 5]),
    bookOf([1, Bid, 100, 5], [2, Bid, 100, 6]),
    bookOf([1, Bid, 100, 5], [2, Ask, 101, 5]),
    bookOf([1, Ask, 100, 5], [2, Ask, 101, 5]),
    bookOf([1, Ask, 100, 5], [2 + 2 ** 32, Ask, 101, 5]),
  ];
  const otherOwner = new OrderBook();
  otherOwner.rest(1, OWNER + 1, Bid, 100, 5);
  otherOwner.rest(2, OWNER, Bid, 100, 5);
  const hashes = [...books, otherOwner].map((book) => book.hash());
  assert.equal(new Set(hashes).size, hashes.length);
  assert.equal(new NaiveBook().hash(), hashes[0]);
});

test('orders are visited best price first, then by time', () => {
  const book = bookOf([1, Bid, 99, 1], [2, Bid, 100, 2], [3, Bid, 99, 3], [4, Bid, 100, 4]);
  const visited: number[][] = [];
  book.forEachOrder(Bid, (...order) => visited.push(order));
  assert.deepEqual(visited, [
    [2, OWNER, 100, 2],
    [4, OWNER, 100, 4],
    [1, OWNER, 99, 1],
    [3, OWNER, 99, 3],
  ]);
  visited.length = 0;
  book.forEachOrder(Bid, (...order) => visited.push(order) < 3);
  assert.equal(visited.length, 3, 'until it answers false');
  const levels: number[] = [];
  book.depth(Bid, UNBOUNDED, (priceTicks) => levels.push(priceTicks) < 1);
  assert.deepEqual(levels, [100]);
});

test('ids up to 2^53 − 1 are told apart', () => {
  const ids = [LARGEST, LARGEST - 1, 2 ** 52, 2 ** 32, 2 ** 32 + 1, 1, 0];
  const book = bookOf(...ids.map((id): [number, Side, number, number] => [id, Bid, 100, 1]));
  for (const id of ids) assert.equal(book.cancel(id), 1);
  assert.equal(book.orderCount, 0);
});
