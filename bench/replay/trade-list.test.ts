import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TradeList } from './trade-list.ts';

type Trade = [priceTicks: number, lots: number, maker: number, taker: number];

function listOf(...trades: readonly Trade[]): TradeList {
  const list = new TradeList();
  for (const trade of trades) list.add(...trade);
  return list;
}

test('lists of trades differ by price, lots, maker, taker, order and length', () => {
  const first: Trade = [100, 5, 1, 2];
  const second: Trade = [101, 6, 3, 4];
  const list = listOf(first, second);
  assert.equal(list.differenceFrom(listOf(first, second)), '');
  for (let field = 0; field < 4; field++) {
    const changed = second.with(field, 9) as Trade;
    assert.match(
      list.differenceFrom(listOf(first, changed)),
      /^trade 1: 6 at 101, 4 takes 3, not /,
    );
  }
  assert.match(list.differenceFrom(listOf(second, first)), /^trade 0: /);
  assert.match(list.differenceFrom(listOf(first)), /^trade 1: .* not none$/);
  assert.match(listOf(first).differenceFrom(list), /^trade 1: none, not /);
});
