import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import ccxt, { type Order } from 'ccxt';
import { until } from '../../persistence/testing/until.ts';
import { type CcxtTrader, useCcxtVenue } from './ccxt-venue.fixture.ts';
import { ETH, idOf, SOL, trade } from './trading.fixture.ts';

let maker: CcxtTrader;
let taker: CcxtTrader;

const venue = useCcxtVenue(async (venue) => {
  maker = await venue.trader('maker');
  taker = await venue.trader('taker');
  await trade(maker, taker, SOL, 'buy', 1, 100);
});

afterEach(async () => {
  for (const { rest } of [maker, taker]) {
    for (const symbol of [SOL, ETH]) await rest.cancelAllOrders(symbol);
  }
});

/** What the exchange's own answer has for a limit order, besides our `depthUpdateId` and `fills`. */
const LIMIT_ORDER_KEYS = [
  ...['clientId', 'createdAt', 'executedQuantity', 'executedQuoteQuantity', 'id', 'orderType'],
  ...['postOnly', 'price', 'quantity', 'reduceOnly', 'relatedOrderId', 'selfTradePrevention'],
  ...['side', 'status', 'stopLossLimitPrice', 'stopLossTriggerBy', 'stopLossTriggerPrice'],
  ...['strategyId', 'symbol', 'takeProfitLimitPrice', 'takeProfitTriggerBy'],
  ...['takeProfitTriggerPrice', 'timeInForce', 'triggerBy', 'triggerPrice', 'triggerQuantity'],
  'triggeredAt',
];

test('a limit order is rounded by the client, rests, and reads the same everywhere', async () => {
  const placed = await maker.rest.createOrder(SOL, 'limit', 'buy', 1.234, 100.019);
  const id = idOf(placed);
  assert.match(id, /^\d+$/);
  assert.ok(Math.abs(placed.timestamp! - Date.now()) < 60_000, 'milliseconds of now');
  assert.deepEqual(essence(placed), {
    ...{ symbol: SOL, type: 'limit', timeInForce: 'GTC', postOnly: false, side: 'buy' },
    ...{ price: 100.02, amount: 1.23, filled: 0, remaining: 1.23, cost: 0, status: 'open' },
    ...{ clientOrderId: undefined, triggerPrice: undefined, reduceOnly: undefined },
  });
  const { depthUpdateId, fills, ...answered } = placed.info;
  assert.deepEqual(Object.keys(answered).sort(), LIMIT_ORDER_KEYS);
  assert.ok(depthUpdateId > 0);
  assert.deepEqual(fills, []);

  const found = await maker.rest.fetchOpenOrder(id, SOL);
  assert.deepEqual(found.info, answered);
  assert.deepEqual(await maker.rest.fetchOpenOrders(SOL), [{ ...found }]);
  assert.deepEqual(await maker.rest.fetchOpenOrders(), [{ ...found }]);
  assert.deepEqual(await maker.rest.fetchOpenOrders(ETH), []);
  assert.deepEqual(await taker.rest.fetchOpenOrders(), []);
  await until('its row is written', async () => {
    const [row] = await venue().query(
      `select account_id::float8, client_id, side, order_type, time_in_force, post_only, status,
        price::float8, quantity::float8, executed_quantity::float8 from orders where order_id = $1`,
      [id],
    );
    if (row === undefined) return false;
    assert.deepEqual(Object.values(row), [
      ...[maker.accountId, null, 'Bid', 'Limit', 'GTC', false, 'New', 100.02, 1.23, 0],
    ]);
    return true;
  });
});

test('each convenience method places the order that its name says', async () => {
  const { rest } = maker;
  const placed = await Promise.all([
    rest.createLimitOrder(SOL, 'buy', 1, 90),
    rest.createLimitBuyOrder(SOL, 1, 91),
    rest.createLimitSellOrder(SOL, 1, 110),
    rest.createPostOnlyOrder(SOL, 'limit', 'sell', 1, 111),
    rest.createReduceOnlyOrder(SOL, 'limit', 'sell', 1, 112),
    rest.createTriggerOrder(SOL, 'limit', 'sell', 1, 80, 85),
  ]);
  assert.deepEqual(
    placed.map(({ type, side, price, postOnly, triggerPrice }) => [
      ...[type, side, price, postOnly, triggerPrice],
    ]),
    [
      ['limit', 'buy', 90, false, undefined],
      ['limit', 'buy', 91, false, undefined],
      ['limit', 'sell', 110, false, undefined],
      ['limit', 'sell', 111, true, undefined],
      ['limit', 'sell', 112, false, undefined],
      ['limit', 'sell', 80, false, 85],
    ],
  );
  assert.ok(placed.every(({ status }) => status === 'open'));
});

