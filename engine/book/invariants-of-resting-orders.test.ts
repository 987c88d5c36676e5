import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Side } from '../protocol/enums.ts';
import {
  buy,
  buyNow,
  cancel,
  cancelled,
  fills,
  modified,
  modifyAsk,
  modifyBid,
  play,
  restGone,
  type Scene,
  sell,
  sellNow,
  unknown,
} from './book-script.fixture.ts';

/* The invariants of a price-time book that are about queues, levels and ids as orders come and go. */

const { Bid, Ask } = Side;

test('I-01 cancelling from the middle of a queue keeps the orders behind it', () => {
  const book = play([
    [sell(1, 40, 2)],
    [sell(2, 40, 3)],
    [sell(3, 40, 4)],
    [cancel(2), cancelled(Ask, 40)],
    [buyNow(4, 40, 6), fills(1, 2, 40), fills(3, 4, 40)],
  ]);
  assert.equal(book.orderCount, 0);
});

test('I-02 cancelling the head of a queue promotes the next order', () => {
  play([
    [buy(1, 40, 2)],
    [buy(2, 40, 3)],
    [buy(3, 40, 4)],
    [cancel(1), cancelled(Bid, 40)],
    [sellNow(4, 40, 7), fills(2, 3, 40), fills(3, 4, 40)],
  ]);
});

test('I-05 the residual of a partly filled order can be cancelled', () => {
  const book = play([
    [sell(1, 15, 9)],
    [buy(2, 15, 4), fills(1, 4, 15)],
    [cancel(1), cancelled(Ask, 15)],
    [buyNow(3, 15, 5), restGone],
  ]);
  assert.equal(book.bestAsk(), 0);
});

test('I-06 a cancel of an order that was filled completely is rejected', () => {
  play([
    [sell(1, 15, 9)],
    [buy(2, 15, 9), fills(1, 9, 15)],
    [cancel(1), unknown],
    [cancel(2), unknown],
  ]);
});

test('I-08 a long queue survives scattered cancels', () => {
  const placed: Scene = Array.from({ length: 8 }, (_, at) => [buy(at + 1, 600, at + 1)] as const);
  const book = play([
    ...placed,
    [cancel(5), cancelled(Bid, 600)],
    [cancel(2), cancelled(Bid, 600)],
    [cancel(7), cancelled(Bid, 600)],
    [sellNow(9, 600, 22), ...[1, 3, 4, 6, 8].map((orderId) => fills(orderId, orderId, 600))],
  ]);
  assert.equal(book.levelCount(Bid), 0);
});

test('I-10 a partly filled order can be modified: the new quantity is what is open then', () => {
  play([
    [sell(1, 18, 10)],
    [buyNow(2, 18, 7), fills(1, 7, 18)],
    [modifyAsk(1, 19, 12), modified],
    [buyNow(3, 18, 1), restGone],
    [buyNow(4, 19, 12), fills(1, 12, 19)],
    [cancel(1), unknown],
  ]);
});

test('I-11 a modify of an order that was filled completely is rejected', () => {
  const book = play([
    [sell(1, 18, 10)],
    [buyNow(2, 18, 10), fills(1, 10, 18)],
    [modifyAsk(1, 19, 12), unknown],
  ]);
  assert.equal(book.orderCount, 0);
});

test('I-12 an id may be used again after a cancel, and nothing of the old order is left', () => {
  const reused: Scene = [[buy(1, 100, 5)], [cancel(1), cancelled(Bid, 100)], [sell(1, 250, 8)]];
  const book = play(reused);
  assert.deepEqual([book.sideOf(1), book.priceOf(1), book.openLots(1)], [Ask, 250, 8]);
  assert.equal(book.levelLots(Bid, 100), 0);
  play([...reused, [sellNow(2, 100, 5), restGone], [buyNow(3, 250, 8), fills(1, 8, 250)]]);
});

test('I-17 a price level that was emptied by a sweep works when it is used again', () => {
  play([
    [sell(1, 51, 2)],
    [sell(2, 52, 2)],
    [sell(3, 53, 2)],
    [buyNow(4, 53, 6), fills(1, 2, 51), fills(2, 2, 52), fills(3, 2, 53)],
    [sell(5, 52, 3)],
    [buyNow(6, 53, 3), fills(5, 3, 52)],
    [sell(7, 55, 4)],
    [buyNow(8, 55, 4), fills(7, 4, 55)],
    [buy(9, 52, 1)],
    [sellNow(10, 52, 1), fills(9, 1, 52)],
  ]);
});

test('I-19 cancelling the only order at the best bid moves the best bid', () => {
  const moved: Scene = [[buy(1, 100, 3)], [buy(2, 97, 4)], [cancel(1), cancelled(Bid, 100)]];
  assert.equal(play(moved).bestBid(), 97);
  play([...moved, [sellNow(3, 97, 4), fills(2, 4, 97)]]);
});

test('I-24 an id may be used again after a full fill', () => {
  play([
    [buy(1, 100, 5)],
    [sell(2, 100, 5), fills(1, 5, 100)],
    [sell(1, 120, 6)],
    [buyNow(3, 120, 6), fills(1, 6, 120)],
    [buy(2, 90, 1)],
    [cancel(2), cancelled(Bid, 90)],
  ]);
});

test('I-25 cancel and modify of an id that was never used are rejected', () => {
  const book = play([
    [cancel(1), unknown],
    [modifyBid(1, 10, 10), unknown],
    [modifyAsk(2, 10, 10), unknown],
  ]);
  assert.deepEqual([book.orderCount, book.bestBid(), book.bestAsk()], [0, 0, 0]);
});

test('I-26 cancel and modify of an id that was cancelled are rejected', () => {
  play([
    [buy(1, 66, 6)],
    [cancel(1), cancelled(Bid, 66)],
    [cancel(1), unknown],
    [modifyBid(1, 66, 6), unknown],
    [sellNow(2, 66, 6), restGone],
  ]);
});

test('I-28 a cancel of a very large unknown id is a plain reject', () => {
  play([
    [cancel(2_000_001), unknown],
    [cancel(2 ** 53 - 1), unknown],
    [cancel(0), unknown],
  ]);
  play([
    [buy(2 ** 53 - 1, 5, 1)],
    [cancel(2 ** 53 - 2), unknown],
    [cancel(2 ** 53 - 1), cancelled(Bid, 5)],
  ]);
});

test('I-31 cancelling the only order at the best ask moves the best ask', () => {
  const moved: Scene = [[sell(1, 100, 3)], [sell(2, 103, 4)], [cancel(1), cancelled(Ask, 100)]];
  assert.equal(play(moved).bestAsk(), 103);
  play([...moved, [buyNow(3, 103, 4), fills(2, 4, 103)]]);
});

test('I-32 a side that was emptied by a cancel can be filled again', () => {
  const emptied: Scene = [[buy(1, 100, 3)], [cancel(1), cancelled(Bid, 100)]];
  const book = play(emptied);
  assert.deepEqual([book.bestBid(), book.levelCount(Bid)], [0, 0]);
  play([...emptied, [buy(2, 80, 2)], [sellNow(3, 80, 2), fills(2, 2, 80)]]);
});

test('I-33 repricing one order does not harm its neighbour at the old price', () => {
  const repriced: Scene = [[buy(1, 44, 5)], [buy(2, 44, 6)], [modifyBid(1, 43, 5), modified]];
  const book = play(repriced);
  assert.deepEqual([book.levelLots(Bid, 44), book.levelLots(Bid, 43)], [6, 5]);
  play([...repriced, [sellNow(3, 44, 9), fills(2, 6, 44), restGone]]);
});
