import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { PlaceOrder, ReplaceOrder } from '../protocol/commands.ts';
import {
  ExpiryReason,
  OrderEventKind,
  OrderStatus,
  OrderType,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { checkAtRest, checkFills, checkPrevented, quiesce } from './cluster-checks.fixture.ts';
import { deposit, limit, openCluster } from './cluster-commands.fixture.ts';
import { DirectCluster } from './shard-cluster.fixture.ts';
import { checkShard, type Heard, LoneShard, marketOf } from './shard-harness.fixture.ts';
import { setupCommands } from './venue-comparison.fixture.ts';
import { REGIMES } from './venue-flow.fixture.ts';

const { RejectTaker, RejectMaker, RejectBoth, Allow } = SelfTradePrevention;
const SELF = 1;
const OTHER = 2;
const BASE = 1;
const QUOTE = 2;
const FUNDS = 1_000_000;

interface Venue {
  readonly bench: LoneShard;
  /** Order ids: asks of the other at 100 × 3, of oneself at 100 × 4, of the other at 101 × 5. */
  readonly first: number;
  readonly own: number;
  readonly last: number;
}

/** A market without fees, whose asks are as `Venue` says. */
function openVenue(): Venue {
  const bench = new LoneShard();
  const market = marketOf({ marketId: 1, baseAssetId: BASE, quoteAssetId: QUOTE });
  const setup = { assetIds: [BASE, QUOTE], accountIds: [SELF, OTHER], markets: [market] };
  for (const command of setupCommands(setup)) bench.apply(command, 1);
  let requestId = 1;
  for (const accountId of setup.accountIds) {
    for (const assetId of setup.assetIds) {
      bench.apply(deposit(requestId++, accountId, assetId, FUNDS), 1);
    }
  }
  const ask = (accountId: number, priceTicks: number, quantityLots: number) =>
    bench.send(PlaceOrder, { ...order(Side.Ask, priceTicks, quantityLots), accountId }).orders[0]!;
  const first = ask(OTHER, 100, 3).orderId;
  const own = ask(SELF, 100, 4).orderId;
  const last = ask(OTHER, 101, 5).orderId;
  return { bench, first, own, last };
}

function order(side: Side, priceTicks: number, quantityLots: number) {
  return { marketId: 1, accountId: SELF, side, priceTicks, quantityLots };
}

/** The other buys its own first ask, so that oneself's is the best. */
function clearFirst(bench: LoneShard): void {
  const bid = { ...order(Side.Bid, 100, 3), accountId: OTHER, selfTradePrevention: Allow };
  assert.equal(bench.send(PlaceOrder, bid).trades.length, 1);
}

/** Kind, order, and whether it is the answer, of what the orders' events tell. */
function told(heard: Heard): [number, number, boolean][] {
  return heard.orders.map(({ kind, orderId, requestId }) => [kind, orderId, requestId !== 0]);
}

const { Accepted, Fill, Expired, Modified } = OrderEventKind;

test('RejectTaker: what is left of the taker expires, and the maker is untouched', () => {
  const { bench, first, own } = openVenue();
  const heard = bench.send(PlaceOrder, order(Side.Bid, 101, 10));
  const taker = heard.orders[0]!.orderId;
  assert.deepEqual(told(heard), [
    [Accepted, taker, false],
    [Fill, taker, false],
    [Fill, first, false],
    [Expired, taker, true],
  ]);
  const last = heard.orders.at(-1)!;
  assert.equal(last.expiryReason, ExpiryReason.SelfTradePrevention);
  assert.equal(last.status, OrderStatus.Expired);
  assert.deepEqual([last.executedLots, last.quoteLockedUnits, last.baseLockedUnits], [3, 0, 4]);
  assert.deepEqual(heard.prevented, [
    {
      ...{ marketId: 1, accountId: SELF, makerOrderId: own, takerOrderId: taker },
      ...{ takerSide: Side.Bid, mode: RejectTaker, priceTicks: 100, quantityLots: 4 },
      timeUs: last.timeUs,
    },
  ]);
  assert.deepEqual(heard.deltas[0]!.levels, [Side.Ask, 100, 4]);
  checkShard(bench.shard, true);
});

test('a taker that meets its own order first leaves the book as it was', () => {
  const { bench, first } = openVenue();
  clearFirst(bench);
  const { book } = bench.shard.state.markets.require(1);
  assert.equal(book!.openLots(first), 0);
  const hash = book!.hash();
  const heard = bench.send(PlaceOrder, order(Side.Bid, 101, 10));
  assert.deepEqual(
    heard.orders.map(({ kind }) => kind),
    [Accepted, Expired],
  );
  assert.equal(heard.prevented.length, 1);
  assert.deepEqual(heard.deltas, []);
  assert.equal(book!.hash(), hash);
});

test('RejectMaker: the maker expires where it is met, and the taker goes on and rests', () => {
  const { bench, first, own, last } = openVenue();
  const heard = bench.send(PlaceOrder, {
    ...order(Side.Bid, 101, 10),
    selfTradePrevention: RejectMaker,
  });
  const taker = heard.orders[0]!.orderId;
  assert.deepEqual(told(heard), [
    [Accepted, taker, false],
    [Fill, taker, false],
    [Fill, first, false],
    [Expired, own, false],
    [Fill, taker, true],
    [Fill, last, false],
  ]);
  const [, , , expired] = heard.orders;
  assert.equal(expired!.expiryReason, ExpiryReason.SelfTradePrevention);
  assert.equal(expired!.baseLockedUnits, 0);
  assert.deepEqual(
    heard.matches.map(({ makerOrderId, quantityLots }) => [makerOrderId, quantityLots]),
    [
      [first, 3],
      [own, 4],
      [last, 5],
    ],
  );
  assert.deepEqual(heard.deltas[0]!.levels, [
    ...[Side.Ask, 100, 0],
    ...[Side.Ask, 101, 0],
    ...[Side.Bid, 101, 2],
  ]);
  assert.equal(heard.orders[4]!.quoteLockedUnits, 2 * 101);
  checkShard(bench.shard, true);
});

test('RejectMaker: a taker that meets nothing but its own order rests behind it', () => {
  const { bench, own } = openVenue();
  clearFirst(bench);
  const heard = bench.send(PlaceOrder, {
    ...order(Side.Bid, 100, 10),
    selfTradePrevention: RejectMaker,
  });
  const taker = heard.orders.at(-1)!.orderId;
  assert.deepEqual(told(heard), [
    [Expired, own, false],
    [Accepted, taker, true],
  ]);
  assert.deepEqual(heard.deltas[0]!.levels, [Side.Ask, 100, 0, Side.Bid, 100, 10]);
});

test('RejectBoth: the maker and what is left of the taker expire', () => {
  const { bench, first, own } = openVenue();
  const heard = bench.send(PlaceOrder, {
    ...order(Side.Bid, 101, 5),
    selfTradePrevention: RejectBoth,
  });
  const taker = heard.orders[0]!.orderId;
  assert.deepEqual(told(heard).slice(1), [
    [Fill, taker, false],
    [Fill, first, false],
    [Expired, own, false],
    [Expired, taker, true],
  ]);
  assert.equal(heard.prevented[0]!.quantityLots, 2);
  assert.deepEqual(heard.deltas[0]!.levels, [Side.Ask, 100, 0]);
  const { baseLockedUnits, quoteLockedUnits } = heard.orders.at(-1)!;
  assert.deepEqual([baseLockedUnits, quoteLockedUnits], [0, 0]);
  checkShard(bench.shard, true);
});

test('Allow: an account trades with itself', () => {
  const { bench, own } = openVenue();
  const heard = bench.send(PlaceOrder, {
    ...order(Side.Bid, 100, 7),
    selfTradePrevention: Allow,
  });
  assert.deepEqual(heard.prevented, []);
  assert.deepEqual(heard.trades.at(-1)!.makerOrderId, own);
  assert.equal(heard.orders.at(-1)!.status, OrderStatus.Filled);
  checkShard(bench.shard, true);
});

test('fill-or-kill: own orders do not count, and an unfillable one leaves them be', () => {
  const cases = [
    [RejectTaker, 3, 4],
    [RejectMaker, 8, 9],
    [RejectBoth, 3, 4],
    [Allow, 12, 13],
  ] as const;
  for (const [selfTradePrevention, fillable, tooMany] of cases) {
    const { bench, own } = openVenue();
    const fillOrKill = { ...order(Side.Bid, 101, tooMany), timeInForce: TimeInForce.FOK };
    const refused = bench.send(PlaceOrder, { ...fillOrKill, selfTradePrevention });
    assert.deepEqual(refused.rejects, [RejectCode.FillOrKillUnfillable]);
    assert.equal(refused.prevented.length + refused.orders.length + refused.deltas.length, 0);
    assert.ok(bench.shard.state.markets.require(1).book!.openLots(own) > 0);
    const filled = bench.send(PlaceOrder, {
      ...{ ...fillOrKill, selfTradePrevention, quantityLots: fillable },
    });
    assert.equal(filled.prevented.length, selfTradePrevention === RejectMaker ? 1 : 0);
    const answer = filled.orders.find(({ requestId }) => requestId !== 0)!;
    assert.deepEqual([answer.status, answer.executedLots], [OrderStatus.Filled, fillable]);
  }
});

test('post-only is refused by price, whoever owns the other side', () => {
  const { bench } = openVenue();
  clearFirst(bench);
  const postOnly = { ...order(Side.Bid, 100, 1), postOnly: true, selfTradePrevention: RejectMaker };
  const heard = bench.send(PlaceOrder, postOnly);
  assert.deepEqual(heard.rejects, [RejectCode.PostOnlyWouldTake]);
  assert.equal(heard.prevented.length, 0);
});

test('a budget that pays for no lot of an own order does not meet it', () => {
  const byQuote = {
    ...order(Side.Bid, 101, 0),
    ...{ orderType: OrderType.Market, timeInForce: TimeInForce.IOC },
  };
  const { bench } = openVenue();
  const spent = bench.send(PlaceOrder, { ...byQuote, quoteBudgetUnits: 399 });
  assert.equal(spent.prevented.length, 0);
  assert.equal(spent.orders.find(({ requestId }) => requestId !== 0)!.status, OrderStatus.Filled);
  const met = openVenue().bench.send(PlaceOrder, { ...byQuote, quoteBudgetUnits: 599 });
  assert.equal(met.prevented[0]!.quantityLots, 2);
  const last = met.orders.at(-1)!;
  assert.deepEqual([last.kind, last.executedQuoteUnits, last.quoteLockedUnits], [Expired, 300, 0]);
});

test('a taker that is ended expires even where its budget pays for nothing that is left', () => {
  const { orders } = openVenue().bench.send(PlaceOrder, {
    ...{ ...order(Side.Bid, 101, 0), quoteBudgetUnits: 400, selfTradePrevention: RejectBoth },
    ...{ orderType: OrderType.Market, timeInForce: TimeInForce.IOC },
  });
  const last = orders.at(-1)!;
  assert.deepEqual([last.kind, last.expiryReason], [Expired, ExpiryReason.SelfTradePrevention]);
  assert.deepEqual([last.executedQuoteUnits, last.quoteLockedUnits], [300, 0]);
});

test('a replaced order obeys its mode: it may close, and its answer is the last event of it', () => {
  for (const [selfTradePrevention, kinds] of [
    [RejectTaker, [Modified, Fill, Expired]],
    [RejectMaker, [Modified, Fill, Fill]],
    [RejectBoth, [Modified, Fill, Expired]],
  ] as const) {
    const { bench, own } = openVenue();
    const resting = { ...order(Side.Bid, 90, 20), selfTradePrevention };
    const { orderId } = bench.send(PlaceOrder, resting).orders[0]!;
    const reference = { accountId: SELF, marketId: 1, orderId };
    const heard = bench.send(ReplaceOrder, { ...reference, priceTicks: 101, quantityLots: 20 });
    const events = heard.orders.filter((event) => event.orderId === orderId);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      kinds,
    );
    assert.deepEqual(
      events.map(({ requestId }) => requestId !== 0),
      [false, false, true],
    );
    const isOwnLeft = bench.shard.state.markets.require(1).book!.openLots(own) > 0;
    assert.equal(isOwnLeft, selfTradePrevention === RejectTaker);
    const isOpen = bench.shard.state.orders.find(orderId) !== -1;
    assert.equal(isOpen, selfTradePrevention === RejectMaker);
    checkShard(bench.shard, true);
  }
});

