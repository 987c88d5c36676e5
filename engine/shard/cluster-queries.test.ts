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

/** What a query hears that its home takes right after the order, and what one at rest hears. */
function askTwice(cluster: DirectCluster, terms: Partial<PlaceOrder>): [number[], number[]] {
  const { body } = limit(ORDER, 1, FAR_MARKET, Side.Bid, 1_000, 2);
  cluster.inject({ kind: 'place', body: { ...(body as PlaceOrder), ...terms } });
  const named = { accountId: 1, marketId: FAR_MARKET, orderId: 0, clientId: ORDER };
  cluster.inject({ kind: 'query', body: { requestId: QUERY, ...named } });
  quiesce(cluster);
  cluster.inject({ kind: 'query', body: { requestId: QUERY + 1, ...named } });
  quiesce(cluster);
  cluster.answers.assertAllGiven();
  const told = cluster.heard.flatMap((said) => said.orders);
  const snapshots = told.filter(({ kind }) => kind === OrderEventKind.Snapshot);
  const statuses = (requestId: number) =>
    snapshots.filter((event) => event.requestId === requestId).map(({ status }) => status);
  return [statuses(QUERY), statuses(QUERY + 1)];
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

test('an order that its market has not answered is not found yet', () => {
  const before = new Set<number>();
  for (let seed = 1; seed <= 40; seed++) {
    const cluster = openVenue(seed);
    const [early, late] = askTwice(cluster, {});
    assert.deepEqual(late, [OrderStatus.New]);
    const refusals = cluster.heard.flatMap((said) => said.refusals);
    const notFound = { requestId: QUERY, code: RejectCode.UnknownOrder };
    assert.deepEqual(refusals, early.length === 0 ? [notFound] : []);
    before.add(early.length);
  }
  assert.deepEqual([...before].sort(), [0, 1], 'under way, and there already');
});

test('an order is never answered as open that its market then refuses', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const cluster = openVenue(seed);
    cluster.inject(limit(4, 2, FAR_MARKET, Side.Ask, 1_000, 2));
    quiesce(cluster);
    assert.deepEqual(askTwice(cluster, { postOnly: true }), [[], []]);
  }
});

test('a stop order under way is never answered as one that rests', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const cluster = openVenue(seed);
    cluster.inject(limit(4, 2, FAR_MARKET, Side.Ask, 1_000, 2));
    quiesce(cluster);
    cluster.inject(limit(6, 1, FAR_MARKET, Side.Bid, 1_000, 2));
    quiesce(cluster);
    const [early, late] = askTwice(cluster, { triggerPriceTicks: 1_001 });
    assert.ok(early.every((status) => status === OrderStatus.TriggerPending));
    assert.deepEqual(late, [OrderStatus.TriggerPending]);
  }
});