test('three ways to say post-only', async () => {
  for (const params of [{ postOnly: true }, { timeInForce: 'PO' }, { timeInForce: 'po' }]) {
    const order = await maker.rest.createOrder(SOL, 'limit', 'buy', 1, 90, params);
    assert.deepEqual([order.postOnly, order.timeInForce, order.status], [true, 'GTC', 'open']);
  }
});

test('IOC, FOK and GTC do what they say', async () => {
  await maker.rest.createOrder(SOL, 'limit', 'sell', 2, 100);
  const buy = (amount: number, timeInForce: string): Promise<Order> =>
    taker.rest.createOrder(SOL, 'limit', 'buy', amount, 100, { timeInForce });
  const none = { name: 'InvalidOrder', message: /Fill or kill order would not complete/ };
  await assert.rejects(buy(2.01, 'FOK'), none);
  assertFilled(await buy(0.5, 'FOK'), { status: 'closed', filled: 0.5, remaining: 0, cost: 50 });
  assertFilled(await buy(2, 'IOC'), { status: 'canceled', filled: 1.5, remaining: 0.5, cost: 150 });
  assertFilled(await buy(1, 'IOC'), { status: 'canceled', filled: 0, remaining: 1, cost: 0 });
  assertFilled(await buy(1, 'GTC'), { status: 'open', filled: 0, remaining: 1, cost: 0 });
});

test('a taker gets the price of the maker, and the average says so', async () => {
  await maker.rest.createOrder(SOL, 'limit', 'sell', 1, 100);
  await maker.rest.createOrder(SOL, 'limit', 'sell', 1, 101);
  const bought = await taker.rest.createOrder(SOL, 'limit', 'buy', 3, 105);
  assertFilled(bought, { status: 'open', filled: 2, remaining: 1, cost: 201, average: 100.5 });
  assert.deepEqual(
    bought.info.fills.map((fill: Record<string, unknown>) => [fill.price, fill.quantity, fill.fee]),
    [
      ['100', '1', '0.05'],
      ['101', '1', '0.0505'],
    ],
  );
});

test('market orders by base quantity trade at once and leave nothing', async () => {
  await maker.rest.createOrder(SOL, 'limit', 'sell', 2, 100);
  await maker.rest.createOrder(SOL, 'limit', 'buy', 2, 99);
  const bought = await taker.rest.createMarketBuyOrder(SOL, 1);
  assertFilled(bought, { status: 'closed', filled: 1, remaining: 0, cost: 100, average: 100 });
  assert.deepEqual([bought.type, bought.price, bought.postOnly], ['market', 100, false]);
  const sold = await taker.rest.createMarketSellOrder(SOL, 1.5);
  assertFilled(sold, { status: 'closed', filled: 1.5, remaining: 0, cost: 148.5, average: 99 });
  const more = await taker.rest.createMarketOrder(SOL, 'buy', 5);
  assertFilled(more, { status: 'canceled', filled: 1, remaining: 4, cost: 100, average: 100 });
  assert.deepEqual(await taker.rest.fetchOpenOrders(), []);
});

test('a market order by cost spends or earns it, and reads as what it executed', async () => {
  await maker.rest.createOrder(SOL, 'limit', 'sell', 2, 100);
  await maker.rest.createOrder(SOL, 'limit', 'buy', 2, 99);
  const order = (side: 'buy' | 'sell', params: object): Promise<Order> =>
    // Any amount: the cost replaces it.
    taker.rest.createOrder(SOL, 'market', side, 0, undefined, params);
  const bought = await order('buy', { cost: 50.5 });
  assertFilled(bought, { status: 'closed', filled: 0.5, remaining: 0, cost: 50, average: 100 });
  assert.deepEqual([bought.info.quoteQuantity, bought.amount], ['50.5', 0.5]);
  const sold = await order('sell', { quoteQuantity: 99 });
  assertFilled(sold, { status: 'closed', filled: 1, remaining: 0, cost: 99, average: 99 });
});

