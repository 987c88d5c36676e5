import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Side } from '../protocol/enums.ts';
import { checkBook } from './book-invariants.ts';
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
import { OrderBook } from './order-book.ts';

/* The invariants of a price-time book that are about who trades, with whom, how much and at what price. */

const { Bid, Ask } = Side;

test('I-03 an immediate-or-cancel order sweeps levels best price first', () => {
  const book = play([
    [sell(1, 1_040, 2)],
    [sell(2, 1_020, 3)],
    [sell(3, 1_030, 4)],
    [buyNow(4, 1_040, 9), fills(2, 3, 1_020), fills(3, 4, 1_030), fills(1, 2, 1_040)],
  ]);
  assert.equal(book.orderCount, 0);
});

test('I-04 a modify that reaches the other side trades at once', () => {
  const book = play([
    [sell(1, 75, 6)],
    [buy(2, 70, 6)],
    [modifyBid(2, 75, 6), fills(1, 6, 75), modified],
    [sell(3, 80, 6)],
    [buy(4, 74, 10)],
    [modifyBid(4, 80, 10), fills(3, 6, 80), modified],
  ]);
  assert.deepEqual([book.bestBid(), book.bestAsk(), book.openLots(4)], [80, 0, 4]);
});

test('I-07 of two orders at one price the one that came first is filled first', () => {
  play([
    [buy(9, 50, 4)],
    [buy(1, 50, 4)],
    [sell(5, 50, 4), fills(9, 4, 50)],
    [sell(6, 50, 4), fills(1, 4, 50)],
  ]);
  play([[sell(9, 50, 4)], [sell(1, 50, 4)], [buy(5, 50, 4), fills(9, 4, 50)]]);
});

test('I-09 the remainder of a sweeping limit order becomes the new best price', () => {
  const swept: Scene = [
    [sell(1, 201, 1)],
    [sell(2, 202, 2)],
    [sell(3, 203, 3)],
    [sell(4, 206, 4)],
    [buy(5, 204, 10), fills(1, 1, 201), fills(2, 2, 202), fills(3, 3, 203)],
  ];
  const book = play(swept);
  assert.deepEqual([book.bestBid(), book.levelLots(Bid, 204), book.bestAsk()], [204, 4, 206]);
  play([...swept, [sellNow(6, 204, 4), fills(5, 4, 204)]]);
});

test('I-13 a sell takes the highest bid first, also after cancels at both ends', () => {
  play([
    [buy(1, 30, 5)],
    [buy(2, 30, 6)],
    [buy(3, 31, 7)],
    [buy(4, 31, 8)],
    [cancel(1), cancelled(Bid, 30)],
    [cancel(4), cancelled(Bid, 31)],
    [sellNow(5, 29, 20), fills(3, 7, 31), fills(2, 6, 30), restGone],
  ]);
});

test('I-14 an exact sweep leaves nothing on either side', () => {
  const book = play([
    [sell(1, 12, 5)],
    [sell(2, 14, 1)],
    [sell(3, 13, 20)],
    [buyNow(4, 14, 26), fills(1, 5, 12), fills(3, 20, 13), fills(2, 1, 14)],
  ]);
  assert.deepEqual([book.levelCount(Bid), book.levelCount(Ask), book.orderCount], [0, 0, 0]);
});

test("I-15 trades are at the maker's price, in both directions", () => {
  play([
    [sell(1, 400, 2)],
    [buyNow(2, 450, 2), fills(1, 2, 400)],
    [buy(3, 390, 2)],
    [sellNow(4, 300, 2), fills(3, 2, 390)],
    [buy(5, 380, 3)],
    [sell(6, 370, 4), fills(5, 3, 380)],
  ]);
});

test('I-16 one order against several makers at one price makes one trade with each', () => {
  play([
    [sell(1, 60, 3)],
    [sell(2, 60, 4)],
    [buy(3, 60, 12), fills(1, 3, 60), fills(2, 4, 60)],
    [sellNow(4, 60, 9), fills(3, 5, 60), restGone],
  ]);
});

test('I-18 a better price goes before an earlier order, on both sides', () => {
  play([
    [sell(1, 91, 1)],
    [sell(2, 90, 1)],
    [buyNow(3, 95, 1), fills(2, 1, 90)],
    [buy(4, 81, 1)],
    [buy(5, 83, 1)],
    [buy(6, 82, 1)],
    [sellNow(7, 1, 3), fills(5, 1, 83), fills(6, 1, 82), fills(4, 1, 81)],
  ]);
});

