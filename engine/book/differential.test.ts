import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { Side } from '../protocol/enums.ts';
import { checkBook } from './book-invariants.ts';
import type { FillBuffer } from './fill-buffer.ts';
import { NaiveBook } from './naive-book.fixture.ts';
import { NOBODY, OrderBook } from './order-book.ts';

/** A shape of order flow. */
interface Regime {
  readonly name: string;
  readonly commands: number;
  /** The price of the next order; may drift through the command's number. */
  readonly priceOf: (random: Random, command: number) => number;
  readonly maxLots: number;
  /** Ids come from 1 … this many, times `idStride`, so freed ids are soon used again. */
  readonly ids: number;
  readonly idStride: number;
  /** Of 100 new orders, how many may trade; the others rest on their own side of `middleTicks`. */
  readonly takerPercent: number;
}

const LARGEST = Number.MAX_SAFE_INTEGER;
const OWNERS = 4;

const regimes: readonly Regime[] = [
  {
    name: 'narrow prices',
    commands: 6_000,
    priceOf: (random) => 95 + random.below(11),
    maxLots: 20,
    ids: 200,
    idStride: 1,
    takerPercent: 60,
  },
  {
    name: 'wide prices that wander',
    commands: 6_000,
    priceOf: (random, command) =>
      50_000 + Math.round(30_000 * Math.sin(command / 700)) + random.below(2_000),
    maxLots: 100,
    ids: 300,
    idStride: 64,
    takerPercent: 100,
  },
  {
    name: 'sparse prices over the whole range',
    commands: 6_000,
    priceOf: (random) => {
      const scale = 2 ** random.below(54);
      return Math.min(LARGEST, 1 + Math.floor(random.nextUnit() * scale) + random.below(3));
    },
    maxLots: 1_000,
    ids: 250,
    idStride: 2 ** 44,
    takerPercent: 25,
  },
  {
    name: 'many orders on few levels',
    commands: 4_000,
    priceOf: (random) => 1_000 + random.below(4),
    maxLots: 5,
    ids: 900,
    idStride: 1_000_003,
    takerPercent: 35,
  },
];

interface Level {
  readonly priceTicks: number;
  readonly lots: number;
  readonly orderCount: number;
}

function depthOf(book: Pick<OrderBook, 'depth'>, side: Side, maxLevels: number): Level[] {
  const levels: Level[] = [];
  book.depth(side, maxLevels, (priceTicks, lots, orderCount) => {
    levels.push({ priceTicks, lots, orderCount });
  });
  return levels;
}

function fillsOf(fills: FillBuffer): number[][] {
  return Array.from({ length: fills.count }, (_, at) => [
    fills.makerOrderIds[at],
    fills.makerOwners[at],
    fills.priceTicks[at],
    fills.quantityLots[at],
    fills.makerOpenLots[at],
  ]);
}

/** Drives both books with one stream and compares every answer. */
class Comparison {
  readonly #book = new OrderBook();
  readonly #twin = new NaiveBook();
  readonly #random: Random;
  readonly #regime: Regime;
  readonly #seen = { fills: 0, cancels: 0, reduces: 0, budgets: 0, filledWhole: 0, stops: 0 };

  constructor(regime: Regime, seed: number) {
    this.#regime = regime;
    this.#random = new Random(seed);
  }

