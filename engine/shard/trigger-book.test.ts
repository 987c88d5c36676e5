import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import type { NaiveOrder } from '../ledger/naive-rules.fixture.ts';
import { NaiveTriggers } from '../ledger/naive-triggers.fixture.ts';
import { MatchOrder } from '../protocol/shard-messages.ts';
import { TriggerBook } from './trigger-book.ts';

function stop(orderId: number, triggerPriceTicks: number): MatchOrder {
  return { ...MatchOrder.create(), requestId: 7, orderId, accountId: 1, triggerPriceTicks };
}

function bookOf(lastPriceTicks: number, triggers: readonly number[]): TriggerBook {
  const book = new TriggerBook();
  for (const [index, ticks] of triggers.entries()) book.add(stop(index + 1, ticks), lastPriceTicks);
  return book;
}

function firedOf(book: TriggerBook): number[] {
  const ids: number[] = [];
  for (let order = book.nextFired(); order; order = book.nextFired()) ids.push(order.orderId);
  return ids;
}

test('a trigger above the last price fires at or above it, one below at or below it', () => {
  const book = bookOf(100, [105, 95]);
  book.reach(104, 104);
  book.reach(96, 96);
  assert.deepEqual(firedOf(book), []);
  book.reach(105, 105);
  book.reach(94, 94);
  assert.deepEqual(firedOf(book), [1, 2]);
  assert.equal(book.size, 0);
});

test('the nearest trigger fires first, of equal ones the earliest', () => {
  const rising = bookOf(100, [103, 101, 103, 102, 104]);
  rising.reach(101, 103);
  assert.deepEqual(firedOf(rising), [2, 4, 1, 3]);
  const falling = bookOf(100, [97, 99, 97, 98, 96]);
  falling.reach(97, 97);
  assert.deepEqual(firedOf(falling), [2, 4, 1, 3]);
  assert.equal(falling.size, 1);
});

test('a sweep that begins below the last price and ends above it fires on both sides', () => {
  const book = bookOf(100, [103, 97, 95, 106]);
  book.reach(96, 104);
  assert.deepEqual(firedOf(book), [2, 1]);
  book.checkInvariants(104);
});

test('a trigger equal to the last price fires at once', () => {
  const book = bookOf(100, [100]);
  assert.equal(book.size, 0);
  assert.deepEqual(firedOf(book), [1]);
});

test('a cancelled order does not fire, a fired one cannot be cancelled', () => {
  const book = bookOf(100, [101, 101]);
  assert.ok(book.cancel(1));
  assert.ok(!book.cancel(1));
  book.reach(101, 101);
  assert.ok(!book.cancel(2));
  assert.deepEqual(firedOf(book), [2]);
});

test('a fired order is a copy of what was placed, and answers no command', () => {
  const book = new TriggerBook();
  const placed = stop(1, 101);
  placed.quantityLots = 5;
  book.add(placed, 100);
  placed.quantityLots = 6;
  book.reach(101, 101);
  const fired = book.nextFired()!;
  assert.deepEqual([fired.requestId, fired.quantityLots], [0, 5]);
});

test('equal sets of pending orders give equal hashes, others do not', () => {
  const hashOf = (book: TriggerBook) => book.digest().text();
  const book = bookOf(100, [101, 99]);
  const other = bookOf(100, [101, 99, 98]);
  assert.notEqual(hashOf(other), hashOf(book));
  other.cancel(3);
  assert.equal(hashOf(other), hashOf(book));
  const hashWith = (change: Partial<MatchOrder>) => {
    const changed = bookOf(100, [101]);
    changed.add({ ...stop(2, 99), ...change }, 100);
    return hashOf(changed);
  };
  const changes: Partial<MatchOrder>[] = [
    ...[
      { orderId: 3 },
      { accountId: 77 },
      { side: 1 - stop(2, 99).side },
      { triggerPriceTicks: 98 },
    ],
    ...[{ triggerPriceTicks: 102 }, { priceTicks: 77 }, { quantityLots: 77 }, { timeInForce: 2 }],
    ...[
      { isMarket: true },
      { postOnly: true },
      { selfTradePrevention: 2 },
      { quoteBudgetUnits: 5 },
    ],
  ];
  assert.equal(hashWith({}), hashOf(book));
  const hashes = [hashOf(book), ...changes.map(hashWith)];
  assert.equal(new Set(hashes).size, hashes.length);
  assert.equal(hashWith({ requestId: 77 }), hashOf(book));
  const turned = bookOf(100, [99, 99]);
  const same = bookOf(100, [98, 99]);
  same.cancel(1);
  same.add(stop(1, 99), 100);
  assert.notEqual(hashOf(same), hashOf(turned));
});

test('random sweeps fire what a list looked through at every trade fires', () => {
  const random = new Random(5);
  let fired = 0;
  for (let round = 0; round < 200; round++) {
    const book = new TriggerBook();
    const naive = new NaiveTriggers();
    const naiveFired = () => naive.fired.splice(0).map(({ orderId }) => orderId);
    let last = 50;
    for (let orderId = 1; orderId < 100; orderId++) {
      const order = stop(orderId, 40 + random.below(21));
      book.add(order, last);
      naive.add(order as unknown as NaiveOrder, last);
      if (random.below(4) === 0) {
        const first = 40 + random.below(21);
        const step = random.below(2) === 0 ? 1 : -1;
        const prices = Array.from({ length: 1 + random.below(5) }, (_, at) => first + at * step);
        last = prices.at(-1)!;
        book.reach(first, last);
        for (const price of prices) naive.reach(price);
      }
      const ids = firedOf(book);
      fired += ids.length;
      assert.deepEqual(ids, naiveFired());
      book.checkInvariants(last);
    }
  }
  assert.ok(fired > 5_000, `only ${fired} fired`);
});
