import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderEventKind } from '../../engine/protocol/enums.ts';
import { OrderEvent } from '../../engine/protocol/events.ts';
import { RejectCode } from '../../engine/protocol/reject-codes.ts';
import { PendingRequests } from './pending-requests.ts';

function hear(pending: PendingRequests, fields: Partial<OrderEvent>): void {
  const event = { ...OrderEvent.create(), orderId: 64, ...fields };
  const isTakerFill = event.kind === OrderEventKind.Fill && !event.isMaker;
  pending.orderEvent(event, isTakerFill, 0, OrderEvent.type);
}

test('what a stop order takes when it fires is of no command, also not of a later one', () => {
  const pending = new PendingRequests();
  const answers: number[][] = [];
  const answer = {
    answered: (_order: unknown, fills: readonly Readonly<OrderEvent>[]) => {
      answers.push(fills.map((fill) => fill.tradeId));
    },
    refused: () => assert.fail('nothing was refused'),
  };
  const { Accepted, Cancelled, Fill, Modified, TriggerPlaced } = OrderEventKind;
  const hearStop = (fields: Partial<OrderEvent>) =>
    hear(pending, { triggerPriceTicks: 100, ...fields });
  hearStop({ kind: TriggerPlaced, requestId: pending.addOrder(answer, 0, null) });
  hearStop({ kind: Accepted });
  hearStop({ kind: Fill, tradeId: 1 });
  const replacement = pending.addOrder(answer, 0, null);
  hearStop({ kind: Modified });
  hearStop({ kind: Fill, tradeId: 2 });
  hearStop({ kind: Fill, tradeId: 3, requestId: replacement });
  hearStop({ kind: Cancelled, requestId: pending.addOrder(answer, 0, null) });
  assert.deepEqual(answers, [[], [2, 3], []]);
});

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
  const placement = pending.addOrder(answerAs('placement'), 0, null);
  const query = pending.addOrder(answerAs('query'), 0, null);

  hear(pending, { kind: OrderEventKind.Fill, tradeId: 1 });
  hear(pending, { kind: OrderEventKind.Snapshot, requestId: query });
  hear(pending, { kind: OrderEventKind.Fill, tradeId: 2, requestId: placement });

  assert.deepEqual(fillsOf.get('query'), []);
  assert.deepEqual(fillsOf.get('placement'), [1, 2]);
  assert.equal(pending.size, 0);
});

test('what an earlier gateway asked is answered to nobody, and its fills are of no later command', () => {
  const pending = new PendingRequests();
  const answers: number[][] = [];
  const answer = {
    answered: (_order: unknown, fills: readonly Readonly<OrderEvent>[]) => {
      answers.push(fills.map((fill) => fill.tradeId));
    },
    refused: () => assert.fail('nothing was refused'),
  };
  pending.numberAbove(1_700_000_000_000_000);
  const first = pending.addOrder(answer, 0, null);
  assert.equal(first, 1_700_000_000_000_001);

  hear(pending, { kind: OrderEventKind.Fill, tradeId: 1 });
  hear(pending, { kind: OrderEventKind.Fill, tradeId: 2, requestId: 1 });
  pending.refused(1, RejectCode.UnknownOrder);
  pending.done(1);
  assert.deepEqual([answers, pending.size], [[], 1]);

  hear(pending, { kind: OrderEventKind.Cancelled, requestId: first });
  assert.deepEqual([answers, pending.size], [[[]], 0]);
  assert.equal(pending.addOrder(answer, 0, null), first + 1);
});
