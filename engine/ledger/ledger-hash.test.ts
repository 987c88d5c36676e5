import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { PlaceOrder } from '../protocol/commands.ts';
import { Ledger } from './ledger.ts';
import { balanceRecords, openOrderRecords, sumOfRecords } from './ledger-hash.ts';
import { OpenOrders } from './open-orders.ts';
import { StopPhase } from './stop-phase.ts';

/** Both ask for the hash, which must be the one of reading everything. */
function hashOfBalances(ledger: Ledger): string {
  const records = balanceRecords(ledger);
  const hash = ledger.digest.update(records).text();
  assert.equal(hash, sumOfRecords(records).text());
  return hash;
}

function hashOfOrders(orders: OpenOrders): string {
  const records = openOrderRecords(orders);
  const hash = orders.digest.update(records).text();
  assert.equal(hash, sumOfRecords(records).text());
  return hash;
}

const ORDER: PlaceOrder = {
  ...PlaceOrder.create(),
  ...{ accountId: 1, marketId: 1, clientId: 5, priceTicks: 100, quantityLots: 10 },
};

function place(orders: OpenOrders, orderId: number, terms: Partial<PlaceOrder> = {}): number {
  return orders.add({ ...ORDER, ...terms }, orderId, 1, 2, 1_000, 50);
}

test('every movement of money is in the hash of balances, and every way back out of it', () => {
  const ledger = new Ledger(1);
  const empty = hashOfBalances(ledger);
  const [slot, other] = [ledger.slot(1, 1), ledger.slot(2, 1)];
  assert.equal(hashOfBalances(ledger), empty);
  const hashes = new Set([empty]);
  const movements = [
    () => ledger.deposit(slot, 1, 100),
    () => ledger.lock(slot, 30),
    () => ledger.spendLocked(slot, 10),
    () => ledger.credit(other, 10),
    () => ledger.withdraw(other, 1, 5),
  ];
  for (const move of movements) {
    move();
    hashes.add(hashOfBalances(ledger));
  }
  assert.equal(hashes.size, 1 + movements.length);
  ledger.withdraw(other, 1, 5);
  ledger.lock(slot, -20);
  ledger.withdraw(slot, 1, 90);
  assert.equal(hashOfBalances(ledger), empty);
});

test('the hash of balances tells whose and of what, not where they lie', () => {
  const ledgerOf = (...balances: [accountId: number, assetId: number, units: number][]) => {
    const ledger = new Ledger(1);
    for (const [accountId, assetId, units] of balances) {
      ledger.credit(ledger.slot(accountId, assetId), units);
    }
    return ledger;
  };
  const one = ledgerOf([1, 1, 5], [1, 2, 7], [2, 1, 5]);
  assert.equal(
    hashOfBalances(ledgerOf([2, 1, 5], [3, 3, 0], [1, 2, 7], [1, 1, 5])),
    hashOfBalances(one),
  );
  const others = [
    ledgerOf([1, 1, 5], [1, 2, 7], [2, 1, 6]),
    ledgerOf([1, 1, 5], [1, 2, 7], [2, 2, 5]),
    ledgerOf([1, 1, 5], [1, 2, 7], [3, 1, 5]),
    ledgerOf([1, 1, 5], [1, 2, 7]),
    ledgerOf([1, 1, 7], [1, 2, 5], [2, 1, 5]),
  ];
  assert.equal(new Set([one, ...others].map(hashOfBalances)).size, 6);
});

test('after random movements the hash of balances is that of reading them all', () => {
  for (const askEvery of [1, 10, 1_000]) {
    const random = new Random(askEvery);
    const ledger = new Ledger(1);
    for (let step = 1; step <= 5_000; step++) {
      const slot = ledger.slot(1 + random.below(600), 1 + random.below(3));
      const units = random.below(100);
      if (random.below(2) === 0) ledger.credit(slot, units);
      else if (ledger.available(slot) >= units) ledger.lock(slot, units);
      else ledger.spendLocked(slot, Math.min(units, ledger.locked(slot)));
      if (step % askEvery === 0) hashOfBalances(ledger);
    }
    hashOfBalances(ledger);
  }
});

test('every field of an open order is in the hash', () => {
  const terms: Partial<PlaceOrder>[] = [
    ...[{}, { accountId: 2 }, { marketId: 2 }, { clientId: 6 }, { clientId: null }, { side: 1 }],
    ...[{ orderType: 2 }, { timeInForce: 2 }, { selfTradePrevention: 1 }, { postOnly: true }],
    ...[
      { priceTicks: 101 },
      { quantityLots: 11 },
      { quoteBudgetUnits: 9 },
      { triggerPriceTicks: 7 },
    ],
  ];
  const hashes = terms.map((changed) => {
    const orders = new OpenOrders(0);
    place(orders, 1, changed);
    return hashOfOrders(orders);
  });
  const later: ((orders: OpenOrders, slot: number) => void)[] = [
    (orders) => place(orders, 2, { clientId: 6 }),
    (orders, slot) => orders.remove(slot),
    (orders, slot) => orders.setAccepted(slot),
    (orders, slot) => orders.setPriceTicks(slot, 102),
    (orders, slot) => orders.setQuantityLots(slot, 12),
    (orders, slot) => orders.setReservedUnits(slot, 999),
    (orders, slot) => orders.addFill(slot, 1, 0, 0),
    (orders, slot) => orders.addFill(slot, 0, 1, 0),
    (orders, slot) => orders.addFill(slot, 0, 0, 1),
    (orders, slot) => orders.setStopPhase(slot, StopPhase.Pending),
    (orders, slot) => {
      orders.setStopPhase(slot, StopPhase.Pending);
      orders.fire(slot, 60);
    },
  ];
  for (const change of later) {
    const orders = new OpenOrders(0);
    const slot = place(orders, 1);
    assert.equal(hashOfOrders(orders), hashes[0]);
    change(orders, slot);
    hashes.push(hashOfOrders(orders));
  }
  const other = new OpenOrders(0);
  other.add(ORDER, 3, 1, 2, 1_000, 50);
  hashes.push(hashOfOrders(other));
  const elsewhen = new OpenOrders(0);
  elsewhen.add(ORDER, 1, 1, 2, 1_000, 51);
  hashes.push(hashOfOrders(elsewhen));
  assert.equal(new Set(hashes).size, terms.length + later.length + 2);
});

test('the hash of open orders does not tell slots, seeds or what was closed', () => {
  const one = new OpenOrders(7);
  const other = new OpenOrders(8);
  for (const orderId of [1, 2, 3]) place(one, orderId, { clientId: orderId });
  hashOfOrders(one);
  hashOfOrders(other);
  for (const orderId of [9, 3, 8, 1, 7]) place(other, orderId, { clientId: orderId });
  for (const orderId of [9, 8, 7]) {
    assert.notEqual(hashOfOrders(other), hashOfOrders(one));
    other.remove(other.find(orderId));
  }
  place(other, 2, { clientId: 2 });
  assert.equal(hashOfOrders(other), hashOfOrders(one));
});
