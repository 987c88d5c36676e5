import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { type PlaceOrder, SetMarketState } from '../protocol/commands.ts';
import {
  CancelScope,
  OrderBookState,
  OrderEventKind,
  OrderStatus,
  OrderType,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from '../protocol/enums.ts';
import type { OrderEvent } from '../protocol/events.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { checkAtRest, quiesce } from './cluster-checks.fixture.ts';
import { deposit, everyday, limit, openCluster, QUOTE } from './cluster-commands.fixture.ts';
import { DirectCluster, RingCluster, type ShardCluster } from './shard-cluster.fixture.ts';
import type { Command } from './shard-harness.fixture.ts';

const { Accepted, Cancelled, TriggerPlaced, TriggerFailed } = OrderEventKind;

/** Account 1 lives on shard 1 of two, market 2 on shard 0: its stop orders are kept far from home. */
const FAR_MARKET = 2;
const STOP = 20;
const CANCEL = 21;
const TRIGGERING = 23;

function stopOf(requestId: number, accountId: number, terms: Partial<PlaceOrder>): Command {
  const { body } = limit(requestId, accountId, FAR_MARKET, Side.Bid, 1_003, 4);
  return { kind: 'place', body: { ...(body as PlaceOrder), triggerPriceTicks: 1_002, ...terms } };
}

/** A cluster at rest whose market 2 has traded at 1,000; what was said until then is forgotten. */
function openMarketAt1000(cluster: ShardCluster): void {
  openCluster(cluster, everyday.setup);
  let requestId = 1;
  for (const accountId of everyday.setup.accountIds) {
    for (const assetId of everyday.setup.assetIds) {
      cluster.inject(deposit(requestId++, accountId, assetId, 1e9));
    }
  }
  quiesce(cluster);
  requestId = 100;
  cluster.inject(limit(requestId++, 2, FAR_MARKET, Side.Ask, 1_000, 2));
  quiesce(cluster);
  cluster.inject(limit(requestId++, 4, FAR_MARKET, Side.Bid, 1_000, 2));
  quiesce(cluster);
  for (const said of cluster.heard) said.clear();
}

/** Account 4 takes what account 2 offers at 1,002, where the stop orders of these tests fire. */
function tradeAt1002(cluster: ShardCluster): void {
  cluster.inject(limit(TRIGGERING - 1, 2, FAR_MARKET, Side.Ask, 1_002, 2));
  cluster.inject(limit(TRIGGERING, 4, FAR_MARKET, Side.Bid, 1_002, 2));
}

function eventsOf(cluster: ShardCluster, accountId: number): OrderEvent[] {
  return cluster.heard
    .flatMap((said) => said.orders)
    .filter((event) => event.accountId === accountId);
}

function assertNothingLocked(cluster: DirectCluster, accountId: number): void {
  const { ledger } = cluster.shards[accountId % cluster.shardCount]!.state;
  for (const assetId of everyday.setup.assetIds) {
    assert.equal(ledger.locked(ledger.slot(accountId, assetId)), 0);
  }
}

const KINDS_OF_STOP: [what: string, terms: Partial<PlaceOrder>, whenFired: OrderEventKind][] = [
  ['rests', {}, Accepted],
  ['expires', { orderType: OrderType.Market, timeInForce: TimeInForce.IOC }, Accepted],
  ['cannot be filled', { timeInForce: TimeInForce.FOK }, TriggerFailed],
];

for (const [what, terms, whenFired] of KINDS_OF_STOP) {
  test(`a cancel that races the trade firing a stop order is right either way: one that ${what}`, () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 80; seed++) {
      const cluster = new DirectCluster(2, new Random(seed));
      openMarketAt1000(cluster);
      cluster.inject(stopOf(STOP, 1, terms));
      if (seed % 2 === 0) quiesce(cluster);
      tradeAt1002(cluster);
      for (let left = seed % 7; left > 0 && cluster.step(); left--);
      const named = { requestId: CANCEL, accountId: 1, marketId: FAR_MARKET };
      const isAll = seed % 5 === 0;
      cluster.inject(
        isAll
          ? { kind: 'cancelAll', body: { ...named, scope: 0 } }
          : { kind: 'cancel', body: { ...named, orderId: 0, clientId: STOP } },
      );
      quiesce(cluster);
      cluster.answers.assertAllGiven();
      checkAtRest(cluster);
      const kinds = eventsOf(cluster, 1).map(({ kind }) => kind as OrderEventKind);
      assert.equal(kinds[0], TriggerPlaced, `${kinds}`);
      const isFired = kinds[1] === whenFired;
      assert.equal(isFired, kinds.length > 1 && kinds[1] !== Cancelled, `${kinds}`);
      const isGone = kinds.includes(Cancelled);
      const refused = cluster.heard.flatMap((said) => said.refusals);
      const isRefused = refused.some(({ requestId }) => requestId === CANCEL);
      if (!isAll) assert.equal(isRefused, !isGone, `${kinds}`);
      assertNothingLocked(cluster, 1);
      seen.add(isFired ? 'fired' : 'cancelled');
    }
    assert.deepEqual([...seen].sort(), ['cancelled', 'fired']);
  });
}

