import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CancelAllOrders,
  CancelOrder,
  QueryOrder,
  QueryOrders,
  ReduceOrder,
  ReplaceOrder,
  ReportState,
  SetMarketState,
} from '../protocol/commands.ts';
import {
  CancelScope,
  OrderBookState,
  OrderEventKind,
  OrderStatus,
  TimeInForce,
} from '../protocol/enums.ts';
import type { OrderEvent } from '../protocol/events.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { BASE, FIRST_FUNDS, LoneMarket, MARKET, QUOTE } from './lone-market.fixture.ts';
import { STOP_ORDERS_MAX } from './order-desk.ts';
import { checkShard, type Heard } from './shard-harness.fixture.ts';

const { Accepted, Fill, Cancelled, Expired, TriggerPlaced, TriggerFailed } = OrderEventKind;

/** A market whose last trade was at 100, with `fields` of the listing. */
function marketAt100(fields: ConstructorParameters<typeof LoneMarket>[0] = {}): LoneMarket {
  const market = new LoneMarket(fields);
  market.trade(100);
  return market;
}

function kindsOf(accountId: number, { orders }: Heard): OrderEventKind[] {
  return orders
    .filter((event) => event.accountId === accountId)
    .map((event) => event.kind as OrderEventKind);
}

function lockedOf(market: LoneMarket, accountId: number, assetId: number): number {
  const { ledger } = market.shard.state;
  return ledger.locked(ledger.slot(accountId, assetId));
}

function pendingOf(market: LoneMarket): number {
  return market.shard.state.markets.require(1).triggers!.size;
}

test('a stop order waits, paid for and counted, and shows in no book', () => {
  const market = marketAt100({ takerFeeBps: 100 });
  const heard = market.bid(1, 110, 10, { triggerPriceTicks: 105, clientId: 9 });
  const [placed] = heard.orders as [OrderEvent];
  assert.equal(heard.orders.length, 1);
  assert.equal(placed.kind, TriggerPlaced);
  assert.equal(placed.status, OrderStatus.TriggerPending);
  assert.notEqual(placed.requestId, 0);
  assert.equal(placed.triggerPriceTicks, 105);
  assert.equal(placed.triggeredAtUs, 0);
  assert.equal(placed.quoteLockedUnits, 1_100 + 11);
  assert.equal(heard.deltas.length + heard.trades.length, 0);
  assert.equal(market.shard.state.orders.countOf(1), 1);
  assert.equal(market.shard.state.markets.require(1).book!.orderCount, 0);
  const again = market.bid(1, 110, 10, { triggerPriceTicks: 105, clientId: 9 });
  assert.deepEqual(again.rejects, [RejectCode.DuplicateClientId]);
});

test('a stop-limit order whose price is reached is accepted and rests', () => {
  const market = marketAt100();
  const { orderId } = market.bid(1, 104, 10, { triggerPriceTicks: 105 }).orders[0]!;
  assert.deepEqual(kindsOf(1, market.trade(104)), []);
  const heard = market.trade(105);
  const fired = heard.orders.filter((event) => event.orderId === orderId);
  assert.deepEqual(
    fired.map(({ kind, status, requestId }) => [kind, status, requestId]),
    [[Accepted, OrderStatus.New, 0]],
  );
  assert.equal(fired[0]!.triggeredAtUs, fired[0]!.timeUs);
  assert.equal(fired[0]!.triggerPriceTicks, 105);
  assert.equal(market.shard.state.markets.require(1).book!.openLots(orderId), 10);
  assert.deepEqual(heard.deltas.at(-1)!.levels, [0, 104, 10]);
});

test('a market stop takes what there is, and the rest of it expires', () => {
  const market = marketAt100();
  market.ask(2, 106, 4);
  market.bid(1, 131, 10, { ...MARKET, triggerPriceTicks: 105 });
  const heard = market.trade(105);
  assert.deepEqual(kindsOf(1, heard), [Accepted, Fill, Expired]);
  assert.deepEqual(
    heard.trades.map(({ priceTicks, quantityLots }) => [priceTicks, quantityLots]),
    [
      [105, 1],
      [106, 4],
    ],
  );
  assert.equal(heard.deltas.length, 2, 'the fired order is a change of the book of its own');
  assert.equal(lockedOf(market, 1, QUOTE), 0);
});

test('the command that fires a stop is answered before the stop does anything', () => {
  const market = marketAt100();
  market.bid(1, 131, 10, { ...MARKET, triggerPriceTicks: 105 });
  const { orders } = market.trade(105);
  const answer = orders.findIndex((event) => event.requestId !== 0);
  const fired = orders.findIndex((event) => event.accountId === 1);
  assert.ok(answer !== -1 && answer < fired);
  assert.ok(orders.slice(fired).every((event) => event.requestId === 0));
});