test('what ccxt calls a cost in three methods is a base quantity on the wire', async () => {
  await maker.rest.createOrder(SOL, 'limit', 'sell', 10, 100);
  await maker.rest.createOrder(SOL, 'limit', 'buy', 10, 99);
  const { rest } = taker;
  const orders = [
    await rest.createMarketBuyOrderWithCost(SOL, 2),
    await rest.createMarketOrderWithCost(SOL, 'buy', 3),
    await rest.createMarketSellOrderWithCost(SOL, 4),
  ];
  assert.deepEqual(
    orders.map(({ filled, info }) => [filled, info.quoteQuantity]),
    [
      [2, null],
      [3, null],
      [4, null],
    ],
  );
});

test("an order's own id is a number, written as one or as text, zero included", async () => {
  const { rest } = maker;
  for (const [clientOrderId, expected] of [
    [12345, '12345'],
    ['67890', '67890'],
    [0, '0'],
    [4294967295, '4294967295'],
  ] as const) {
    const order = await rest.createOrder(SOL, 'limit', 'buy', 1, 90, { clientOrderId });
    assert.equal(order.clientOrderId, expected);
    assert.equal((await rest.fetchOpenOrder(idOf(order), SOL)).clientOrderId, expected);
  }
  const open = await rest.fetchOpenOrders(SOL);
  assert.equal(open.length, 4);
  // ccxt puts `undefined` into JSON as nothing at all.
  const nothing = undefined as unknown as string;
  const cancelled = await rest.cancelOrder(nothing, SOL, { clientId: 12345 });
  assert.deepEqual([cancelled.clientOrderId, cancelled.status], ['12345', 'canceled']);
  await rest.cancelOrder(nothing, SOL, { clientId: 0 });
  assert.equal((await rest.fetchOpenOrders(SOL)).length, 2);
  const text = await rest.createOrder(SOL, 'limit', 'buy', 1, 90, { clientOrderId: 'mine' });
  assert.equal(text.clientOrderId, undefined);
});

test('who meets himself gets the expiry that he asked for', async () => {
  const { rest } = maker;
  const meet = async (selfTradePrevention?: string): Promise<(string | undefined)[]> => {
    const resting = await rest.createOrder(SOL, 'limit', 'sell', 1, 100);
    const params = selfTradePrevention === undefined ? {} : { selfTradePrevention };
    const coming = await rest.createOrder(SOL, 'limit', 'buy', 1, 100, params);
    const open = await rest.fetchOpenOrders(SOL);
    await rest.cancelAllOrders(SOL);
    const stateOf = (id: string) => (open.some((order) => order.id === id) ? 'open' : 'gone');
    return [
      coming.info.selfTradePrevention,
      stateOf(idOf(resting)),
      stateOf(idOf(coming)),
      coming.status,
    ];
  };
  assert.deepEqual(await meet(), ['RejectTaker', 'open', 'gone', 'canceled']);
  assert.deepEqual(await meet('EXPIRE_TAKER'), ['RejectTaker', 'open', 'gone', 'canceled']);
  assert.deepEqual(await meet('EXPIRE_MAKER'), ['RejectMaker', 'gone', 'open', 'open']);
  assert.deepEqual(await meet('EXPIRE_BOTH'), ['RejectBoth', 'gone', 'gone', 'canceled']);
});

test('a stop order waits for its price, then trades', async () => {
  await maker.rest.createOrder(SOL, 'limit', 'buy', 1, 100);
  await maker.rest.createOrder(SOL, 'limit', 'buy', 5, 95);
  const params = { triggerPrice: 100 };
  const market = await taker.rest.createOrder(SOL, 'market', 'sell', 1, undefined, params);
  const limit = await taker.rest.createOrder(SOL, 'limit', 'sell', 2, 94.5, params);
  for (const order of [market, limit]) {
    assert.deepEqual(
      [order.status, order.triggerPrice, order.info.status, order.info.triggerBy],
      ['open', 100, 'TriggerPending', 'LastPrice'],
    );
  }
  assert.deepEqual([market.amount, limit.amount], [1, 2]);
  assert.equal((await taker.rest.fetchOpenOrders(SOL)).length, 2);
  await taker.rest.createOrder(SOL, 'limit', 'sell', 1, 100);
  await until('both have fired', async () => (await taker.rest.fetchOpenOrders()).length === 0);
  const [rest] = await maker.rest.fetchOpenOrders(SOL);
  assert.deepEqual([rest?.price, rest?.remaining], [95, 2]);
});

