import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderEventKind } from '../../engine/protocol/enums.ts';
import { OrderEvent } from '../../engine/protocol/events.ts';
import { PendingRequests } from './pending-requests.ts';

function hear(pending: PendingRequests, fields: Partial<OrderEvent>): void {
  const event = { ...OrderEvent.create(), orderId: 64, ...fields };
  const isTakerFill = event.kind === OrderEventKind.Fill && !event.isMaker;
  pending.orderEvent(event, isTakerFill, 0, OrderEvent.type);
}

test('a query answered amid the fills of a placement does not take them', () => {
  const pending = new PendingRequests();
  const fillsOf = new Map<string, number[]>();
  const answerAs = (name: string) => ({
    answered: (_order: unknown, fills: readonly Readonly<OrderEvent>[]) => {
      fillsOf.set(
        name,
        fills.map((fill) => fill.tradeId),
      );
    },
    refused: () => assert.fail('nothing was refused'),
  });
  const placement = pending.addOrder(answerAs('placement'));
  const query = pending.addOrder(answerAs('query'));

  hear(pending, { kind: OrderEventKind.Fill, tradeId: 1 });
  hear(pending, { kind: OrderEventKind.Snapshot, requestId: query });
  hear(pending, { kind: OrderEventKind.Fill, tradeId: 2, requestId: placement });

  assert.deepEqual(fillsOf.get('query'), []);
  assert.deepEqual(fillsOf.get('placement'), [1, 2]);
  assert.equal(pending.size, 0);
});