/**
 * Account 1 lives on shard 1, market 2 on shard 0. Its ask there is chased by changes from its home
 * while its own bid, which makes it expire, is under way too.
 */
test('a maker that expires while its account changes it is gone once, and every change is answered', () => {
  const everyday = REGIMES[0]!;
  const seen = new Set<string>();
  for (let seed = 1; seed <= 120; seed++) {
    const random = new Random(seed);
    const cluster = new DirectCluster(2, random);
    openCluster(cluster, everyday.setup);
    for (const assetId of everyday.setup.assetIds)
      cluster.inject(deposit(assetId, 1, assetId, 1e6));
    cluster.inject(limit(10, 1, 2, Side.Ask, 70, 9));
    quiesce(cluster);
    const named = { accountId: 1, marketId: 2, orderId: 0, clientId: 10 };
    const taker = limit(11, 1, 2, Side.Bid, 70, 4);
    assert.ok(taker.kind === 'place');
    taker.body.selfTradePrevention = [RejectMaker, RejectBoth][seed % 2]!;
    const replaced = { ...named, expiresAtUs: 0 };
    const changes = [
      { kind: 'reduce', body: { ...named, requestId: 12, quantityLots: 2 } },
      { kind: 'replace', body: { ...replaced, requestId: 13, priceTicks: 72, quantityLots: 12 } },
      { kind: 'replace', body: { ...replaced, requestId: 14, priceTicks: 70, quantityLots: 8 } },
      { kind: 'cancel', body: { ...named, requestId: 15 } },
    ] as const;
    const takerAt = random.below(changes.length + 1);
    for (let at = 0; at <= changes.length; at++) {
      if (at === takerAt) cluster.inject(taker);
      if (at < changes.length) cluster.inject(changes[at]!);
      for (let steps = random.below(4); steps > 0; steps--) cluster.step();
    }
    quiesce(cluster);
    cluster.answers.assertAllGiven();
    checkAtRest(cluster);
    checkFills(cluster.heard);
    checkPrevented(cluster.heard);
    const orders = cluster.heard.flatMap((said) => said.orders);
    const ends = orders.filter(({ clientId, kind }) => clientId === 10 && kind !== Modified);
    assert.equal(ends.length, 2, 'it was accepted and ended once');
    const refusals = cluster.heard.flatMap((said) => said.refusals);
    for (const { requestId, code } of refusals) {
      assert.equal(code, RejectCode.UnknownOrder, `request ${requestId}`);
    }
    seen.add(`${ends[1]!.kind} after ${orders.filter(({ kind }) => kind === Modified).length}`);
  }
  // At 72, after the second change, the taker does not meet it; the cancel waits for all three.
  const expired = [0, 1, 3].map((changes) => `${Expired} after ${changes}`);
  const should = [`${OrderEventKind.Cancelled} after 3`, ...expired];
  assert.deepEqual([...seen].sort(), should.sort());
});