test('fired orders are matched in the order in which they fired, what theirs fire after them', () => {
  const market = marketAt100();
  // Asks of one lot at 101 … 106; each stop takes one of them.
  for (let price = 101; price <= 106; price++) market.ask(2, price, 1);
  const stops = [103, 102, 102, 104, 105].map((triggerPriceTicks) => {
    const terms = { ...MARKET, triggerPriceTicks };
    return market.bid(1, 131, 1, terms).orders[0]!.orderId;
  });
  const heard = market.bid(4, 102, 2);
  const takers = heard.trades.map(({ takerOrderId, priceTicks }) => [takerOrderId, priceTicks]);
  // At 102 the second and third fire; the second trades at 103, which fires the first, and so on.
  assert.deepEqual(takers.slice(2), [
    [stops[1], 103],
    [stops[2], 104],
    [stops[0], 105],
    [stops[3], 106],
  ]);
  assert.deepEqual(kindsOf(1, heard).slice(-2), [Accepted, Expired]);
  assert.equal(pendingOf(market), 0);
  assert.equal(heard.deltas.length, 5);
  checkShard(market.shard, true);
});

test('a cascade of stops that fire each other up and down ends', () => {
  const market = new LoneMarket({ maxPriceTicks: 10_000 });
  market.trade(1_000);
  const COUNT = STOP_ORDERS_MAX;
  for (let step = 1; step <= COUNT; step++) {
    market.ask(2, 1_000 + step, 1);
    market.bid(3, 1_000 - step, 1);
    // The n-th fall sets off the n-th rise and the other way round.
    market.bid(1, 9_000, 1, { ...MARKET, triggerPriceTicks: 1_000 - step });
    market.ask(4, 1, 1, { ...MARKET, triggerPriceTicks: 1_000 + step });
  }
  const heard = market.bid(1, 1_001, 1);
  assert.equal(heard.trades.length, 2 * COUNT);
  assert.equal(pendingOf(market), 0);
  const fired = heard.orders.filter(({ kind, triggeredAtUs }) => {
    return kind === Accepted && triggeredAtUs > 0;
  });
  assert.equal(new Set(fired.map(({ orderId }) => orderId)).size, 2 * COUNT);
  assert.equal(fired.length, 2 * COUNT, 'each fires once');
  assert.ok(heard.trades.some(({ priceTicks }) => priceTicks < 1_000));
  checkShard(market.shard, true);
});

test('one sweep fires on both sides of the last price', () => {
  const market = marketAt100();
  // Nobody trades on the way down, so the last price stays 100.
  market.ask(2, 95, 1);
  market.ask(2, 106, 1);
  market.bid(1, 50, 1, { triggerPriceTicks: 97 });
  market.bid(1, 50, 1, { triggerPriceTicks: 105 });
  const heard = market.bid(4, 110, 2);
  assert.deepEqual(kindsOf(1, heard), [Accepted, Accepted]);
});

test('a trigger equal to the last price fires at once', () => {
  const market = marketAt100();
  const { orders, deltas } = market.bid(1, 90, 10, { triggerPriceTicks: 100 });
  assert.deepEqual(
    orders.map(({ kind, requestId }) => [kind, requestId !== 0]),
    [
      [TriggerPlaced, true],
      [Accepted, false],
    ],
  );
  assert.equal(deltas.length, 1);
  assert.equal(pendingOf(market), 0);
});

test('a stop order in a market that never traded is refused, and so is one of a quote amount', () => {
  const fresh = new LoneMarket();
  const early = fresh.bid(1, 90, 10, { triggerPriceTicks: 100 });
  assert.deepEqual(early.rejects, [RejectCode.NoReferencePrice]);
  assert.equal(lockedOf(fresh, 1, QUOTE), 0);
  const market = marketAt100();
  const budget = { ...MARKET, quoteBudgetUnits: 1_000, triggerPriceTicks: 105 };
  assert.deepEqual(market.bid(1, 131, 0, budget).rejects, [RejectCode.QuantityOutOfRange]);
  const beyond = market.bid(1, 131, 1, { triggerPriceTicks: 1_000_001 });
  assert.deepEqual(beyond.rejects, [RejectCode.PriceOutOfRange]);
});

test('a stop order is held to the least notional and to its funds when it is placed', () => {
  const market = marketAt100({ minNotionalUnits: 1_000 });
  const small = market.bid(1, 110, 9, { triggerPriceTicks: 105 });
  assert.deepEqual(small.rejects, [RejectCode.NotionalTooSmall]);
  const poor = market.bid(1, 1_000_000, 101, { ...MARKET, triggerPriceTicks: 105 });
  assert.deepEqual(poor.rejects, [RejectCode.InsufficientFunds]);
});

