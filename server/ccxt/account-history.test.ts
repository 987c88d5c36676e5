import assert from 'node:assert/strict';
import { test } from 'node:test';
import ccxt, { type Order } from 'ccxt';
import { type CcxtTrader, useCcxtVenue } from './ccxt-venue.fixture.ts';
import { ETH, idOf, SOL, trade } from './trading.fixture.ts';

let maker: CcxtTrader;
let taker: CcxtTrader;

const venue = useCcxtVenue(async (venue) => {
  maker = await venue.trader('maker');
  taker = await venue.trader('taker');
});

/** For who names an order by the client id among the parameters: ccxt sends no other one then. */
const NO_ID = undefined as unknown as string;

const statuses = (orders: readonly Order[]) => orders.map(({ id, status }) => [id, status]);

test('orders are in fetchOrders and fetchClosedOrders as soon as their reply says so', async () => {
  const { rest } = taker;
  const { takerOrder } = await trade(maker, taker, SOL, 'buy', 1.5, 100);
  const closed = await rest.fetchClosedOrders(SOL);
  assert.deepEqual(statuses(closed), [[takerOrder.id, 'closed']]);
  const [order] = closed;
  assert.deepEqual(
    [order!.filled, order!.cost, order!.average, order!.price, order!.type, order!.side],
    [1.5, 150, 100, 100, 'limit', 'buy'],
  );
  assert.ok(Math.abs(order!.timestamp! - takerOrder.timestamp!) < 1000, 'UTC');
  const resting = await rest.createOrder(SOL, 'limit', 'buy', 2, 90, { clientOrderId: 77 });
  const cancelled = await rest.createOrder(ETH, 'limit', 'buy', 1, 50);
  await rest.cancelOrder(idOf(cancelled), ETH);
  const all = await rest.fetchOrders();
  assert.deepEqual(statuses(all), [
    [takerOrder.id, 'closed'],
    [resting.id, 'open'],
    [cancelled.id, 'canceled'],
  ]);
  assert.equal(all[1]!.clientOrderId, '77');
  assert.deepEqual(statuses(await rest.fetchOrders(ETH)), [[cancelled.id, 'canceled']]);
  assert.deepEqual(statuses(await rest.fetchOrders(undefined, undefined, 1)), [
    [cancelled.id, 'canceled'],
  ]);
  assert.deepEqual(statuses(await rest.fetchOrders(SOL, order!.timestamp!, 1)), [
    [resting.id, 'open'],
  ]);
  await assert.rejects(rest.fetchOrders(undefined, undefined, 1001), ccxt.BadRequest);
  await rest.cancelAllOrders(SOL);
});

test('an order is found by the id that its client gave it, open or ended', async () => {
  const { rest } = taker;
  const id = idOf(await rest.createOrder(SOL, 'limit', 'buy', 1, 90, { clientOrderId: 4001 }));
  const found = async (params: object): Promise<unknown[]> => [
    (await rest.fetchOrders(SOL, undefined, undefined, params)).map(idOf),
    (await rest.fetchClosedOrders(undefined, undefined, undefined, params)).map(idOf),
    (await rest.fetchMyTrades(SOL, undefined, undefined, params)).map(({ order }) => order),
  ];
  const byClientId = { clientId: 4001 };
  assert.equal((await rest.privateGetApiV1Order({ symbol: 'SOL_USDC', ...byClientId })).id, id);
  assert.equal((await rest.fetchOpenOrder(NO_ID, SOL, byClientId)).id, id);
  assert.deepEqual(await found(byClientId), [[id], [], []]);
  await maker.rest.createOrder(SOL, 'limit', 'sell', 1, 90);
  assert.deepEqual(await found(byClientId), [[id], [id], [id]]);
  assert.deepEqual(await found({ clientId: 4002 }), [[], [], []]);
  // It has no method for one order that may have ended.
  await assert.rejects(rest.fetchOrder(id, SOL, byClientId), ccxt.NotSupported);
});

test('fetchMyTrades has every fill with its fee, and keeps to its bounds', async () => {
  const { rest } = taker;
  const before = await rest.fetchMyTrades(ETH);
  assert.deepEqual(before, []);
  const { takerOrder, makerOrder } = await trade(maker, taker, ETH, 'sell', 0.5, 200);
  const [sold] = await rest.fetchMyTrades(ETH);
  assert.deepEqual(
    [sold!.order, sold!.side, sold!.takerOrMaker, sold!.price, sold!.amount, sold!.cost],
    [takerOrder.id, 'sell', 'taker', 200, 0.5, 100],
  );
  assert.deepEqual(sold!.fee, { cost: 0.05, currency: 'USDC' });
  const [bought] = await maker.rest.fetchMyTrades(ETH);
  assert.deepEqual([bought!.order, bought!.takerOrMaker], [makerOrder.id, 'maker']);
  const { timestamp } = sold!;
  const none = await rest.fetchMyTrades(ETH, timestamp! + 1, undefined);
  assert.deepEqual(none, []);
  const until = await rest.fetchMyTrades(ETH, timestamp! - 5, 10, { until: timestamp });
  assert.deepEqual(
    until.map(({ id }) => id),
    [sold!.id],
  );
});

test('money comes by the operator, goes by withdraw, and is in the books of both', async () => {
  const { rest } = await venue().trader('mover', { SOL: '10', USDC: '5' });
  const deposits = await rest.fetchDeposits();
  assert.deepEqual(
    deposits.map(({ currency, amount, status, id }) => [currency, amount, status, id]),
    [
      ['SOL', 10, 'ok', '1'],
      ['USDC', 5, 'ok', '2'],
    ],
  );
  assert.equal((await rest.fetchDeposits('SOL')).length, 1);
  const address = 'addr/with:odd chars';
  const made = await rest.withdraw('SOL', 1.25, address, 'mine', { network: 'SOL' });
  assert.deepEqual(
    [made.currency, made.amount, made.status, made.addressTo, made.fee?.cost, made.internal],
    ['SOL', 1.25, 'ok', address, 0, false],
  );
  assert.deepEqual(await rest.fetchWithdrawals('SOL'), [made]);
  assert.equal((await rest.fetchWithdrawals('SOL', made.timestamp! + 1)).length, 0);
  assert.equal((await rest.withdraw('SOL', 1.25, address, 'mine', { network: 'SOL' })).id, made.id);
  assert.equal((await rest.fetchBalance()).SOL!.free, 8.75);
  const tooMuch = rest.withdraw('SOL', 8.76, address, undefined, { network: 'SOL' });
  await assert.rejects(tooMuch, ccxt.InsufficientFunds);
  const { address: deposit } = await rest.fetchDepositAddress('SOL', { network: 'SOL' });
  assert.match(String(deposit), /^ringside-solana-/);
});

test('the account, and what a spot venue has none of, are answered', async () => {
  const { rest } = maker;
  const account = await rest.privateGetApiV1Account();
  assert.deepEqual([account.spotMakerFee, account.spotTakerFee], ['2', '5']);
  assert.deepEqual(await rest.fetchPositions(), []);
  assert.deepEqual(await rest.fetchFundingHistory(), []);
  await rest.privatePatchApiV1Account({ autoLend: true });
  const { maxOrderQuantity } = await rest.privateGetApiV1AccountLimitsOrder({
    ...{ symbol: 'SOL_USDC', side: 'Ask', price: '100' },
  });
  assert.equal(typeof maxOrderQuantity, 'string');
});
