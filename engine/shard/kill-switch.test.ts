import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import {
  DescribeAccounts,
  DescribeState,
  ListMarket,
  SetKillSwitch,
  SetMarketState,
} from '../protocol/commands.ts';
import { KillScope, OrderBookState, OrderEventKind, Side } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { checkAtRest, quiesce } from './cluster-checks.fixture.ts';
import { BASE, deposit, everyday, limit, openCluster, QUOTE } from './cluster-commands.fixture.ts';
import { LoneMarket } from './lone-market.fixture.ts';
import { DirectCluster } from './shard-cluster.fixture.ts';
import { type Command, marketOf } from './shard-harness.fixture.ts';

const { Venue, Market, Account } = KillScope;
const { KillSwitch, AccountKillSwitch } = RejectCode;
const SEEDS = 40;

/** The orders of accounts 1 and 2, resting and waiting, in market 1, which is then closed, and in market 2. */
function venueWithOrders(): LoneMarket {
  const venue = new LoneMarket();
  venue.send(ListMarket, marketOf({ marketId: 2, baseAssetId: 2, quoteAssetId: 1 }));
  venue.trade(50);
  venue.bid(1, 40, 3, { clientId: 1 });
  venue.ask(2, 60, 4, { clientId: 2 });
  venue.bid(2, 70, 1, { clientId: 3, triggerPriceTicks: 65 });
  venue.bid(1, 40, 3, { marketId: 2, clientId: 4 });
  return venue;
}

const cancelledIn = ({ orders }: { orders: { kind: number; clientId: number | null }[] }) =>
  orders.map(({ kind, clientId }) => (kind === OrderEventKind.Cancelled ? clientId : -1));

for (const [name, scope, targetId, cancelled, code] of [
  ['the venue', Venue, 0, [1, 4, 2, 3], KillSwitch],
  ['a market', Market, 1, [1, 2, 3], KillSwitch],
  ['an account', Account, 2, [2, 3], AccountKillSwitch],
] as const) {
  test(`the kill switch of ${name} cancels what is in it, and holds until it is lifted`, () => {
    const venue = venueWithOrders();
    venue.send(SetMarketState, { marketId: 1, state: OrderBookState.Closed });
    const killed = venue.send(SetKillSwitch, { scope, targetId, isActive: true });
    assert.deepEqual(cancelledIn(killed), cancelled);
    assert.equal(killed.done.length, 1);
    assert.ok(killed.orders.every(({ requestId }) => requestId === killed.done[0]));
    // Every resting one has its own place among the depth updates.
    assert.equal(killed.deltas.length, cancelled.filter((clientId) => clientId !== 3).length);

    venue.send(SetMarketState, { marketId: 1, state: OrderBookState.Open });
    assert.deepEqual(venue.bid(2, 30, 1, { clientId: 5 }).rejects, [code]);
    assert.deepEqual(venue.bid(2, 30, 1, { clientId: 6, triggerPriceTicks: 45 }).rejects, [code]);
    const again = venue.send(SetKillSwitch, { scope, targetId, isActive: true });
    assert.deepEqual([again.orders.length, again.done.length], [0, 1]);
    assert.deepEqual(venue.bid(2, 30, 1, { clientId: 5 }).rejects, [code]);
    const lifted = venue.send(SetKillSwitch, { scope, targetId, isActive: false });
    assert.deepEqual([lifted.orders.length, lifted.done.length], [0, 1]);
    assert.deepEqual(venue.bid(2, 30, 1, { clientId: 5 }).rejects, []);
  });
}

test('latches are lifted one by one, and a market that is listed meanwhile is stopped with the venue', () => {
  const venue = venueWithOrders();
  const set = (scope: number, targetId: number, isActive: boolean) =>
    venue.send(SetKillSwitch, { scope, targetId, isActive });
  set(Account, 1, true);
  set(Market, 1, true);
  set(Venue, 0, true);
  venue.send(ListMarket, marketOf({ marketId: 3, baseAssetId: 1, quoteAssetId: 2 }));
  const bid = (marketId: number, accountId: number) =>
    venue.bid(accountId, 5, 1, { marketId }).rejects[0] ?? 0;
  assert.deepEqual([bid(3, 2), bid(1, 2), bid(3, 1)], [KillSwitch, KillSwitch, AccountKillSwitch]);
  set(Venue, 0, false);
  assert.deepEqual([bid(3, 2), bid(1, 2), bid(3, 1)], [0, KillSwitch, AccountKillSwitch]);
  set(Market, 1, false);
  assert.deepEqual([bid(3, 2), bid(1, 2), bid(3, 1)], [0, 0, AccountKillSwitch]);
  set(Account, 1, false);
  assert.equal(bid(3, 1), 0);
});

