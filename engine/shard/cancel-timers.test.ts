import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeAccounts,
  FireCancelTimer,
  ListMarket,
  MassCancel,
  SetCancelTimer,
  SetMarketState,
} from '../protocol/commands.ts';
import {
  CancelScope,
  CancelSide,
  CancelTrigger,
  OrderBookState,
  OrderEventKind,
} from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { LoneMarket } from './lone-market.fixture.ts';
import { type Heard, marketOf } from './shard-harness.fixture.ts';

const { DeadMan, Disconnect } = CancelTrigger;
/** The shards' time begins at a million and goes on by one with each command. */
const LONG_AGO = 1;
const FAR_OFF = 2_000_000;

function venueWithOrders(): LoneMarket {
  const venue = new LoneMarket();
  venue.send(ListMarket, marketOf({ marketId: 2, baseAssetId: 2, quoteAssetId: 1 }));
  venue.trade(50);
  venue.bid(1, 40, 3, { clientId: 1 });
  venue.ask(1, 60, 3, { clientId: 2 });
  venue.bid(1, 70, 1, { clientId: 3, triggerPriceTicks: 65 });
  venue.bid(1, 40, 3, { marketId: 2, clientId: 4 });
  venue.bid(2, 40, 3, { clientId: 5 });
  return venue;
}

const cancelledIn = ({ orders }: Heard) =>
  orders.map(({ kind, clientId }) => (kind === OrderEventKind.Cancelled ? clientId : -1));

const timersIn = ({ descriptions }: Heard) =>
  descriptions
    .filter(([name]) => name === 'CancelTimerDescribed')
    .map(([, { requestId: _none, ...timer }]) => timer);

test('a timer cancels the account’s orders when it is due, once, also in a closed market', () => {
  const venue = venueWithOrders();
  const timer = { accountId: 1, marketId: 0, trigger: DeadMan };
  venue.send(SetCancelTimer, { ...timer, timeoutUs: 5, deadlineUs: FAR_OFF });
  const early = venue.send(FireCancelTimer, timer);
  assert.deepEqual(cancelledIn(early), []);
  assert.deepEqual(timersIn(early), [{ ...timer, timeoutUs: 5, deadlineUs: FAR_OFF }]);
  const set = venue.send(SetCancelTimer, { ...timer, timeoutUs: 7, deadlineUs: LONG_AGO });
  assert.deepEqual(timersIn(set), [{ ...timer, timeoutUs: 7, deadlineUs: LONG_AGO }]);
  assert.equal(set.done.length, 1);
  venue.send(SetMarketState, { marketId: 1, state: OrderBookState.Closed });
  const fired = venue.send(FireCancelTimer, timer);
  assert.deepEqual(cancelledIn(fired), [1, 2, 3, 4]);
  assert.equal(fired.done.length, 1);
  venue.send(SetMarketState, { marketId: 1, state: OrderBookState.Open });
  venue.bid(1, 41, 1, { clientId: 6 });
  assert.deepEqual(cancelledIn(venue.send(FireCancelTimer, timer)), []);
  assert.deepEqual(timersIn(venue.send(DescribeAccounts, {})), []);
});

test('a timer of one market leaves the others alone, and timers do not stand for each other', () => {
  const venue = venueWithOrders();
  const timer = { accountId: 1, marketId: 2, trigger: DeadMan };
  venue.send(SetCancelTimer, { ...timer, timeoutUs: 5, deadlineUs: LONG_AGO });
  assert.deepEqual(cancelledIn(venue.send(FireCancelTimer, { ...timer, marketId: 0 })), []);
  const other = { ...timer, trigger: Disconnect };
  assert.deepEqual(cancelledIn(venue.send(FireCancelTimer, other)), []);
  assert.deepEqual(cancelledIn(venue.send(FireCancelTimer, { ...timer, accountId: 2 })), []);
  assert.deepEqual(cancelledIn(venue.send(FireCancelTimer, timer)), [4]);
});

test('a timer that was stopped or removed does not fire, and a stopped one is described', () => {
  const venue = venueWithOrders();
  const timer = { accountId: 1, marketId: 0, trigger: Disconnect };
  venue.send(SetCancelTimer, { ...timer, timeoutUs: 5, deadlineUs: LONG_AGO });
  const stopped = { ...timer, timeoutUs: 5, deadlineUs: 0 };
  venue.send(SetCancelTimer, stopped);
  assert.deepEqual(cancelledIn(venue.send(FireCancelTimer, timer)), []);
  assert.deepEqual(timersIn(venue.send(DescribeAccounts, {})), [stopped]);
  const removed = venue.send(SetCancelTimer, { ...timer, timeoutUs: 0, deadlineUs: FAR_OFF });
  assert.deepEqual(timersIn(removed), [{ ...timer, timeoutUs: 0, deadlineUs: 0 }]);
  assert.deepEqual(cancelledIn(venue.send(FireCancelTimer, timer)), []);
  assert.deepEqual(timersIn(venue.send(DescribeAccounts, {})), []);
});

test('a timer for nobody, or for a market that there is none of, is refused', () => {
  const venue = venueWithOrders();
  const timer = { marketId: 0, trigger: DeadMan, timeoutUs: 5, deadlineUs: FAR_OFF };
  const nobody = venue.send(SetCancelTimer, { ...timer, accountId: 9 });
  assert.deepEqual(nobody.rejects, [RejectCode.UnknownAccount]);
  const nowhere = venue.send(SetCancelTimer, { ...timer, accountId: 1, marketId: 9 });
  assert.deepEqual(nowhere.rejects, [RejectCode.UnknownMarket]);
});

test('a mass cancel takes one side, market and kind of order', () => {
  const { All, Resting, TriggerPending } = CancelScope;
  for (const [marketId, scope, side, cancelled] of [
    [0, All, CancelSide.Both, [1, 2, 3, 4]],
    [0, All, CancelSide.Bid, [1, 3, 4]],
    [1, All, CancelSide.Ask, [2]],
    [1, Resting, CancelSide.Bid, [1]],
    [0, TriggerPending, CancelSide.Both, [3]],
  ] as const) {
    const venue = venueWithOrders();
    const heard = venue.send(MassCancel, { accountId: 1, marketId, scope, side });
    assert.deepEqual(cancelledIn(heard), cancelled);
    assert.equal(heard.done.length, 1);
  }
  const unknown = venueWithOrders().send(MassCancel, { accountId: 9 });
  assert.deepEqual(unknown.rejects, [RejectCode.UnknownAccount]);
});
