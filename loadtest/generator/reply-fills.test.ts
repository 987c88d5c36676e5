import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differing } from '../audit/weighted-sums.ts';
import { ReplyFills, type ToldOrder, type ToldTrade } from './reply-fills.ts';

const ORDER: ToldOrder = { id: '128', executedQuantity: '3.5', executedQuoteQuantity: '350.25' };
const TRADES: readonly ToldTrade[] = [
  { tradeId: 7, price: '100', quantity: '3', fee: '0.03' },
  { tradeId: 8, price: '100.50', quantity: '0.5', fee: '0.005' },
];

function told(order: ToldOrder, trades: readonly ToldTrade[], isNew = true) {
  const fills = new ReplyFills(2);
  fills.take(1, order, trades, isNew);
  return fills.told;
}

test('fills that are what the reply says was executed', () => {
  const { ordersCompared, wrongOrderCount, sums } = told(ORDER, TRADES);
  assert.deepEqual([ordersCompared, wrongOrderCount], [1, 0]);
  assert.ok(Object.values(sums[0]!).every((sum) => sum === 0));
  assert.ok(Object.values(sums[1]!).every((sum) => sum > 0));
});

test('fills that are not, by quantity or by worth', () => {
  const { wrongOrders } = told({ ...ORDER, executedQuantity: '3.6' }, TRADES);
  assert.deepEqual(wrongOrders, [
    'order 128 executed 3.6 for 350.25, by its fills 3 at 100 + 0.5 at 100.50',
  ]);
  const [first, second] = TRADES as [ToldTrade, ToldTrade];
  const dearer = told(ORDER, [first, { ...second, price: '100.51' }]);
  assert.equal(dearer.wrongOrderCount, 1);
  assert.deepEqual(differing(told(ORDER, TRADES).sums[1]!, dearer.sums[1]!), ['prices']);
  assert.equal(told(ORDER, [first]).wrongOrderCount, 1);
});

test('of an order that was changed, or whose venue does not say, nothing is compared', () => {
  assert.equal(told({ ...ORDER, executedQuantity: '9' }, TRADES, false).ordersCompared, 0);
  assert.equal(told({ ...ORDER, executedQuoteQuantity: '' }, TRADES).ordersCompared, 0);
});
