import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFrame } from './event-frame.ts';
import { HeardOrders } from './heard-orders.ts';
import { differing, type OrderSums } from './weighted-sums.ts';

interface Told {
  readonly e: string;
  readonly X: string;
  readonly i?: string;
  readonly o?: string;
  readonly z?: string;
}

/** An order that is met in two parts, one that is cancelled, one that expires, one that stays. */
const EVENTS: readonly Told[] = [
  ...['64', '128', '192', '256'].map((i) => ({ e: 'orderAccepted', X: 'New', i })),
  { e: 'orderFill', X: 'PartiallyFilled', i: '64', z: '0.50' },
  { e: 'orderCancelled', X: 'Cancelled', i: '128' },
  { e: 'orderFill', X: 'Filled', i: '64', z: '2.0' },
  { e: 'orderExpired', X: 'Expired', i: '192' },
  { e: 'orderFill', X: 'PartiallyFilled', i: '256', z: '1' },
];

function heard(events: readonly Told[]): HeardOrders {
  const orders = new HeardOrders();
  const event = new EventFrame();
  for (const told of events) {
    const data = { E: 1, o: 'LIMIT', q: '2', s: 'A_Q', z: '0', ...told };
    const frame = Buffer.from(JSON.stringify({ data, stream: 'account.orderUpdate' }));
    assert.notEqual(event.read(frame, 0, frame.length), undefined);
    orders.take(event);
  }
  return orders;
}

const differingWith = (index: number, change: Partial<Told>): (keyof OrderSums)[] => {
  const changed = EVENTS.with(index, { ...EVENTS[index]!, ...change });
  return differing(heard(EVENTS).sums, heard(changed).sums);
};

test('statuses are those of what befell the orders', () => {
  assert.equal(heard(EVENTS).wrongStatuses.count, 0);
  const market = { e: 'orderFill', X: 'Filled', i: '64', o: 'MARKET', z: '1' };
  assert.equal(heard([market]).wrongStatuses.count, 0);
});

test('an order told under another id, or that ended another way, changes the sums', () => {
  assert.deepEqual(differingWith(0, { i: '1' }), ['order ids']);
  assert.deepEqual(differingWith(5, { i: '1' }), ['statuses']);
  assert.deepEqual(differingWith(6, { X: 'PartiallyFilled' }), ['statuses']);
  assert.deepEqual(differingWith(7, { X: 'Cancelled' }), ['statuses']);
});

test('a status that is not what befell the order is found in the event itself', () => {
  for (let index = 0; index < EVENTS.length; index++) {
    const X = EVENTS[index]!.X === 'Cancelled' ? 'New' : 'Cancelled';
    const { count, first } = heard(EVENTS.with(index, { ...EVENTS[index]!, X })).wrongStatuses;
    assert.equal(count, 1);
    assert.match(first!, new RegExp(`^${EVENTS[index]!.e} says ${X} and means `));
  }
});