test('cancelling all of one kind leaves the other', async () => {
  const { rest } = maker;
  const resting = await rest.createOrder(SOL, 'limit', 'buy', 1, 90);
  const stop = await rest.createOrder(SOL, 'limit', 'sell', 1, 80, { triggerPrice: 85 });
  const other = await rest.createOrder(ETH, 'limit', 'buy', 1, 90);
  const ids = (orders: Order[]): string[] => orders.map(idOf);
  const cancelled = await rest.cancelAllOrders(SOL, { orderType: 'ConditionalOrder' });
  assert.deepEqual(ids(cancelled), [stop.id]);
  assert.deepEqual(ids(await rest.cancelAllOrders(SOL)), [resting.id]);
  assert.deepEqual(await rest.cancelAllOrders(SOL), []);
  assert.deepEqual(ids(await rest.fetchOpenOrders()), [other.id]);
});

test('a batch is answered in its order, one order at a time', async () => {
  const prices = Array.from({ length: 18 }, (_, index) => 80 + index);
  const limit = (price: number, params = {}) =>
    ({ symbol: SOL, type: 'limit', side: 'buy', amount: 1, price, params }) as const;
  const orders = [
    ...prices.map((price, index) => limit(price, { clientOrderId: index })),
    { symbol: SOL, type: 'market', side: 'sell', amount: 0.5 } as const,
    { symbol: ETH, type: 'limit', side: 'sell', amount: 0.1, price: 3000.05 } as const,
    limit(1, { triggerPrice: 97, timeInForce: 'IOC', selfTradePrevention: 'EXPIRE_MAKER' }),
  ];
  const answers = await maker.rest.createOrders(orders, { autoLend: true });
  assert.equal(answers.length, orders.length);
  for (const [index, price] of prices.entries()) {
    const { clientOrderId, status, info } = answers[index]!;
    assert.deepEqual(
      [answers[index]!.price, clientOrderId, status, info.operation],
      [price, String(index), 'open', 'Ok'],
    );
  }
  // The maker's own bids are the best there are: the taker expires.
  assert.equal(answers[18]!.status, 'canceled');
  assert.deepEqual([answers[19]!.symbol, answers[19]!.status], [ETH, 'open']);
  assert.equal(answers[20]!.info.status, 'TriggerPending');
});

test('a refused order of a batch is an order without an id, and stops no other', async () => {
  const limit = (amount: number, params = {}) =>
    ({ symbol: SOL, type: 'limit', side: 'buy', amount, price: 90, params }) as const;
  const answers = await maker.rest.createOrders([
    limit(1),
    limit(1, { clientId: -1 }),
    limit(9_999_999),
    limit(2),
  ]);
  assert.deepEqual(
    answers.map(({ id, status, info }) => [id !== undefined, status, info.operation, info.code]),
    [
      [true, 'open', 'Ok', undefined],
      [false, undefined, 'Err', 'INVALID_CLIENT_REQUEST'],
      [false, undefined, 'Err', 'INVALID_QUANTITY'],
      [true, 'open', 'Ok', undefined],
    ],
  );
  assert.equal((await maker.rest.fetchOpenOrders(SOL)).length, 2);
});

test('an empty batch, signed over nothing, and one of 51 are refused as bad requests', async () => {
  await assert.rejects(maker.rest.createOrders([]), ccxt.BadRequest);
  const one = { symbol: SOL, type: 'limit', side: 'buy', amount: 1, price: 90 } as const;
  await assert.rejects(maker.rest.createOrders(Array(51).fill(one)), ccxt.BadRequest);
  assert.equal((await maker.rest.createOrders(Array(50).fill(one))).length, 50);
});

