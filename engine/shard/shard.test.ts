import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_ASSETS } from '../ledger/ledger.ts';
import {
  Audit,
  CancelOrder,
  CreateAccount,
  ListAsset,
  ListMarket,
  MoveFunds,
  PlaceOrder,
  ReduceOrder,
  ReplaceOrder,
} from '../protocol/commands.ts';
import { OrderEventKind, OrderStatus, OrderType, Side, TimeInForce } from '../protocol/enums.ts';
import { AssetListed, MarketListed, type OrderEvent } from '../protocol/events.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { LoneShard } from './shard-harness.fixture.ts';

const MAKER = 1;
const TAKER = 2;
const BASE = 1;
const QUOTE = 2;

/** Ticks of 1 quote unit, lots of 10 base units; 20 bps maker, 30 bps taker. */
function openVenue(): LoneShard {
  const bench = new LoneShard();
  bench.send(ListAsset, { assetId: BASE, symbol: 'SOL', decimals: 1 });
  bench.send(ListAsset, { assetId: QUOTE, symbol: 'USDC', decimals: 6 });
  bench.send(ListMarket, {
    marketId: 1,
    symbol: 'SOL_USDC',
    baseAssetId: BASE,
    quoteAssetId: QUOTE,
    baseUnitsPerLot: 10,
    quoteUnitsPerTickLot: 1,
    minPriceTicks: 1,
    maxPriceTicks: 1_000_000,
    minQuantityLots: 1,
    maxQuantityLots: 1_000_000,
    makerFeeBps: 20,
    takerFeeBps: 30,
  });
  for (const accountId of [MAKER, TAKER]) {
    bench.send(CreateAccount, { accountId, name: `account ${accountId}` });
    for (const assetId of [BASE, QUOTE]) {
      const transfer = { kind: 0, accountId, assetId, transferId: `first ${assetId}` };
      bench.send(MoveFunds, { ...transfer, amountUnits: 1_000_000 });
    }
  }
  return bench;
}

test('the same listing again is answered and changes nothing, another by its id is refused', () => {
  const bench = openVenue();
  const { spec } = bench.shard.state.markets.require(1);
  const asset = { assetId: BASE, symbol: 'SOL', decimals: 1 };
  const before = bench.shard.outputs.eventSequence;
  for (const [again, type] of [
    [bench.send(ListAsset, asset), AssetListed.type],
    [bench.send(ListMarket, spec), MarketListed.type],
  ] as const) {
    assert.deepEqual([again.types, again.said[0]!.isRecorded], [[type], false]);
  }
  assert.equal(bench.shard.outputs.eventSequence, before);
  for (const other of [
    bench.send(ListAsset, { ...asset, decimals: 2 }),
    bench.send(ListMarket, { ...spec, takerFeeBps: 31 }),
  ]) {
    assert.deepEqual(other.rejects, [RejectCode.AlreadyExists]);
  }
  assert.equal(bench.shard.state.markets.require(1).spec.takerFeeBps, 30);
});

test('an asset comes and goes for ever, as long as what is there can be counted', () => {
  const bench = openVenue();
  const most = Number.MAX_SAFE_INTEGER - 2_000_000;
  const move = (kind: number, amountUnits: number, round: string) =>
    bench.send(MoveFunds, {
      ...{ kind, accountId: MAKER, assetId: QUOTE, amountUnits },
      transferId: `${kind} ${round}`,
    });
  for (let round = 0; round < 5; round++) {
    assert.deepEqual(move(0, most, `${round}`).rejects, []);
    assert.deepEqual(move(0, 1, `${round} more`).rejects, [RejectCode.AmountTooLarge]);
    assert.deepEqual(move(1, most, `${round}`).rejects, []);
  }
  const sums = bench.send(Audit, {}).audits.find(({ assetId }) => assetId === QUOTE)!;
  assert.equal(sums.availableUnits, 2_000_000);
  assert.equal(sums.withdrawalUnits, String(5n * BigInt(most)));
  assert.equal(sums.depositUnits, String(5n * BigInt(most) + 2_000_000n));
});