test('a latch on what there is not is refused, and every latch is described', () => {
  const venue = venueWithOrders();
  const on = (scope: number, targetId: number) =>
    venue.send(SetKillSwitch, { scope, targetId, isActive: true });
  assert.deepEqual(on(Market, 9).rejects, [RejectCode.UnknownMarket]);
  assert.deepEqual(on(Account, 9).rejects, [RejectCode.UnknownAccount]);
  for (const [scope, targetId] of [
    [Account, 2],
    [Market, 2],
    [Venue, 0],
  ] as const) {
    on(scope, targetId);
  }
  const described = [venue.send(DescribeState, {}), venue.send(DescribeAccounts, {})].map(
    ({ descriptions }) =>
      descriptions
        .filter(([name]) => name === 'KillSwitchDescribed')
        .map(([, { scope, targetId }]) => [scope, targetId]),
  );
  assert.deepEqual(described, [
    [
      [Venue, 0],
      [Market, 2],
    ],
    [[Account, 2]],
  ]);
});

/** Orders and changes of two accounts at different shards, in markets at both, under way when the latch falls. */
function raceWithLatch(seed: number, scope: number, targetId: number) {
  const cluster = new DirectCluster(2, new Random(seed));
  openCluster(cluster, everyday.setup);
  for (const accountId of [1, 2]) {
    for (const assetId of [BASE, QUOTE]) {
      cluster.inject(deposit(200 + 10 * accountId + assetId, accountId, assetId, 1_000_000));
    }
  }
  quiesce(cluster);
  let requestId = 300;
  const placeSome = () => {
    for (const accountId of [1, 2]) {
      for (const marketId of [1, 2]) {
        const price = marketId === 1 ? 90 : 900;
        cluster.inject(limit(requestId++, accountId, marketId, Side.Bid, price, 4));
        const placed = requestId - 1;
        const order = { accountId, marketId, orderId: 0, clientId: placed };
        const terms = { priceTicks: price + 1, quantityLots: 0, expiresAtUs: 0 };
        const body = { ...order, requestId: requestId++, ...terms };
        cluster.inject({ kind: 'replace', body });
      }
    }
  };
  placeSome();
  for (let steps = seed % 20; steps > 0; steps--) cluster.step();
  const kill: Command = {
    kind: 'setKillSwitch',
    body: { requestId: 1000, scope, targetId, isActive: true },
  };
  cluster.inject(kill);
  const firstAfter = 2000;
  requestId = firstAfter;
  placeSome();
  quiesce(cluster);
  checkAtRest(cluster);
  cluster.answers.assertAllGiven();
  return { cluster, firstAfter };
}

for (const [name, scope, targetId] of [
  ['venue', Venue, 0],
  ['market', Market, 1],
  ['account', Account, 2],
] as const) {
  test(`what is under way between shards when a latch on a ${name} falls ends once, and nothing comes after`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { cluster, firstAfter } = raceWithLatch(seed, scope, targetId);
      const isIn = ({ accountId, marketId }: { accountId: number; marketId: number }) =>
        scope === Venue || targetId === (scope === Market ? marketId : accountId);
      const events = cluster.heard.flatMap(({ orders }) => orders).filter(isIn);
      const accepted = events.filter(({ kind }) => kind === OrderEventKind.Accepted);
      const cancelled = events.filter(({ kind }) => kind === OrderEventKind.Cancelled);
      assert.deepEqual(
        cancelled.map(({ orderId }) => orderId).sort(),
        accepted.map(({ orderId }) => orderId).sort(),
        `seed ${seed}`,
      );
      assert.ok(cancelled.every(({ requestId }) => requestId === 1000));
      assert.ok(accepted.every(({ clientId }) => clientId! < firstAfter));
      const code = scope === Account ? AccountKillSwitch : KillSwitch;
      const refused = cluster.heard.flatMap(({ refusals }) => refusals);
      const ofLatch = refused.filter((refusal) => refusal.code === code);
      const stopped = scope === Venue ? 4 : 2;
      assert.ok(ofLatch.filter(({ requestId }) => requestId >= firstAfter).length >= stopped);
      for (const { state } of cluster.shards) {
        state.orders.forEach((slot) => {
          const order = { accountId: state.orders.accountId(slot) };
          const marketId = state.orders.marketId(slot);
          assert.ok(!isIn({ ...order, marketId }), 'an order outlived the latch');
        });
      }
    }
  });
}