test('a fired order that its market refuses has failed, and its lock returns', () => {
  const { PostOnlyWouldTake, FillOrKillUnfillable, PriceOutsideBand } = RejectCode;
  const failing: [why: RejectCode, terms: Parameters<LoneMarket['bid']>[3]][] = [
    [PostOnlyWouldTake, { postOnly: true }],
    [FillOrKillUnfillable, { timeInForce: TimeInForce.FOK }],
    [PriceOutsideBand, {}],
  ];
  for (const [why, terms] of failing) {
    const market = marketAt100({ priceBandBps: 1_000 });
    market.ask(2, 106, 5);
    const priceTicks = why === PriceOutsideBand ? 117 : 110;
    const { orderId } = market.bid(1, priceTicks, 10, { ...terms, triggerPriceTicks: 105 })
      .orders[0]!;
    const heard = market.trade(105);
    const failed = heard.orders.filter((event) => event.orderId === orderId);
    assert.deepEqual(
      failed.map(({ kind, status, requestId, rejectCode }) => [
        kind,
        status,
        requestId,
        rejectCode,
      ]),
      [[TriggerFailed, OrderStatus.TriggerFailed, 0, why]],
    );
    assert.equal(failed[0]!.triggeredAtUs, failed[0]!.timeUs);
    assert.equal(failed[0]!.quoteLockedUnits, 0);
    assert.equal(failed[0]!.quoteAvailableUnits, FIRST_FUNDS);
    assert.equal(lockedOf(market, 1, QUOTE), 0);
    assert.deepEqual(heard.rejects, [], 'nobody asked');
    const gone = market.send(CancelOrder, { accountId: 1, marketId: 1, orderId });
    assert.deepEqual(gone.rejects, [RejectCode.UnknownOrder]);
  }
});

test('a pending stop order of any time in force can be cancelled, alone and with all', () => {
  for (const terms of [{}, { timeInForce: TimeInForce.IOC }, { timeInForce: TimeInForce.FOK }]) {
    const market = marketAt100();
    const stop = { ...terms, triggerPriceTicks: 95 };
    const { orderId } = market.ask(1, 90, 10, stop).orders[0]!;
    market.ask(1, 90, 5, { ...stop, clientId: 3 });
    const alone = market.send(CancelOrder, { accountId: 1, marketId: 1, orderId });
    assert.deepEqual(kindsOf(1, alone), [Cancelled]);
    assert.equal(alone.orders[0]!.status, OrderStatus.Cancelled);
    assert.equal(alone.orders[0]!.baseLockedUnits, 5);
    assert.equal(alone.deltas.length, 0, 'the book did not change');
    const all = market.send(CancelAllOrders, { accountId: 1, marketId: 0 });
    assert.deepEqual(kindsOf(1, all), [Cancelled]);
    assert.equal(all.done.length, 1);
    assert.equal(lockedOf(market, 1, BASE), 0);
    assert.equal(pendingOf(market), 0);
    assert.equal(market.trade(95).trades.length, 1);
  }
});

test('cancel-all can mean the resting orders only, or the pending ones only', () => {
  const market = marketAt100();
  const resting = market.bid(1, 90, 1).orders[0]!.orderId;
  const pending = market.bid(1, 104, 1, { triggerPriceTicks: 105 }).orders[0]!.orderId;
  const cancelled = (scope: CancelScope) =>
    market.send(CancelAllOrders, { accountId: 1, scope }).orders.map(({ orderId }) => orderId);
  assert.deepEqual(cancelled(CancelScope.Resting), [resting]);
  assert.deepEqual(cancelled(CancelScope.Resting), []);
  assert.deepEqual(cancelled(CancelScope.TriggerPending), [pending]);
  // A stop order that has fired rests like any other.
  market.bid(1, 104, 1, { triggerPriceTicks: 105 });
  market.trade(105);
  assert.deepEqual(cancelled(CancelScope.TriggerPending), []);
  assert.equal(cancelled(CancelScope.Resting).length, 1);
});

test('a pending stop order cannot be reduced or replaced; a fired one that rests can', () => {
  const market = marketAt100();
  const { orderId } = market.bid(1, 104, 10, { triggerPriceTicks: 105 }).orders[0]!;
  const named = { accountId: 1, marketId: 1, orderId };
  const changes = () => [
    market.send(ReduceOrder, { ...named, quantityLots: 1 }).rejects,
    market.send(ReplaceOrder, { ...named, priceTicks: 103 }).rejects,
  ];
  const { TriggerPending } = RejectCode;
  assert.deepEqual(changes(), [[TriggerPending], [TriggerPending]]);
  market.trade(105);
  assert.deepEqual(changes(), [[], []]);
});

