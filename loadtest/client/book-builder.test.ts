import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BookBuilder, SequenceGap } from './book-builder.ts';
import { BookSide } from './book-side.ts';
import { textOf, unitsOf } from './decimal-text.ts';

const units = { priceDecimals: 2, quantityDecimals: 0 };

function event(id: number, bids: [string, string][], asks: [string, string][] = []) {
  return { U: id, u: id, b: bids, a: asks };
}

function levels(side: BookSide): [number, number][] {
  return Array.from({ length: side.length }, (_, rank) => [
    side.priceAt(rank),
    side.quantityAt(rank),
  ]);
}

test('a side keeps its levels from best to worst against a sorted map', () => {
  for (const name of ['bid', 'ask'] as const) {
    const side = new BookSide(name);
    const model = new Map<number, number>();
    let seed = 12345;
    for (let step = 0; step < 5000; step++) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      const price = 1 + ((seed >>> 8) % 700);
      const quantity = (seed >>> 3) % 3 === 0 ? 0 : 1 + (seed % 50);
      side.set(price, quantity);
      if (quantity === 0) model.delete(price);
      else model.set(price, quantity);
    }
    const expected = [...model].sort(([a], [b]) => (name === 'bid' ? b - a : a - b));
    assert.deepEqual(levels(side), expected);
  }
});

test('events are kept until the snapshot, and those it covers are dropped', () => {
  const book = new BookBuilder(units);
  book.applyEvent(event(4, [['10.00', '1']]));
  book.applyEvent(event(5, [['10.00', '0']]));
  book.applyEvent(event(6, [['9.99', '7']], [['10.01', '3']]));
  assert.equal(book.synchronised, false);
  book.applySnapshot({
    bids: [
      ['9.98', '2'],
      ['9.99', '5'],
    ],
    asks: [['10.02', '1']],
    lastUpdateId: '5',
    timestamp: 0,
  });
  assert.equal(book.updateId, 6);
  assert.deepEqual(levels(book.bids), [
    [999, 7],
    [998, 2],
  ]);
  assert.deepEqual(levels(book.asks), [
    [1001, 3],
    [1002, 1],
  ]);
});

test('a hole in the ids is refused', () => {
  const book = new BookBuilder(units);
  book.applySnapshot({ bids: [], asks: [], lastUpdateId: '1', timestamp: 0 });
  book.applyEvent(event(2, []));
  assert.throws(() => book.applyEvent(event(4, [])), SequenceGap);
});

test('a hole between the snapshot and the kept events is refused', () => {
  const book = new BookBuilder(units);
  book.applyEvent(event(9, []));
  assert.throws(
    () => book.applySnapshot({ bids: [], asks: [], lastUpdateId: '7', timestamp: 0 }),
    SequenceGap,
  );
});

test('decimals become whole units and back, and anything else is refused', () => {
  assert.equal(unitsOf('579.40', 2), 57940);
  assert.equal(unitsOf('579.4', 4), 5794000);
  assert.equal(unitsOf('100', 0), 100);
  assert.equal(unitsOf('100.000', 0), 100);
  assert.equal(unitsOf('0.00', 2), 0);
  for (const text of ['', '.5', '1.', '1.005', '-1', '1e3', 'NaN', '1.0.0', ' 1']) {
    assert.throws(() => unitsOf(text, 2), RangeError, text);
  }
  assert.equal(textOf(57940, 2), '579.4');
  assert.equal(textOf(5, 4), '0.0005');
  assert.equal(textOf(1200, 0), '1200');
});
