import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decimalRemainder,
  differing,
  FILL_FIGURES,
  type FillSums,
  remainderOfText,
  sumsSince,
  sumsTogether,
  WeightedSums,
  wholeRemainder,
} from './weighted-sums.ts';

interface Fill {
  readonly id: number;
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly order: number;
}

const FILLS: readonly Fill[] = [
  { id: 1, price: '579.4', quantity: '3', fee: '0.1', order: 4_227_701_917 },
  { id: 2, price: '579.5', quantity: '2.50', fee: '-0.002', order: 4_227_701_918 },
  { id: 3, price: '579.5', quantity: '1', fee: '0', order: 2 ** 52 + 1 },
];

function sumsOf(fills: readonly Fill[]): FillSums {
  const sums = new WeightedSums(FILL_FIGURES);
  for (const { id, price, quantity, fee, order } of fills) {
    sums.begin(id);
    sums.add(0, 1);
    sums.add(1, remainderOfText(price));
    sums.add(2, remainderOfText(quantity));
    sums.add(3, remainderOfText(fee));
    sums.add(4, wholeRemainder(order));
  }
  return sums.sums;
}

/** The figures that differ when the second fill is told otherwise. */
const differingWith = (change: Partial<Fill>) =>
  differing(sumsOf(FILLS), sumsOf(FILLS.with(1, { ...FILLS[1]!, ...change })));

test('the order does not matter, nor how a decimal is written', () => {
  assert.deepEqual(differing(sumsOf(FILLS), sumsOf(FILLS.toReversed())), []);
  assert.deepEqual(differingWith({ quantity: '2.5', price: '579.500000' }), []);
});

test('what is told otherwise is named', () => {
  assert.deepEqual(differingWith({ price: '579.51' }), ['prices']);
  assert.deepEqual(differingWith({ quantity: '2.49' }), ['quantities']);
  assert.deepEqual(differingWith({ fee: '0.002' }), ['fees']);
  assert.deepEqual(differingWith({ order: 4_227_701_919 }), ['order ids']);
  assert.deepEqual(differingWith({ price: 'x' }), ['prices']);
  // Told under the id of another one, whose own telling is there as well.
  assert.ok(differingWith({ id: 3 }).includes('trade ids'));
});

test('values that change places are another telling, though they add up', () => {
  const [one, two, three] = FILLS as [Fill, Fill, Fill];
  const swapped = [
    { ...one, price: two.price },
    { ...two, price: one.price },
  ];
  assert.deepEqual(differing(sumsOf([one, two, three]), sumsOf([...swapped, three])), ['prices']);
});

test('sums of parts make those of the whole, and those of the whole less a part those of the other', () => {
  const parts = [sumsOf(FILLS.slice(0, 1)), sumsOf(FILLS.slice(1))] as const;
  assert.deepEqual(sumsTogether(...parts), sumsOf(FILLS));
  assert.deepEqual(sumsSince(sumsOf(FILLS), parts[0]), parts[1]);
});

test('a decimal is read between its bytes only', () => {
  const bytes = Buffer.from('1"12.5"7');
  assert.equal(decimalRemainder(bytes, 3, 6), remainderOfText('2.5'));
  assert.ok(Number.isNaN(remainderOfText('1.2.3')));
});