const LIMIT = {
  marketId: 1,
  orderType: OrderType.Limit,
  timeInForce: TimeInForce.GTC,
};

function bid(accountId: number, priceTicks: number, quantityLots: number) {
  return { ...LIMIT, accountId, side: Side.Bid, priceTicks, quantityLots };
}

function ask(accountId: number, priceTicks: number, quantityLots: number) {
  return { ...LIMIT, accountId, side: Side.Ask, priceTicks, quantityLots };
}

test('a resting bid locks its notional and the highest fee', () => {
  const { orders, deltas } = openVenue().send(PlaceOrder, bid(MAKER, 1000, 100));
  assert.equal(orders.length, 1);
  assert.equal(orders[0]!.kind, OrderEventKind.Accepted);
  assert.notEqual(orders[0]!.requestId, 0);
  assert.equal(orders[0]!.quoteLockedUnits, 100_000 + 300);
  assert.equal(orders[0]!.quoteAvailableUnits, 1_000_000 - 100_300);
  assert.deepEqual(deltas[0]!.levels, [Side.Bid, 1000, 100]);
  assert.equal(deltas[0]!.updateId, 1);
});

test('a crossing bid pays the maker price and gets the improvement back', () => {
  const bench = openVenue();
  bench.send(PlaceOrder, ask(MAKER, 900, 60));
  const { orders, trades, deltas } = bench.send(PlaceOrder, bid(TAKER, 1000, 100));
  assert.deepEqual(
    orders.map((event) => [event.accountId, event.kind, event.requestId !== 0]),
    [
      [TAKER, OrderEventKind.Accepted, false],
      [TAKER, OrderEventKind.Fill, true],
      [MAKER, OrderEventKind.Fill, false],
    ],
  );
  const [, taken, made] = orders as [OrderEvent, OrderEvent, OrderEvent];
  assert.equal(taken.feeUnits, 162);
  assert.equal(made.feeUnits, 108);
  assert.equal(made.status, OrderStatus.Filled);
  assert.equal(taken.baseAvailableUnits, 1_000_600);
  // Paid 54,000 + 162; 40 lots at 1000 stay locked with their fee of 120.
  assert.equal(taken.quoteLockedUnits, 40_120);
  assert.equal(taken.quoteAvailableUnits, 1_000_000 - 54_162 - 40_120);
  assert.equal(made.quoteAvailableUnits, 1_000_000 + 54_000 - 108);
  assert.equal(made.baseLockedUnits, 0);
  assert.equal(trades.length, 1);
  assert.deepEqual(deltas[0]!.levels, [Side.Ask, 900, 0, Side.Bid, 1000, 40]);
});

test('an IOC remainder expires and its lock returns', () => {
  const bench = openVenue();
  bench.send(PlaceOrder, ask(MAKER, 900, 60));
  const order = { ...bid(TAKER, 900, 100), timeInForce: TimeInForce.IOC };
  const { orders } = bench.send(PlaceOrder, order);
  const last = orders.at(-1)!;
  assert.equal(last.kind, OrderEventKind.Expired);
  assert.notEqual(last.requestId, 0);
  assert.equal(last.quoteLockedUnits, 0);
});

test('post-only that would take and unfillable FOK change nothing', () => {
  const bench = openVenue();
  bench.send(PlaceOrder, ask(MAKER, 900, 60));
  const postOnly = bench.send(PlaceOrder, { ...bid(TAKER, 900, 10), postOnly: true });
  assert.deepEqual(postOnly.rejects, [RejectCode.PostOnlyWouldTake]);
  const fillOrKill = { ...bid(TAKER, 900, 61), timeInForce: TimeInForce.FOK };
  const refused = bench.send(PlaceOrder, fillOrKill);
  assert.deepEqual(refused.rejects, [RejectCode.FillOrKillUnfillable]);
  assert.equal(refused.orders.length + refused.deltas.length, 0);
});

