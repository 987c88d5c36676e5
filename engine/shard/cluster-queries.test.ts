import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import type { PlaceOrder } from '../protocol/commands.ts';
import { OrderEventKind, OrderStatus, Side } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { quiesce } from './cluster-checks.fixture.ts';
import { deposit, everyday, limit, openCluster, QUOTE } from './cluster-commands.fixture.ts';
import { DirectCluster } from './shard-cluster.fixture.ts';

/** Account 1 lives on shard 1 of two, market 2 on shard 0. */
const FAR_MARKET = 2;
const ORDER = 10;
const QUERY = 11;

/**
 * What two queries hear that their home takes right after the order, and one at rest: a status, or why there is
 * none.
 */
function askOf(
  cluster: DirectCluster,
  terms: Partial<PlaceOrder>,
  mayWait = true,
): (string | undefined)[] {
  const { body } = limit(ORDER, 1, FAR_MARKET, Side.Bid, 1_000, 2);
  cluster.inject({ kind: 'place', body: { ...(body as PlaceOrder), ...terms } });
  const named = { accountId: 1, marketId: FAR_MARKET, orderId: 0, clientId: ORDER };
  const ask = (requestId: number) =>
    cluster.inject({ kind: 'query', body: { requestId, ...named, mayWait } });
  ask(QUERY);
  ask(QUERY + 1);
  quiesce(cluster);
  ask(QUERY + 2);
  quiesce(cluster);
  cluster.answers.assertAllGiven();
  const heard = new Map<number, string>();
  for (const { orders, refusals } of cluster.heard) {
    for (const { kind, requestId, status } of orders) {
      if (kind === OrderEventKind.Snapshot) heard.set(requestId, nameOf(OrderStatus, status));
    }
    for (const { requestId, code } of refusals) heard.set(requestId, nameOf(RejectCode, code));
  }
  return [QUERY, QUERY + 1, QUERY + 2].map((requestId) => heard.get(requestId));
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(names).find((name) => names[name] === value)!;
}

function openVenue(seed: number): DirectCluster {
  const cluster = new DirectCluster(2, new Random(seed));
  openCluster(cluster, everyday.setup);
  cluster.inject(deposit(1, 1, QUOTE, 1e9));
  cluster.inject(deposit(2, 2, QUOTE, 1e9));
  cluster.inject(deposit(3, 2, 2, 1e9));
  quiesce(cluster);
  return cluster;
}

/** Likewise, of a venue with an ask at the order's price. */
function askWhereItCrosses(seed: number, terms: Partial<PlaceOrder>): (string | undefined)[] {
  const cluster = openVenue(seed);
  cluster.inject(limit(4, 2, FAR_MARKET, Side.Ask, 1_000, 2));
  quiesce(cluster);
  return askOf(cluster, terms);
}

test('who asks for an order that its market has not answered is answered once it has', () => {
  for (let seed = 1; seed <= 40; seed++) {
    assert.deepEqual(askOf(openVenue(seed), {}), ['New', 'New', 'New']);
  }
});

test('who may not wait for the market hears that the outcome is unknown', () => {
  const heard = new Set<string>();
  for (let seed = 1; seed <= 40; seed++) {
    const [first, , late] = askOf(openVenue(seed), {}, false);
    heard.add(first!);
    assert.equal(late, 'New');
  }
  assert.deepEqual([...heard].sort(), ['New', 'OutcomeUnknown']);
});

test('an order that fills at once is found by who asked before it did', () => {
  for (let seed = 1; seed <= 40; seed++) {
    // The second query may come when the order has gone already.
    const [first, second, late] = askWhereItCrosses(seed, {});
    assert.ok([first, second].every((told) => told === 'New' || told === 'UnknownOrder'));
    assert.equal(late, 'UnknownOrder');
  }
});

test('an order is never answered as open that its market then refuses', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const told = askWhereItCrosses(seed, { postOnly: true });
    assert.deepEqual(told, new Array(3).fill('UnknownOrder'));
  }
});

test('a stop order under way is never answered as one that rests', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const cluster = openVenue(seed);
    cluster.inject(limit(4, 2, FAR_MARKET, Side.Ask, 1_000, 2));
    quiesce(cluster);
    cluster.inject(limit(6, 1, FAR_MARKET, Side.Bid, 1_000, 2));
    quiesce(cluster);
    const told = askOf(cluster, { triggerPriceTicks: 1_001 });
    assert.deepEqual(told, new Array(3).fill('TriggerPending'));
  }
});
