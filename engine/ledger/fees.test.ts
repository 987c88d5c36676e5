import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { BASIS_POINTS, MAX_AMOUNT } from '../protocol/units.ts';
import { bidLockUnits, creditAfter, feeUnits } from './fees.ts';

const RATES = [0, 1, 3, 7, 10, 30, 35, 2_500, 9_999, 10_000];
const EDGES = [1, 2, 3, 9_999, 10_000, 10_001, 2 ** 31, 2 ** 32 + 1, 2 ** 52 + 1, MAX_AMOUNT - 1];

const ceilOf = (bps: bigint): bigint => (bps + 9_999n) / 10_000n;

/** 1 … most, of every magnitude alike, often an edge. */
function anyAmount(random: Random, most: number): number {
  const edge = EDGES[random.below(EDGES.length)]!;
  if (random.below(4) === 0 && edge <= most) return edge;
  const magnitude = 2 ** random.below(Math.ceil(Math.log2(most)) + 1);
  return Math.min(most, 1 + Math.floor(random.nextUnit() * magnitude));
}

function anyRate(random: Random): number {
  return RATES[random.below(RATES.length)]!;
}

test('one fee is the exact fee rounded up, near 2^53 too', () => {
  const random = new Random(1);
  for (let round = 0; round < 50_000; round++) {
    const notional = anyAmount(random, MAX_AMOUNT);
    const rateBps = anyRate(random);
    const exact = BigInt(notional) * BigInt(rateBps);
    assert.equal(
      BigInt(feeUnits(notional, rateBps, 0)),
      ceilOf(exact),
      `${notional} at ${rateBps}`,
    );
    const credit = ceilOf(exact) * 10_000n - exact;
    assert.equal(BigInt(creditAfter(notional, rateBps, 0)), credit, `${notional} at ${rateBps}`);
  }
});

test('over its life an order pays the sum of its exact fees rounded up once', () => {
  for (let seed = 1; seed <= 3_000; seed++) {
    const random = new Random(seed);
    let left = anyAmount(random, MAX_AMOUNT);
    let credit = 0;
    let owedBps = 0n;
    let charged = 0n;
    for (let fill = 0; fill < 30 && left > 0; fill++) {
      const cost = anyAmount(random, left);
      left -= cost;
      const rateBps = anyRate(random);
      const fee = feeUnits(cost, rateBps, credit);
      credit = creditAfter(cost, rateBps, credit);
      owedBps += BigInt(cost) * BigInt(rateBps);
      charged += BigInt(fee);
      assert.equal(charged, ceilOf(owedBps), `seed ${seed}, fill ${fill}`);
      assert.ok(fee >= 0 && fee <= cost, `fee ${fee} of ${cost}, seed ${seed}`);
      assert.ok(credit >= 0 && credit < BASIS_POINTS, `credit ${credit}, seed ${seed}`);
      assert.ok(!Object.is(credit, -0), 'a credit of minus zero');
    }
  }
});

interface Terms {
  priceTicks: number;
  lots: number;
  unitsPerTickLot: number;
  makerBps: number;
  takerBps: number;
}

/** A bid whose cost and fee are at most 2^53 − 1, as the ledger's own check of a new order has it. */
function anyBid(random: Random): Terms {
  for (;;) {
    const lots = anyAmount(random, 2 ** 30);
    const unitsPerTickLot = 1 + random.below(50);
    const mostTicks = Math.floor(MAX_AMOUNT / lots / unitsPerTickLot);
    const priceTicks = anyAmount(random, mostTicks);
    const [makerBps, takerBps] = [anyRate(random), anyRate(random)];
    const highest = BigInt(Math.max(makerBps, takerBps));
    const notional = BigInt(priceTicks) * BigInt(lots) * BigInt(unitsPerTickLot);
    if (notional + ceilOf(notional * highest) > MAX_AMOUNT) continue;
    return { priceTicks, lots, unitsPerTickLot, makerBps, takerBps };
  }
}

test('what a bid has locked covers every sequence of fills and what is still open after each', () => {
  let filledWhole = 0;
  for (let seed = 1; seed <= 3_000; seed++) {
    const random = new Random(seed);
    const { priceTicks, lots, unitsPerTickLot, makerBps, takerBps } = anyBid(random);
    const highestBps = Math.max(makerBps, takerBps);
    const lockFor = (open: number, credit: number): number =>
      bidLockUnits(open * priceTicks * unitsPerTickLot, highestBps, credit);
    let open = lots;
    let credit = 0;
    let locked = lockFor(open, credit);
    for (let fill = 0; fill < 40 && open > 0; fill++) {
      const taken = anyAmount(random, open);
      const price = random.below(2) === 0 ? priceTicks : anyAmount(random, priceTicks);
      const rateBps = random.below(2) === 0 ? makerBps : takerBps;
      const cost = taken * price * unitsPerTickLot;
      const fee = feeUnits(cost, rateBps, credit);
      credit = creditAfter(cost, rateBps, credit);
      locked -= cost + fee;
      open -= taken;
      const needed = lockFor(open, credit);
      assert.ok(locked >= needed, `seed ${seed}, fill ${fill}: ${locked} left of needed ${needed}`);
      // At its own price and the highest rate the lock is used up exactly.
      if (price === priceTicks && rateBps === highestBps) assert.equal(locked, needed);
      locked = needed;
    }
    if (open > 0) continue;
    filledWhole++;
    assert.equal(locked, 0);
  }
  assert.ok(filledWhole > 500);
});

test('what a budget has locked covers every sequence of fills within it', () => {
  for (let seed = 1; seed <= 3_000; seed++) {
    const random = new Random(seed);
    const [makerBps, takerBps] = [anyRate(random), anyRate(random)];
    const highestBps = Math.max(makerBps, takerBps);
    let budget = anyAmount(random, Math.floor(MAX_AMOUNT / 2));
    let credit = 0;
    let locked: number = bidLockUnits(budget, highestBps, credit);
    while (budget > 0) {
      const cost = random.below(20) === 0 ? budget : anyAmount(random, budget);
      const fee = feeUnits(cost, takerBps, credit);
      credit = creditAfter(cost, takerBps, credit);
      locked -= cost + fee;
      budget -= cost;
      assert.ok(locked >= bidLockUnits(budget, highestBps, credit), `seed ${seed}`);
    }
    assert.ok(locked >= 0);
  }
});

test('nothing open locks nothing, whatever the credit', () => {
  for (const credit of [0, 1, 9_999]) assert.equal(bidLockUnits(0, 10_000, credit), 0);
});