test('I-20 an immediate-or-cancel order never rests', () => {
  const book = play([
    [sell(1, 500, 3)],
    [buyNow(2, 510, 8), fills(1, 3, 500), restGone],
    [sellNow(3, 500, 5), restGone],
    [cancel(2), unknown],
    [modifyBid(2, 510, 5), unknown],
  ]);
  assert.equal(book.orderCount, 0);
});

test('I-21 a limit order stops at its own limit and rests there', () => {
  const book = play([
    [sell(1, 700, 4)],
    [sell(2, 720, 4)],
    [buy(3, 710, 10), fills(1, 4, 700)],
    [sellNow(4, 710, 2), fills(3, 2, 710)],
  ]);
  assert.deepEqual([book.openLots(2), book.bestAsk(), book.openLots(3)], [4, 720, 4]);
});

test('I-22 a resting quantity goes down with every fill and is used up exactly', () => {
  play([
    [sell(1, 33, 10)],
    [buyNow(2, 33, 4), fills(1, 4, 33)],
    [buyNow(3, 33, 6), fills(1, 6, 33)],
    [buyNow(4, 33, 1), restGone],
    [cancel(1), unknown],
  ]);
});

test('I-23 a partly filled maker keeps its place', () => {
  const book = play([
    [buy(1, 8, 10)],
    [buy(2, 8, 10)],
    [buy(3, 8, 10)],
    [buy(4, 8, 10)],
    [sellNow(5, 8, 15), fills(1, 10, 8), fills(2, 5, 8)],
    [sellNow(6, 8, 15), fills(2, 5, 8), fills(3, 10, 8)],
  ]);
  assert.equal(book.openLots(4), 10);
});

test('I-27 large prices are stored, compared and told exactly', () => {
  for (const priceTicks of [2 ** 16 + 1, 2 ** 31 + 5, 2 ** 32 + 7, 2 ** 53 - 2]) {
    const book = play([
      [sell(1, priceTicks + 1, 2)],
      [sell(2, priceTicks, 2)],
      [buyNow(3, priceTicks, 3), fills(2, 2, priceTicks), restGone],
    ]);
    assert.equal(book.bestAsk(), priceTicks + 1);
  }
});

test('I-29 a sweep of 5,000 orders at one price completes, in the order they came', () => {
  const makers = Array.from({ length: 5_000 }, (_, at) => at + 1);
  const book = new OrderBook();
  for (const orderId of makers) book.rest(orderId, 1, Ask, 77, 1);
  assert.equal(book.match(Bid, 77, 5_000, Number.POSITIVE_INFINITY), 0);
  const { count, makerOrderIds, quantityLots } = book.fills;
  assert.equal(count, 5_000);
  assert.deepEqual([...makerOrderIds.slice(0, count)], makers);
  assert.ok(quantityLots.slice(0, count).every((lots) => lots === 1));
  assert.deepEqual([book.bestAsk(), book.orderCount, book.levelCount(Ask)], [0, 0, 0]);
  checkBook(book);
  // The naive book takes quadratic time: beside it a shorter one.
  const few = makers.slice(0, 200);
  play([
    ...few.map((orderId) => [sell(orderId, 77, 1)] as const),
    [buyNow(9_000, 77, 200), ...few.map((orderId) => fills(orderId, 1, 77))],
  ]);
});

test('I-30 an order that is used up stops at once', () => {
  const book = play([[sell(1, 21, 5)], [sell(2, 21, 5)], [buyNow(3, 21, 5), fills(1, 5, 21)]]);
  assert.deepEqual([book.openLots(2), book.orderCount], [5, 1]);
});

test("I-34 a modify that crosses fills at the maker's price, both ways", () => {
  play([
    [sell(1, 1_005, 3)],
    [buy(2, 1_000, 3)],
    [modifyBid(2, 1_010, 3), fills(1, 3, 1_005), modified],
    [buy(3, 995, 3)],
    [sell(4, 1_000, 3)],
    [modifyAsk(4, 990, 3), fills(3, 3, 995), modified],
  ]);
});
