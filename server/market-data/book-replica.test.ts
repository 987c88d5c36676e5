import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Side } from '../../engine/protocol/enums.ts';
import { BookReplica } from './book-replica.ts';
import { deltaOf, seededIntegers } from './market.fixture.ts';
import type { PriceLevels } from './price-levels.ts';

/** The obvious book side: a map, sorted when asked. */
class NaiveSide {
  readonly levels = new Map<number, number>();
  readonly #sign: number;

  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  set(price: number, quantity: number): void {
    if (quantity === 0) this.levels.delete(price);
    else this.levels.set(price, quantity);
  }

  best(levelsMax: number): number[] {
    const sorted = [...this.levels].sort(([a], [b]) => (b - a) * this.#sign);
    return sorted.slice(0, levelsMax).flat();
  }
}

function assertEqualSides(actual: PriceLevels, expected: NaiveSide, message: string): void {
  const all = expected.best(Number.POSITIVE_INFINITY);
  assert.deepEqual(actual.best(Number.POSITIVE_INFINITY), all, message);
  assert.deepEqual(actual.best(5), all.slice(0, 10), message);
  assert.equal(actual.count, all.length / 2, message);
  assert.equal(actual.bestPriceTicks, all[0] ?? 0, message);
  assert.equal(actual.bestQuantityLots, all[1] ?? 0, message);
}

/** Random changes around a moving middle, from a handful of levels to thousands and back. */
function runAgainstNaive(seed: number, spread: number, changes: number): void {
  const random = seededIntegers(seed);
  const replica = new BookReplica();
  const bids = new NaiveSide(1);
  const asks = new NaiveSide(-1);
  for (let updateId = 1; updateId <= changes; updateId++) {
    const growing = Math.floor((4 * updateId) / changes) % 2 === 0;
    const levels: number[] = [];
    for (let count = random(6) + 1; count > 0; count--) {
      const isBid = random(2) === 0;
      const distance = random(3) === 0 ? random(4) : random(spread);
      const price = isBid ? 100_000 - distance : 100_001 + distance;
      const removes = random(10) < (growing ? 2 : 8);
      levels.push(isBid ? Side.Bid : Side.Ask, price, removes ? 0 : random(1000) + 1);
    }
    if (!growing && bids.levels.size > 0) {
      const [price] = bids.levels.keys();
      levels.push(Side.Bid, price!, 0);
    }
    for (let index = 0; index < levels.length; index += 3) {
      const side = levels[index] === Side.Bid ? bids : asks;
      side.set(levels[index + 1]!, levels[index + 2]!);
    }
    replica.apply(deltaOf(updateId, levels));
    if (updateId % 97 === 0 || updateId > changes - 20) {
      const message = `seed ${seed}, spread ${spread}, after update ${updateId}`;
      assertEqualSides(replica.bids, bids, message);
      assertEqualSides(replica.asks, asks, message);
    }
  }
}

test('the replica equals a naive map under random deltas, shallow and deep', () => {
  for (const seed of [1, 2, 3]) {
    runAgainstNaive(seed, 8, 2000);
    runAgainstNaive(seed, 300, 4000);
    runAgainstNaive(seed, 20_000, 8000);
  }
});

test('a side that fills in order and empties in order stays sorted', () => {
  const replica = new BookReplica();
  let updateId = 0;
  const prices = Array.from({ length: 1000 }, (_, index) => index + 1);
  for (const price of prices) replica.apply(deltaOf(++updateId, [Side.Ask, price, price]));
  assert.deepEqual(
    replica.asks.best(1000),
    prices.flatMap((price) => [price, price]),
  );
  for (const price of prices) {
    assert.equal(replica.asks.bestPriceTicks, price);
    replica.apply(deltaOf(++updateId, [Side.Ask, price, 0]));
  }
  assert.equal(replica.asks.count, 0);
  assert.equal(replica.asks.bestPriceTicks, 0);
  assert.deepEqual(replica.asks.best(10), []);
});

test('parts of one change show together, with the last', () => {
  const replica = new BookReplica();
  assert.equal(replica.apply(deltaOf(1, [Side.Bid, 10, 1], { isLast: false })), null);
  assert.equal(replica.apply(deltaOf(1, [Side.Bid, 11, 2], { isLast: false })), null);
  assert.equal(replica.bids.count, 0);
  assert.equal(replica.updateId, 0);
  const levels = replica.apply(deltaOf(1, [Side.Ask, 12, 3]));
  assert.deepEqual(levels, [Side.Bid, 10, 1, Side.Bid, 11, 2, Side.Ask, 12, 3]);
  assert.deepEqual(replica.bids.best(5), [11, 2, 10, 1]);
  assert.deepEqual(replica.asks.best(5), [12, 3]);
  assert.equal(replica.updateId, 1);
  assert.deepEqual(replica.apply(deltaOf(2, [])), []);
  assert.equal(replica.updateId, 2);
});

test('a lost, repeated or crossing change is a bug that stops the reader', () => {
  const replica = new BookReplica();
  replica.apply(deltaOf(1, [Side.Bid, 10, 1]));
  assert.throws(() => replica.apply(deltaOf(3, [])), /update 3 where 2 must follow/);
  assert.throws(() => replica.apply(deltaOf(1, [])), /update 1 where 2 must follow/);
  assert.throws(() => replica.apply(deltaOf(2, [Side.Ask, 10, 1])), /book crossed/);
});