test('a market bid by quote amount spends no more than it named', () => {
  const bench = openVenue();
  bench.send(PlaceOrder, ask(MAKER, 900, 60));
  bench.send(PlaceOrder, ask(MAKER, 1000, 60));
  const { orders } = bench.send(PlaceOrder, {
    ...bid(TAKER, 1250, 0),
    orderType: OrderType.Market,
    timeInForce: TimeInForce.IOC,
    quoteBudgetUnits: 60_500,
  });
  const last = orders.filter((event) => event.accountId === TAKER).at(-1)!;
  assert.equal(last.status, OrderStatus.Filled);
  assert.equal(last.executedLots, 66);
  assert.equal(last.executedQuoteUnits, 60_000);
  assert.equal(last.quoteLockedUnits, 0);
});

test('reduce keeps the place, replace loses it and may trade', () => {
  const bench = openVenue();
  const first = bench.send(PlaceOrder, ask(MAKER, 900, 60)).orders[0]!.orderId;
  const second = bench.send(PlaceOrder, ask(MAKER, 900, 60)).orders[0]!.orderId;
  const reference = { accountId: MAKER, marketId: 1 };
  bench.send(ReduceOrder, { ...reference, orderId: first, quantityLots: 50 });
  const taken = bench.send(PlaceOrder, bid(TAKER, 900, 11));
  assert.deepEqual(
    taken.trades.map((trade) => [trade.makerOrderId, trade.quantityLots]),
    [
      [first, 10],
      [second, 1],
    ],
  );
  bench.send(PlaceOrder, bid(TAKER, 800, 30));
  const replaced = bench.send(ReplaceOrder, {
    ...reference,
    orderId: second,
    priceTicks: 800,
    quantityLots: 41,
  });
  assert.equal(replaced.trades[0]!.quantityLots, 30);
  assert.deepEqual(
    replaced.orders.filter((event) => event.accountId === MAKER).map((event) => event.kind),
    [OrderEventKind.Modified, OrderEventKind.Fill],
  );
  const [modified, filled] = replaced.orders as [OrderEvent, OrderEvent];
  assert.equal(modified.quantityLots, 41);
  assert.equal(filled.executedLots, 31);
  assert.equal(filled.baseLockedUnits, 100);
});

test('what cannot be paid, found or repeated is refused', () => {
  const bench = openVenue();
  const poor = bench.send(PlaceOrder, bid(MAKER, 1000, 1000));
  assert.deepEqual(poor.rejects, [RejectCode.InsufficientFunds]);
  bench.send(PlaceOrder, { ...bid(MAKER, 1000, 10), clientId: 7 });
  const twice = bench.send(PlaceOrder, { ...bid(MAKER, 1000, 10), clientId: 7 });
  assert.deepEqual(twice.rejects, [RejectCode.DuplicateClientId]);
  const foreign = bench.send(CancelOrder, { accountId: TAKER, marketId: 1, orderId: 64 });
  assert.deepEqual(foreign.rejects, [RejectCode.UnknownOrder]);
  const own = bench.send(CancelOrder, { accountId: MAKER, marketId: 1, clientId: 7 });
  assert.equal(own.orders[0]!.kind, OrderEventKind.Cancelled);
  assert.equal(own.orders[0]!.quoteLockedUnits, 0);
});

test('a replaced bid needs no more than it costs at its new price', () => {
  const bench = openVenue();
  const order = bench.send(PlaceOrder, bid(MAKER, 9_970, 100)).orders[0]!;
  assert.equal(order.quoteAvailableUnits, 1_000_000 - 997_000 - 2_991);
  const { rejects, orders } = bench.send(ReplaceOrder, {
    ...{ accountId: MAKER, marketId: 1, orderId: order.orderId },
    ...{ priceTicks: 997, quantityLots: 1_000 },
  });
  assert.deepEqual(rejects, []);
  assert.equal(orders[0]!.quoteLockedUnits, 997_000 + 2_991);
});