test('a cancel-all of one kind that races a firing takes what is of that kind at its market', () => {
  for (const scope of [CancelScope.Resting, CancelScope.TriggerPending]) {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 80; seed++) {
      const cluster = new DirectCluster(2, new Random(seed));
      openMarketAt1000(cluster);
      cluster.inject(stopOf(STOP, 1, {}));
      quiesce(cluster);
      tradeAt1002(cluster);
      for (let left = seed % 9; left > 0 && cluster.step(); left--);
      const body = { requestId: CANCEL, accountId: 1, marketId: FAR_MARKET, scope };
      cluster.inject({ kind: 'cancelAll', body });
      quiesce(cluster);
      cluster.answers.assertAllGiven();
      checkAtRest(cluster);
      const kinds = eventsOf(cluster, 1).map(({ kind }) => kind as OrderEventKind);
      const isGone = kinds.includes(Cancelled);
      const isAfterFiring = kinds.includes(Accepted);
      if (isGone) assert.equal(isAfterFiring, scope === CancelScope.Resting, `${kinds}`);
      else assert.deepEqual(kinds, [TriggerPlaced, Accepted]);
      seen.add(isGone ? 'cancelled' : 'spared');
    }
    assert.deepEqual([...seen].sort(), ['cancelled', 'spared']);
  }
});

test('a stop order that fails far from home gives its lock back there, and its account hears of it', () => {
  const cluster = new DirectCluster(2, new Random(1));
  openMarketAt1000(cluster);
  cluster.inject(limit(10, 2, FAR_MARKET, Side.Ask, 1_003, 9));
  cluster.inject(stopOf(STOP, 1, { postOnly: true }));
  quiesce(cluster);
  const [placed] = eventsOf(cluster, 1) as [OrderEvent];
  assert.ok(placed.quoteLockedUnits > 4 * 1_003 * 7);
  tradeAt1002(cluster);
  quiesce(cluster);
  const [, failed, ...more] = eventsOf(cluster, 1) as [OrderEvent, OrderEvent];
  assert.equal(more.length, 0);
  assert.deepEqual(
    [failed.kind, failed.status, failed.requestId],
    [TriggerFailed, OrderStatus.TriggerFailed, 0],
  );
  assert.equal(failed.quoteLockedUnits, 0);
  assert.equal(failed.quoteAvailableUnits, placed.quoteAvailableUnits + placed.quoteLockedUnits);
  const refusals = cluster.heard.flatMap((said) => said.refusals);
  assert.deepEqual(refusals, [], 'nobody asked');
  checkAtRest(cluster);
});

test('a stop order refused far from home was never pending, and its lock returns', () => {
  const cluster = new DirectCluster(2, new Random(1));
  openCluster(cluster, everyday.setup);
  cluster.inject(deposit(1, 1, QUOTE, 1e9));
  quiesce(cluster);
  cluster.inject(stopOf(STOP, 1, {}));
  quiesce(cluster);
  const home = cluster.heard[1]!;
  assert.deepEqual(home.refusals, [{ requestId: STOP, code: RejectCode.NoReferencePrice }]);
  assert.equal(home.orders.length, 0);
  assert.equal(home.changes.at(-1)!.lockedUnits, 0);
  checkAtRest(cluster);
});

test('a stop order that comes to a market which has been closed since it left its home is refused there', () => {
  for (const [state, code] of [
    [OrderBookState.PostOnly, RejectCode.MarketPostOnly],
    [OrderBookState.CancelOnly, RejectCode.MarketCancelOnly],
    [OrderBookState.Closed, RejectCode.MarketClosed],
  ] as const) {
    const cluster = new DirectCluster(2, new Random(1));
    openMarketAt1000(cluster);
    // The owner has heard of it, the home has not.
    const frames = new FrameWriter();
    SetMarketState.encode(frames, 0, { requestId: 0, marketId: FAR_MARKET, state });
    const frame = new FrameReader();
    frame.reset(frames.bytes, frames.start, frames.end);
    assert.ok(frame.next());
    cluster.shards[0]!.apply(frame, -1, cluster.nowUs);
    cluster.inject(stopOf(STOP, 1, {}));
    quiesce(cluster);
    assert.deepEqual(cluster.heard[1]!.refusals, [{ requestId: STOP, code }]);
    assert.deepEqual(eventsOf(cluster, 1), []);
    assertNothingLocked(cluster, 1);
  }
});

