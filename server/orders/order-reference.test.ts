import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelOrder, ReduceOrder, ReplaceOrder } from '../../engine/protocol/commands.ts';
import { readOrderReference, readReduceOrder, readReplaceOrder } from './order-reference.ts';
import { listedRegistry } from './venue.fixture.ts';

const registry = listedRegistry();
const ORDER = { symbol: 'SOL_USDC', orderId: '4227701917' };

test('an order is named by its id, as text or number, or by the client id', () => {
  const body = CancelOrder.create();
  const named = (input: object): [number, number, number | null] => {
    assert.equal(readOrderReference(input, registry, body), undefined);
    return [body.marketId, body.orderId, body.clientId];
  };
  assert.deepEqual(named(ORDER), [1, 4_227_701_917, null]);
  assert.deepEqual(named({ symbol: 'ETH_USDC', orderId: 77 }), [2, 77, null]);
  assert.deepEqual(named({ symbol: 'SOL_USDC', clientId: 0 }), [1, 0, 0]);
  assert.deepEqual(named({ symbol: 'SOL_USDC', orderId: null, clientId: 9 }), [1, 0, 9]);
});

const REFUSALS: [name: string, input: unknown, code: string][] = [
  ['no object', 'x', 'INVALID_CLIENT_REQUEST'],
  ['no symbol', { orderId: '1' }, 'INVALID_CLIENT_REQUEST'],
  ['an unknown market', { symbol: 'X', orderId: '1' }, 'INVALID_MARKET'],
  ['neither id', { symbol: 'SOL_USDC' }, 'INVALID_CLIENT_REQUEST'],
  ['both ids', { ...ORDER, clientId: 1 }, 'INVALID_CLIENT_REQUEST'],
  ['an id that is no number', { ...ORDER, orderId: 'abc' }, 'INVALID_CLIENT_REQUEST'],
  ['a negative id', { ...ORDER, orderId: -1 }, 'INVALID_CLIENT_REQUEST'],
  ['an id with a fraction', { ...ORDER, orderId: 1.5 }, 'INVALID_CLIENT_REQUEST'],
  ['an object as id', { ...ORDER, orderId: {} }, 'INVALID_CLIENT_REQUEST'],
  ['id zero', { ...ORDER, orderId: '0' }, 'RESOURCE_NOT_FOUND'],
  ['a 19-digit id', { ...ORDER, orderId: '9999999999999999999' }, 'RESOURCE_NOT_FOUND'],
  ['a text as client id', { symbol: 'SOL_USDC', clientId: '7' }, 'INVALID_CLIENT_REQUEST'],
];

for (const [name, input, code] of REFUSALS) {
  test(`refused as ${code}: ${name}`, () => {
    assert.equal(readOrderReference(input, registry, CancelOrder.create())?.code, code);
  });
}

test('a reduction has a quantity on the step, under either name', () => {
  const body = ReduceOrder.create();
  assert.equal(readReduceOrder({ ...ORDER, quantity: '0.5' }, registry, body), undefined);
  assert.equal(body.quantityLots, 50);
  assert.equal(readReduceOrder({ ...ORDER, reduceQuantity: '0.25' }, registry, body), undefined);
  assert.equal(body.quantityLots, 25);
  assert.match(readReduceOrder(ORDER, registry, body)?.message ?? '', /`quantity`/);
  assert.equal(
    readReduceOrder({ ...ORDER, quantity: '0' }, registry, body)?.code,
    'INVALID_QUANTITY',
  );
});

test('a change that names what an order keeps is refused by the name of that', () => {
  const replace = (fields: object) =>
    readReplaceOrder({ ...ORDER, price: '1.5', ...fields }, registry, ReplaceOrder.create());
  const reduce = (fields: object) =>
    readReduceOrder({ ...ORDER, quantity: '1', ...fields }, registry, ReduceOrder.create());
  const kept = {
    ...{ side: 'Bid', orderType: 'Limit', timeInForce: 'GTC', postOnly: true },
    ...{ selfTradePrevention: 'Allow', quoteQuantity: '1' },
  };
  for (const read of [replace, reduce]) {
    for (const [name, value] of Object.entries({ ...kept, postOnly: false })) {
      const refusal = read({ [name]: value });
      const message = `\`${name}\` of an order cannot be changed`;
      assert.deepEqual([refusal?.code, refusal?.message], ['INVALID_CLIENT_REQUEST', message]);
    }
    assert.match(read({ postOnly: true })?.message ?? '', /^`postOnly`/);
    const absent = Object.fromEntries(Object.keys(kept).map((name) => [name, null]));
    assert.equal(read({ ...absent, triggerPrice: null, note: 'x' }), undefined);
  }
});

test('a replacement has a price, a quantity or both; what is absent stays', () => {
  const body = ReplaceOrder.create();
  const read = (fields: object) => readReplaceOrder({ ...ORDER, ...fields }, registry, body);
  assert.equal(read({ price: '1.5' }), undefined);
  assert.deepEqual([body.priceTicks, body.quantityLots], [150, 0]);
  assert.equal(read({ quantity: '3' }), undefined);
  assert.deepEqual([body.priceTicks, body.quantityLots], [0, 300]);
  assert.equal(read({})?.code, 'INVALID_CLIENT_REQUEST');
  assert.equal(read({ price: '1.5', triggerPrice: '2' })?.code, 'NOT_IMPLEMENTED');
  assert.equal(read({ price: '1.5', stopPrice: '2' })?.code, 'INVALID_CLIENT_REQUEST');
  assert.equal(read({ price: '1.5', triggerPrice: null, note: 'x' }), undefined);
  assert.equal(read({ price: '0' })?.code, 'INVALID_PRICE');
  assert.equal(read({ price: '1.001' })?.message, 'Price decimal too long');
});
