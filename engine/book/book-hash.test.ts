import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { Side } from '../protocol/enums.ts';
import { sumOfOrders } from './book-hash.ts';
import { OrderBook } from './order-book.ts';

const { Bid, Ask } = Side;

/** Asks for the hash, which must be the one of reading the whole book. */
function checkedHash(book: OrderBook): string {
  const hash = book.hash();
  assert.equal(hash, sumOfOrders(book).text());
  return hash;
}

/** One random command around 1,000 ticks, half of them new orders. */
function act(book: OrderBook, random: Random, orderId: number): void {
  const earlier = Math.max(0, orderId - 1 - random.below(40));
  const side = random.below(2) as Side;
  const priceTicks = 995 + random.below(11);
  switch (random.below(6)) {
    case 0:
      book.cancel(earlier);
      break;
    case 1:
      book.reduce(earlier, 1 + random.below(5));
      break;
    case 2:
      book.match(side, priceTicks, 1 + random.below(30), Infinity, random.below(3));
      break;
    default:
      if (!book.wouldTake(side, priceTicks)) {
        book.rest(orderId, random.below(3), side, priceTicks, 1 + random.below(10));
      }
  }
}

test('after any commands, however often it is asked for, the hash is that of the whole book', () => {
  for (let seed = 1; seed <= 8; seed++) {
    const random = new Random(seed);
    const book = new OrderBook();
    const askEvery = [1, 2, 7, 100, 3_000, 1, 20, 500][seed - 1]!;
    for (let orderId = 1; orderId <= 6_000; orderId++) {
      act(book, random, orderId);
      if (orderId % askEvery === 0) checkedHash(book);
    }
    assert.ok(book.orderCount > 0);
    checkedHash(book);
  }
});

test('what is undone is as if it had not been', () => {
  const random = new Random(1);
  const book = new OrderBook();
  for (let orderId = 1; orderId <= 2_000; orderId++) act(book, random, orderId);
  const before = checkedHash(book);
  const levels: [Side, number][] = [];
  for (const side of [Bid, Ask] as const) {
    book.depth(side, 10, (priceTicks) => levels.push([side, priceTicks]));
  }
  assert.ok(levels.length > 3);
  levels.forEach(([side, priceTicks], index) => {
    for (let added = 0; added < 3; added++)
      book.rest(10_000 + index * 3 + added, 1, side, priceTicks, 5);
  });
  const hashes = new Set([before]);
  for (let orderId = 10_000; orderId < 10_000 + levels.length * 3; orderId++) {
    hashes.add(checkedHash(book));
    assert.equal(book.cancel(orderId), 5);
  }
  assert.equal(checkedHash(book), before);
  assert.equal(hashes.size, 1 + levels.length * 3);
});

test('an order that gives up its place and comes back changes the hash of its queue', () => {
  const book = new OrderBook();
  for (const orderId of [1, 2, 3]) book.rest(orderId, 1, Bid, 100, 5);
  const first = checkedHash(book);
  const turns = [1, 2, 3].map((orderId) => {
    book.cancel(orderId);
    book.rest(orderId, 1, Bid, 100, 5);
    return checkedHash(book);
  });
  assert.equal(turns[2], first);
  assert.equal(new Set(turns).size, 3);
});
