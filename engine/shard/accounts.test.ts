import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CancelAllOrders,
  CancelOrder,
  CreateApiKey,
  MoveFunds,
  PlaceOrder,
  QueryBalances,
  QueryOrder,
  QueryOrders,
  ReduceOrder,
  ReplaceOrder,
  ReportState,
} from '../protocol/commands.ts';
import type { Fields, FieldsOf, Message } from '../protocol/message.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { requestedTransferId } from '../protocol/transfer-id.ts';
import { BASE, LoneMarket } from './lone-market.fixture.ts';

const NOBODY = 77;

test('every command of an account that there is none of is refused, and changes nothing', () => {
  const market = new LoneMarket();
  const { orderId } = market.bid(1, 100, 5, { clientId: 9 }).orders[0]!;
  const state = () => market.send(ReportState, {}).shards[0]!.stateHash;
  const before = state();
  const refusalOf = <F extends Fields>(message: Message<F>, fields: Partial<FieldsOf<F>>) => {
    const heard = market.send(message, fields);
    assert.equal(heard.said.length, 1, 'nothing but the refusal');
    return heard.rejects[0];
  };
  const account = { accountId: NOBODY };
  const order = { ...account, marketId: 1, orderId };
  const byClientId = { ...account, marketId: 1, orderId: 0, clientId: 9 };
  const { UnknownAccount, UnknownOrder } = RejectCode;
  const transfer = { ...account, kind: 0, assetId: BASE, transferId: 'a', amountUnits: 5 };
  const terms = { ...account, marketId: 1, side: 0, priceTicks: 100, quantityLots: 1 };
  assert.equal(refusalOf(MoveFunds, transfer), UnknownAccount);
  assert.equal(refusalOf(MoveFunds, { ...transfer, kind: 1 }), UnknownAccount);
  assert.equal(refusalOf(CreateApiKey, { ...account, publicKey: 'key' }), UnknownAccount);
  assert.equal(refusalOf(PlaceOrder, terms), UnknownAccount);
  assert.equal(refusalOf(CancelAllOrders, account), UnknownAccount);
  assert.equal(refusalOf(QueryOrders, account), UnknownAccount);
  assert.equal(refusalOf(QueryBalances, account), UnknownAccount);
  for (const named of [order, byClientId]) {
    assert.equal(refusalOf(CancelOrder, named), UnknownOrder);
    assert.equal(refusalOf(QueryOrder, named), UnknownOrder);
    assert.equal(refusalOf(ReduceOrder, { ...named, quantityLots: 1 }), UnknownOrder);
    assert.equal(refusalOf(ReplaceOrder, { ...named, quantityLots: 1 }), UnknownOrder);
  }
  assert.equal(state(), before);
});

test('a withdrawal is known by its id alone, and is the same only when it goes to the same place', () => {
  const market = new LoneMarket();
  const withdraw = (transferId: string, amountUnits = 5) => {
    const fields = { accountId: 1, kind: 1, assetId: BASE, transferId, amountUnits };
    const heard = market.send(MoveFunds, fields);
    return heard.rejects[0] ?? heard.said.length;
  };
  const state = () => market.send(ReportState, {}).shards[0]!.stateHash;
  const idTo = (address: string) => requestedTransferId({ blockchain: 'Sui', address }, 'x', '');
  assert.equal(withdraw(idTo('here')), 1);
  const after = state();
  assert.equal(withdraw(idTo('here')), 1, 'answered as the first time');
  assert.equal(withdraw(idTo('there')), RejectCode.AlreadyExists);
  assert.equal(withdraw(idTo('here'), 6), RejectCode.AlreadyExists);
  assert.equal(state(), after);
});