  run(): void {
    for (let command = 0; command < this.#regime.commands; command++) {
      const roll = this.#random.below(100);
      if (roll < 60) this.#place(command);
      else if (roll < 85) this.#cancel();
      else this.#reduce();
      this.#compareBest();
      if (command % 50 === 0) this.#compareWhole();
    }
    this.#compareWhole();
    for (const [what, count] of Object.entries(this.#seen)) assert(count > 20, `few ${what}`);
  }

  #place(command: number): void {
    const orderId = this.#anyId();
    if (this.#book.openLots(orderId) > 0) return;
    const side = this.#random.below(2) as Side;
    const priceTicks = this.#regime.priceOf(this.#random, command);
    const lots = 1 + this.#random.below(this.#regime.maxLots);
    const takes = this.#twin.wouldTake(side, priceTicks);
    assert.equal(this.#book.wouldTake(side, priceTicks), takes);
    if (takes && this.#random.below(100) >= this.#regime.takerPercent) return;
    const owner = this.#random.below(OWNERS);
    const avoided = [NOBODY, owner][this.#random.below(2)]!;
    const stopsThere = this.#random.below(2) === 0;
    const fillable = this.#twin.canFill(side, priceTicks, lots, avoided, stopsThere);
    assert.equal(this.#book.canFill(side, priceTicks, lots, avoided, stopsThere), fillable);
    if (fillable) this.#seen.filledWhole++;
    const left = this.#match(side, priceTicks, lots, avoided);
    if (left === 0 || this.#twin.wouldTake(side, priceTicks)) return;
    this.#book.rest(orderId, owner, side, priceTicks, left);
    this.#twin.rest(orderId, owner, side, priceTicks, left);
    assert.equal(this.#book.sideOf(orderId), side);
    assert.equal(this.#book.priceOf(orderId), priceTicks);
    assert.equal(this.#book.ownerOf(orderId), owner);
    assert.equal(this.#book.openLots(orderId), left);
  }

  /** Goes on until no order to avoid is met, by cancelling those that are. */
  #match(side: Side, priceTicks: number, lots: number, avoided: number): number {
    const budget = this.#anyBudget(priceTicks, lots);
    let left: number = this.#twin.match(side, priceTicks, lots, budget, avoided);
    assert.equal(this.#book.match(side, priceTicks, lots, budget, avoided), left);
    for (;;) {
      const { fills, stoppedAtOrderId } = this.#twin;
      assert.equal(this.#book.stoppedAtOrderId, stoppedAtOrderId);
      assert.deepEqual(fillsOf(this.#book.fills), fillsOf(fills));
      if (stoppedAtOrderId === -1) break;
      this.#seen.stops++;
      assert.equal(this.#book.cancel(stoppedAtOrderId), this.#twin.cancel(stoppedAtOrderId));
      const paid = fillsOf(fills).reduce((sum, [, , price, taken]) => sum + price! * taken!, 0);
      const terms = [side, priceTicks, left, budget - paid, avoided] as const;
      left = this.#twin.matchOn(...terms);
      assert.equal(this.#book.matchOn(...terms), left);
    }
    this.#seen.fills += this.#book.fills.count;
    return left;
  }

  #cancel(): void {
    const orderId = this.#anyId();
    const rested = this.#book.openLots(orderId) > 0;
    const side = rested ? this.#book.sideOf(orderId) : this.#book.lastSide;
    const priceTicks = rested ? this.#book.priceOf(orderId) : this.#book.lastPriceTicks;
    const owner = rested ? this.#book.ownerOf(orderId) : this.#book.lastOwner;
    const lots = this.#twin.cancel(orderId);
    assert.equal(this.#book.cancel(orderId), lots);
    assert.deepEqual(
      [this.#book.lastSide, this.#book.lastPriceTicks, this.#book.lastOwner],
      [side, priceTicks, owner],
    );
    if (lots > 0) this.#seen.cancels++;
  }

  #reduce(): void {
    const orderId = this.#anyId();
    const lots = 1 + this.#random.below(this.#regime.maxLots);
    const open = this.#twin.reduce(orderId, lots);
    assert.equal(this.#book.reduce(orderId, lots), open);
    assert.equal(this.#book.openLots(orderId), this.#twin.openLots(orderId));
    if (open > 0) this.#seen.reduces++;
  }

  #anyId(): number {
    return (1 + this.#random.below(this.#regime.ids)) * this.#regime.idStride;
  }

  #anyBudget(priceTicks: number, lots: number): number {
    if (this.#random.below(4) > 0) return Number.POSITIVE_INFINITY;
    this.#seen.budgets++;
    return Math.min(LARGEST, Math.floor(priceTicks * lots * this.#random.nextUnit() * 1.2));
  }

  #compareBest(): void {
    assert.equal(this.#book.bestBid(), this.#twin.bestBid());
    assert.equal(this.#book.bestAsk(), this.#twin.bestAsk());
    assert.equal(this.#book.orderCount, this.#twin.orderCount);
  }

  #compareWhole(): void {
    checkBook(this.#book);
    assert.equal(this.#book.hash(), this.#twin.hash());
    for (const side of [Side.Bid, Side.Ask]) {
      assert.equal(this.#book.levelCount(side), this.#twin.levelCount(side));
      for (const maxLevels of [0, 3, 20]) {
        const depth = depthOf(this.#twin, side, maxLevels);
        assert.deepEqual(depthOf(this.#book, side, maxLevels), depth);
        for (const { priceTicks, lots } of depth) {
          assert.equal(this.#book.levelLots(side, priceTicks), lots);
          const other = side === Side.Bid ? Side.Ask : Side.Bid;
          assert.equal(this.#book.levelLots(other, priceTicks), 0);
        }
      }
    }
  }
}

for (const regime of regimes) {
  for (const seed of [1, 2, 3]) {
    test(`${regime.name}: the book equals its naive twin, command by command (seed ${seed})`, () => {
      new Comparison(regime, seed).run();
    });
  }
}