test('queries tell of pending stop orders and their triggers', () => {
  const market = marketAt100();
  market.bid(1, 80, 10);
  const { orderId } = market.bid(1, 104, 10, { triggerPriceTicks: 105 }).orders[0]!;
  const { orders } = market.send(QueryOrders, { accountId: 1, marketId: 0 });
  assert.deepEqual(
    orders.map(({ status, triggerPriceTicks }) => [status, triggerPriceTicks]),
    [
      [OrderStatus.New, 0],
      [OrderStatus.TriggerPending, 105],
    ],
  );
  market.trade(105);
  const { orders: later } = market.send(QueryOrder, { accountId: 1, marketId: 1, orderId });
  assert.equal(later[0]!.status, OrderStatus.New);
  assert.equal(later[0]!.triggerPriceTicks, 105);
  assert.ok(later[0]!.triggeredAtUs > 0);
});

test('stop orders may be placed when others may, and wait through any state of their market', () => {
  const market = marketAt100();
  market.bid(1, 104, 10, { triggerPriceTicks: 105 });
  const stop = { triggerPriceTicks: 95 };
  const place = (state: OrderBookState, postOnly: boolean) => {
    market.send(SetMarketState, { marketId: 1, state });
    return market.ask(2, 90, 1, { ...stop, postOnly }).rejects;
  };
  assert.deepEqual(place(OrderBookState.PostOnly, false), [RejectCode.MarketPostOnly]);
  assert.deepEqual(place(OrderBookState.PostOnly, true), []);
  assert.deepEqual(place(OrderBookState.CancelOnly, true), [RejectCode.MarketCancelOnly]);
  assert.deepEqual(place(OrderBookState.Closed, true), [RejectCode.MarketClosed]);
  assert.equal(pendingOf(market), 2);
  market.send(SetMarketState, { marketId: 1, state: OrderBookState.Open });
  assert.deepEqual(kindsOf(1, market.trade(105)), [Accepted]);
});

test('pending stop orders and the last price are part of what a shard reports of its state', () => {
  const reportOf = (market: LoneMarket) => {
    const { markets, shards } = market.send(ReportState, {});
    return { ...markets[0]!, stateHash: shards[0]!.stateHash, openOrders: shards[0]!.openOrders };
  };
  const [one, two] = [marketAt100(), marketAt100()];
  assert.deepEqual(reportOf(two), reportOf(one));
  assert.equal(reportOf(one).lastPriceTicks, 100);
  const before = reportOf(one);
  one.bid(1, 104, 10, { triggerPriceTicks: 105 });
  const after = reportOf(one);
  assert.notEqual(after.marketHash, before.marketHash);
  assert.notEqual(after.triggerHash, before.triggerHash);
  assert.equal(after.bookHash, before.bookHash);
  assert.notEqual(after.stateHash, before.stateHash);
  assert.equal(after.openOrders, before.openOrders + 1);
  two.bid(1, 104, 10, { triggerPriceTicks: 106 });
  assert.notEqual(reportOf(two).marketHash, after.marketHash);
  assert.notEqual(reportOf(two).stateHash, after.stateHash);
});

test('an account may have 200 open stop orders, so that one trade sets off a bounded cascade', () => {
  const market = marketAt100();
  const stop = (accountId: number) => market.bid(accountId, 110, 1, { triggerPriceTicks: 105 });
  const first = stop(1).orders[0]!;
  for (let count = 2; count <= 200; count++) assert.deepEqual(stop(1).rejects, []);
  assert.deepEqual(stop(1).rejects, [RejectCode.TooManyOpenOrders]);
  assert.deepEqual(market.bid(1, 90, 1).rejects, [], 'of another kind');
  assert.deepEqual(stop(2).rejects, [], 'of another account');
  market.send(CancelOrder, { accountId: 1, marketId: 1, orderId: first.orderId });
  assert.deepEqual(stop(1).rejects, []);
  assert.deepEqual(stop(1).rejects, [RejectCode.TooManyOpenOrders]);
});

test('a stop order that fired counts as one until it is gone', () => {
  const market = marketAt100();
  const stop = () => market.bid(1, 104, 1, { triggerPriceTicks: 105 }).rejects;
  for (let count = 1; count <= 200; count++) assert.deepEqual(stop(), []);
  // All of them rest now, at 104.
  market.trade(105);
  assert.equal(pendingOf(market), 0);
  const above = () => market.bid(1, 104, 1, { triggerPriceTicks: 106 }).rejects;
  assert.deepEqual(above(), [RejectCode.TooManyOpenOrders]);
  market.ask(2, 104, 1);
  assert.deepEqual(above(), []);
});