test('an order is cancelled by its id, as text or as a number', async () => {
  const { rest } = maker;
  const first = await rest.createOrder(SOL, 'limit', 'buy', 1, 90);
  const second = await rest.createOrder(SOL, 'limit', 'buy', 1, 91);
  const cancelled = await rest.cancelOrder(idOf(first), SOL);
  assert.deepEqual([cancelled.id, cancelled.status, cancelled.price], [first.id, 'canceled', 90]);
  const byNumber = Number(second.id) as unknown as string;
  assert.equal((await rest.cancelOrder(byNumber, SOL)).id, second.id);
  assert.deepEqual(await rest.fetchOpenOrders(), []);
});

test('an edit is a cancel and a new order', async () => {
  const { rest } = maker;
  const first = await rest.createOrder(SOL, 'limit', 'buy', 1, 90);
  const edited = await rest.editOrder(idOf(first), SOL, 'limit', 'buy', 2, 91);
  assert.notEqual(edited.id, first.id);
  assert.deepEqual([edited.amount, edited.price, edited.status], [2, 91, 'open']);
  const again = await rest.editLimitBuyOrder(idOf(edited), SOL, 3, 92);
  const open = await rest.fetchOpenOrders();
  assert.deepEqual(
    open.map(({ id, amount }) => [id, amount]),
    [[again.id, 3]],
  );
});

test('a balance is what is free and what orders lock', async () => {
  const trader = await venue().trader('saver', { USDC: '1000', SOL: '10' });
  const { rest } = trader;
  assert.deepEqual(await amounts(trader), { USDC: [1000, 0, 1000], SOL: [10, 0, 10] });
  await rest.createOrder(SOL, 'limit', 'buy', 2, 100);
  await rest.createOrder(SOL, 'limit', 'sell', 3, 200);
  // The lock of a bid has the taker's fee in it, 5 basis points.
  assert.deepEqual(await amounts(trader), { USDC: [799.9, 200.1, 1000], SOL: [7, 3, 10] });
  assert.deepEqual(await rest.fetchFreeBalance(), { USDC: 799.9, SOL: 7 });
  assert.deepEqual(await rest.fetchUsedBalance(), { USDC: 200.1, SOL: 3 });
  assert.deepEqual(await rest.fetchTotalBalance(), { USDC: 1000, SOL: 10 });
  await rest.cancelAllOrders(SOL);
  assert.deepEqual(await amounts(trader), { USDC: [1000, 0, 1000], SOL: [10, 0, 10] });
  const empty = await venue().trader('pauper', {});
  assert.deepEqual(await amounts(empty), {});
});

test('fields without a meaning on a spot venue change nothing', async () => {
  const params = {
    reduceOnly: true,
    autoBorrow: true,
    brokerId: 7,
    anything: { nested: [1, null] },
  };
  const order = await maker.rest.createOrder(SOL, 'limit', 'sell', 1, 110, params);
  assert.deepEqual([order.status, order.amount], ['open', 1]);
});

async function amounts({ rest }: CcxtTrader): Promise<Record<string, unknown[]>> {
  const { info, timestamp, datetime, free, used, total, ...accounts } = await rest.fetchBalance();
  return Object.fromEntries(
    Object.entries(accounts).map(([code, account]) => [
      code,
      [account.free, account.used, account.total],
    ]),
  );
}

interface Filled {
  readonly status: string;
  readonly filled: number;
  readonly remaining: number;
  readonly cost: number;
  readonly average?: number;
}

function assertFilled(order: Order, expected: Filled): void {
  const { status, filled, remaining, cost } = order;
  const { average, ...sums } = expected;
  assert.deepEqual({ status, filled, remaining, cost }, sums);
  if (average !== undefined) assert.equal(order.average, average);
}

function essence(order: Order) {
  const { symbol, type, timeInForce, postOnly, side, price, amount, filled, remaining } = order;
  const { cost, status, clientOrderId, triggerPrice, reduceOnly } = order;
  return {
    ...{ symbol, type, timeInForce, postOnly, side, price, amount, filled, remaining, cost },
    ...{ status, clientOrderId, triggerPrice, reduceOnly },
  };
}