test('a change of a stop order that races its firing is refused or made, and the lock stays right', () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 80; seed++) {
    const cluster = new DirectCluster(2, new Random(seed));
    openMarketAt1000(cluster);
    cluster.inject(stopOf(STOP, 1, {}));
    tradeAt1002(cluster);
    const named = { accountId: 1, marketId: FAR_MARKET, orderId: 0, clientId: STOP };
    for (let requestId = 30; requestId < 40; requestId += 2) {
      for (let left = 3; left > 0 && cluster.step(); left--);
      const terms = { priceTicks: 990 + requestId / 2, quantityLots: 4, expiresAtUs: 0 };
      cluster.inject({ kind: 'replace', body: { requestId, ...named, ...terms } });
      cluster.inject({
        kind: 'reduce',
        body: { requestId: requestId + 1, ...named, quantityLots: 1 },
      });
    }
    quiesce(cluster);
    cluster.answers.assertAllGiven();
    checkAtRest(cluster);
    const codes = cluster.heard.flatMap((said) => said.rejects);
    const changes = eventsOf(cluster, 1).filter(({ kind }) => kind === OrderEventKind.Modified);
    if (codes.includes(RejectCode.TriggerPending)) seen.add('refused');
    if (changes.length > 0) seen.add('made');
  }
  assert.deepEqual([...seen].sort(), ['made', 'refused']);
});

/** Stop orders of all accounts around 1,000, each eager to trade, over a book of single lots. */
function runCascades(cluster: ShardCluster, seed: number): void {
  const random = new Random(seed);
  openMarketAt1000(cluster);
  let requestId = 1_000;
  for (let step = 1; step <= 20; step++) {
    const [above, below] = [1_000 + step, 1_000 - step];
    cluster.inject(limit(requestId++, 2, FAR_MARKET, Side.Ask, above, 2));
    quiesce(cluster);
    cluster.inject(limit(requestId++, 3, FAR_MARKET, Side.Bid, below, 2));
    quiesce(cluster);
    for (let count = 0; count < 3; count++) {
      // The first of each step keeps the price rising.
      const isBid = count === 0 || random.below(2) === 0;
      const terms = {
        ...{ side: isBid ? Side.Bid : Side.Ask, priceTicks: isBid ? 1_300 : 700, quantityLots: 2 },
        ...{ orderType: OrderType.Market, timeInForce: TimeInForce.IOC },
        selfTradePrevention: SelfTradePrevention.Allow,
        triggerPriceTicks: count === 0 || random.below(2) === 0 ? above : below,
      };
      cluster.inject(stopOf(requestId++, 1 + random.below(5), terms));
      quiesce(cluster);
    }
  }
  cluster.inject(limit(requestId++, 4, FAR_MARKET, Side.Bid, 1_001, 2));
  quiesce(cluster);
  cluster.answers.assertAllGiven();
}

test('a cascade through accounts of every shard gives the same trades on 1, 2 and 4 shards', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const outcomes = [1, 2, 4].map((shardCount) => {
      const cluster = new DirectCluster(shardCount, new Random(seed));
      runCascades(cluster, seed);
      checkAtRest(cluster);
      const trades = cluster.heard.flatMap((said) => said.trades);
      assert.ok(trades.length > 10, `only ${trades.length} trades`);
      const prices = trades.map(({ priceTicks, quantityLots }) => [priceTicks, quantityLots]);
      const balances = everyday.setup.accountIds.flatMap((accountId) => {
        const { ledger } = cluster.shards[accountId % shardCount]!.state;
        return everyday.setup.assetIds.map((assetId) => {
          const slot = ledger.slot(accountId, assetId);
          return [ledger.available(slot), ledger.locked(slot)];
        });
      });
      return { prices, balances };
    });
    assert.deepEqual(outcomes[1], outcomes[0]);
    assert.deepEqual(outcomes[2], outcomes[0]);
  }
});

test('the same cascade comes through rings that hold few of its messages', () => {
  const direct = new DirectCluster(4, new Random(3));
  runCascades(direct, 3);
  const rings = new RingCluster(4, new Random(3), {
    ...{ commandBytes: 256, eventBytes: 512, shardBytes: 256 },
  });
  runCascades(rings, 3);
  for (const [shard, said] of rings.heard.entries()) {
    assert.deepEqual(said.trades, direct.heard[shard]!.trades);
  }
  const of = (cluster: ShardCluster) =>
    everyday.setup.accountIds.map((accountId) => eventsOf(cluster, accountId));
  assert.deepEqual(of(rings), of(direct));
});