test('a budget that pays for no lot any more is spent, whether or not the book is empty', () => {
  for (const [budget, status] of [
    [54_000, OrderStatus.Filled],
    [54_099, OrderStatus.Expired],
  ] as const) {
    const bench = openVenue();
    bench.send(PlaceOrder, ask(MAKER, 900, 60));
    const { orders } = bench.send(PlaceOrder, {
      ...bid(TAKER, 1250, 0),
      ...{ orderType: OrderType.Market, timeInForce: TimeInForce.IOC, quoteBudgetUnits: budget },
    });
    const last = orders.filter((event) => event.accountId === TAKER).at(-1)!;
    assert.equal(last.status, status);
    assert.equal(last.executedQuoteUnits, 54_000);
    assert.notEqual(last.requestId, 0);
  }
});

test('a limit order sized by quote amount is refused', () => {
  const { rejects } = openVenue().send(PlaceOrder, { ...bid(TAKER, 10, 0), quoteBudgetUnits: 100 });
  assert.deepEqual(rejects, [RejectCode.QuantityOutOfRange]);
});

test('an order may reach its shard until its time, and no microsecond later', () => {
  const bench = openVenue();
  const order = { ...PlaceOrder.create(), ...bid(MAKER, 1, 1), requestId: 99 };
  const expiresAtUs = 5_000_000;
  const at = (nowUs: number) =>
    bench.apply({ kind: 'place', body: { ...order, expiresAtUs } }, nowUs);
  assert.equal(at(expiresAtUs).orders.length, 1);
  assert.deepEqual(at(expiresAtUs + 1).rejects, [RejectCode.RequestExpired]);
});

test('a replace may reach its shard until its time, a reduce and a cancel at any', () => {
  const bench = openVenue();
  const { orderId } = bench.send(PlaceOrder, bid(MAKER, 1, 9)).orders[0]!;
  const named = { requestId: 99, accountId: MAKER, marketId: 1, orderId, clientId: null };
  const expiresAtUs = 5_000_000;
  const replaceAt = (nowUs: number, quantityLots: number) => {
    const terms = { priceTicks: 0, quantityLots, expiresAtUs };
    return bench.apply({ kind: 'replace', body: { ...named, ...terms } }, nowUs);
  };
  assert.equal(replaceAt(expiresAtUs, 8).orders[0]!.quantityLots, 8);
  const late = expiresAtUs + 1;
  const refused = replaceAt(late, 7);
  assert.deepEqual([refused.rejects, refused.orders], [[RejectCode.RequestExpired], []]);
  const reduce = { kind: 'reduce', body: { ...named, quantityLots: 1 } } as const;
  assert.equal(bench.apply(reduce, late).orders[0]!.quantityLots, 7);
  const { orders } = bench.apply({ kind: 'cancel', body: named }, late);
  assert.equal(orders[0]!.kind, OrderEventKind.Cancelled);
});

test('an account may have 10,000 open orders, and one more when one is gone', () => {
  const bench = openVenue();
  const first = bench.send(PlaceOrder, bid(MAKER, 1, 1)).orders[0]!;
  for (let open = 2; open <= 10_000; open++) {
    assert.equal(bench.send(PlaceOrder, bid(MAKER, 1, 1)).orders.length, 1);
  }
  const oneTooMany = bench.send(PlaceOrder, bid(MAKER, 1, 1));
  assert.deepEqual(oneTooMany.rejects, [RejectCode.TooManyOpenOrders]);
  assert.equal(bench.send(PlaceOrder, bid(TAKER, 1, 1)).orders.length, 1, 'of another account');
  bench.send(CancelOrder, { accountId: MAKER, marketId: 1, orderId: first.orderId });
  assert.equal(bench.send(PlaceOrder, bid(MAKER, 1, 1)).orders.length, 1);
});

test('an asset whose balances would share a key with another one is refused', () => {
  const refused = openVenue().send(ListAsset, { assetId: MAX_ASSETS, symbol: 'ONE', decimals: 0 });
  assert.deepEqual(refused.rejects, [RejectCode.TooManyAssets]);
});
