import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderRow, TradeRow } from '../database.ts';
import type { FindingKind } from '../findings.ts';
import { auditOrders, matchRows } from './order-audit.ts';
import { fillOfTaker, MARKET, orderRow, Told, tradeRow, wireOrder } from './told.fixture.ts';
import { auditTrades, MarketTrades } from './trade-audit.ts';
import { Wallets } from './wallets.ts';

function audit(told: Told, rows: readonly OrderRow[], trades: readonly TradeRow[] = []): Told {
  const { accounts, findings, ledger } = told;
  const matched = matchRows(ledger, rows);
  const trade = { accounts, wallets: new Wallets(), findings };
  auditTrades(trade, new MarketTrades(MARKET), trades, []);
  auditOrders(ledger, matched);
  return told;
}

function found(told: Told): [FindingKind, number][] {
  const { findings } = told;
  const kinds = findings.summary === '' ? [] : findings.summary.split(', ');
  return kinds.map((text) => {
    const at = text.lastIndexOf(' ');
    return [text.slice(0, at) as FindingKind, Number(text.slice(at + 1))];
  });
}

test('what was told and is there is no finding, and counts as checked', () => {
  const told = new Told();
  const bid = told.place(told.buyer, '65');
  const refused = told.send(told.buyer);
  told.buyer.refused(refused);
  told.send(told.buyer);
  const ask = told.send(told.seller);
  audit(told, [orderRow(bid.sent, '65'), orderRow(ask.sent, '128')]);
  assert.deepEqual(found(told), []);
  assert.equal(told.ledger.checked, 1);
  // The refused order and the one that was never answered are done with, the one that came to be is known.
  assert.deepEqual([...told.buyer.records.values()], [bid]);
  assert.deepEqual(told.seller.open, [ask]);
  assert.equal(ask.orderId, '128');
});

test('an acknowledged order without a row is lost', () => {
  const told = new Told();
  told.place(told.buyer, '65');
  assert.deepEqual(found(audit(told, [])), [['lost', 1]]);
  assert.equal(told.ledger.checked, 0);
});

test('a fill that was told may not vanish, and nothing may be executed without a fill', () => {
  const trade = tradeRow(1, '65', '128', 40);
  const progress = { status: 'PartiallyFilled', executed: 40 } as const;
  const begin = (): Told => {
    const told = new Told();
    told.place(told.buyer, '65', { ...progress, fills: [fillOfTaker(trade)] });
    told.place(told.seller, '128');
    return told;
  };
  const rowsOf = (told: Told, executed: number): OrderRow[] => {
    const state = executed === 0 ? {} : ({ status: 'PartiallyFilled', executed } as const);
    return [
      orderRow(told.buyer.records.get(1)!.sent, '65', state),
      orderRow(told.seller.records.get(1)!.sent, '128', state),
    ];
  };
  const kept = begin();
  assert.deepEqual(found(audit(kept, rowsOf(kept, 40), [trade])), []);
  const undone = begin();
  assert.deepEqual(found(audit(undone, rowsOf(undone, 0))), [['lost', 2]]);
  const halfDone = begin();
  const [buy, sell] = rowsOf(halfDone, 40);
  assert.deepEqual(
    found(audit(halfDone, [buy!, { ...sell!, executedQuantity: '0.03' }], [trade])),
    [['half applied', 1]],
  );
  const dearer = begin();
  const wrongFee = { ...trade, taker: { ...trade.taker!, fee: '9' } };
  assert.deepEqual(found(audit(dearer, rowsOf(dearer, 40), [wrongFee])), [
    ['contradiction', 1],
    ['money', 1],
  ]);
});

test('a cancelled order stays cancelled, and none is cancelled by itself', () => {
  const back = new Told();
  const record = back.place(back.buyer, '65');
  record.cancelsAsked++;
  back.buyer.acknowledged(wireOrder(record.sent, '65', { status: 'Cancelled' }));
  assert.deepEqual(found(audit(back, [orderRow(record.sent, '65')])), [['lost', 1]]);

  const byItself = new Told();
  const resting = byItself.place(byItself.buyer, '65');
  const cancelled = orderRow(resting.sent, '65', { status: 'Cancelled' });
  assert.deepEqual(found(audit(byItself, [cancelled])), [['phantom', 1]]);

  const unanswered = new Told();
  const asked = unanswered.place(unanswered.buyer, '65');
  asked.cancelsAsked++;
  assert.deepEqual(
    found(audit(unanswered, [orderRow(asked.sent, '65', { status: 'Cancelled' })])),
    [],
  );
});

test('the terms are those told last, or those of a change without an answer', () => {
  for (const [quantity, expected] of [
    [100, []],
    [70, []],
    [60, [['lost', 1]]],
  ] as const) {
    const told = new Told();
    const record = told.place(told.buyer, '65');
    record.change = { price: 10_000, quantity: 70 };
    assert.deepEqual(found(audit(told, [orderRow(record.sent, '65', { quantity })])), expected);
  }
  const told = new Told();
  const record = told.place(told.buyer, '65');
  record.change = { price: 10_000, quantity: 70 };
  told.buyer.changed(record, wireOrder(record.sent, '65', { quantity: 70 }));
  assert.deepEqual(found(audit(told, [orderRow(record.sent, '65')])), [['lost', 1]]);
});

test('what was refused or never sent is a phantom, a client id twice a duplicate', () => {
  const told = new Told();
  const refused = told.send(told.buyer);
  told.buyer.refused(refused);
  const once = told.place(told.buyer, '129');
  const never = { ...once.sent, clientId: 77 };
  audit(told, [
    orderRow(refused.sent, '65'),
    orderRow(once.sent, '129'),
    orderRow(once.sent, '193'),
    orderRow(never, '257'),
    orderRow({ ...once.sent, accountId: 9 }, '321'),
  ]);
  assert.deepEqual(found(told), [
    ['duplicate', 1],
    ['phantom', 3],
  ]);
});

test('a settled order may not change any more, and its client id not come again', () => {
  const told = new Told();
  const record = told.place(told.buyer, '65');
  record.cancelsAsked++;
  const cancelled = orderRow(record.sent, '65', { status: 'Cancelled' });
  audit(told, [cancelled]);
  audit(told, [cancelled]);
  assert.deepEqual(found(told), []);
  audit(told, [orderRow(record.sent, '65'), orderRow(record.sent, '129')]);
  assert.deepEqual(found(told), [
    ['duplicate', 1],
    ['contradiction', 1],
  ]);
});

test('an order that is not as it was sent is a contradiction, in a reply and in a row', () => {
  const told = new Told();
  const record = told.send(told.buyer);
  told.buyer.acknowledged({ ...wireOrder(record.sent, '65'), side: 'Ask' });
  audit(told, [{ ...orderRow(record.sent, '65'), timeInForce: 'IOC' }]);
  assert.deepEqual(found(told), [['contradiction', 2]]);
});

test('an order id that was given out before the last audit is not given again', () => {
  const told = new Told();
  const record = told.place(told.buyer, '641');
  audit(told, [orderRow(record.sent, '641')]);
  told.place(told.buyer, '705');
  told.place(told.seller, '128');
  assert.deepEqual(found(told), []);
  told.place(told.buyer, '577');
  assert.deepEqual(found(told), [['sequence', 1]]);
});
