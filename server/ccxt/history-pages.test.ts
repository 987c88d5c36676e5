import assert from 'node:assert/strict';
import { test } from 'node:test';
import ccxt, { type Order, type Trade } from 'ccxt';
import { until } from '../../persistence/testing/until.ts';
import { type CcxtTrader, useCcxtVenue } from './ccxt-venue.fixture.ts';
import { RandomTrader } from './random-trader.fixture.ts';
import { ETH, idOf, SOL, trade, unitsOf } from './trading.fixture.ts';

const REQUESTS = 160;

let left: CcxtTrader;
let right: CcxtTrader;

const venue = useCcxtVenue(async (venue) => {
  left = await venue.trader('left');
  right = await venue.trader('right');
  await trade(left, right, SOL, 'buy', 1, 100);
  const actors = [new RandomTrader(left, 3), new RandomTrader(right, 4)];
  for (let index = 0; index < REQUESTS; index++) {
    await Promise.all(actors.map((actor) => actor.operate()));
  }
});

/** All pages, oldest first as ccxt sorts them; the headers say how many there are. */
async function pagesOf<T extends { id?: string | undefined }>(
  { rest }: CcxtTrader,
  pageSize: number,
  fetchPage: (params: object) => Promise<T[]>,
): Promise<T[]> {
  const pages: T[][] = [];
  for (let offset = 0; ; offset += pageSize) {
    const page = await fetchPage({ offset });
    const headers = rest.last_response_headers as Record<string, string>;
    assert.equal(headers['X-Page-Size'], String(pageSize));
    assert.equal(headers['X-Current-Page'], String(pages.length + 1));
    pages.unshift(page);
    const total = Number(headers['X-Total']);
    if (offset + page.length >= total) {
      const all = pages.flat();
      assert.equal(all.length, total);
      assert.equal(headers['X-Page-Count'], String(pages.length));
      return all;
    }
    assert.equal(page.length, pageSize);
  }
}

test('all fills are found page by page, and are those of the table', async () => {
  for (const trader of [left, right]) {
    const { rest } = trader;
    const fills = await pagesOf(trader, 7, (params) =>
      rest.fetchMyTrades(undefined, undefined, 7, params),
    );
    assert.ok(fills.length > 3 * 7, `only ${fills.length} fills make few pages`);
    const rows = await venue().query(
      `select trade_id, order_id, side, price, quantity, fee, is_maker from fills
        where account_id = $1`,
      [trader.accountId],
    );
    const found = fills.map(({ id, order, side, price, amount, fee, takerOrMaker }) =>
      [id, order, side, price, amount, fee!.cost, takerOrMaker].join(' '),
    );
    const stored = rows.map((row) => {
      const side = row.side === 'Bid' ? 'buy' : 'sell';
      const figures = [row.price, row.quantity].map(Number).join(' ');
      const role = row.is_maker ? 'maker' : 'taker';
      return `${row.trade_id} ${row.order_id} ${side} ${figures} ${Number(row.fee)} ${role}`;
    });
    assert.deepEqual(found.sort(), stored.sort());
    assert.ok(fills.every(({ fee }) => fee!.currency === 'USDC'));
  }
});

test('a balance is the deposit, and what the fills that ccxt finds have changed', async () => {
  for (const trader of [left, right]) {
    const { rest } = trader;
    const fills = await rest.fetchMyTrades(SOL, undefined, 1000);
    let lots = unitsOf(10_000, 2);
    let quoteUnits = unitsOf(1_000_000, 6);
    for (const { side, amount, price, fee } of fills) {
      const sign = side === 'buy' ? 1 : -1;
      lots += sign * unitsOf(amount, 2);
      quoteUnits -= sign * unitsOf(amount, 2) * unitsOf(price, 2) * 100 + unitsOf(fee!.cost, 6);
    }
    const { SOL: base, USDC: quote } = await rest.fetchBalance();
    assert.equal(unitsOf(base!.total, 2), lots);
    assert.equal(unitsOf(quote!.total, 6), quoteUnits);
  }
});

test('all orders are found page by page, and their fills add up to what they say', async () => {
  const { rest } = left;
  const orders = await pagesOf(left, 23, (params) =>
    rest.fetchOrders(undefined, undefined, 23, params),
  );
  const fills = await rest.fetchMyTrades(SOL, undefined, 1000);
  const filled = new Map<string, number>();
  for (const { order, amount } of fills) {
    filled.set(order!, (filled.get(order!) ?? 0) + unitsOf(amount, 2));
  }
  for (const order of orders) {
    assert.equal(unitsOf(order.filled, 2), filled.get(idOf(order)) ?? 0, idOf(order));
  }
  const open = orders.filter(({ status }) => status === 'open').map(idOf);
  assert.deepEqual(new Set(open), new Set((await rest.fetchOpenOrders()).map(idOf)));
  const closed = await rest.fetchClosedOrders(SOL, undefined, 1000);
  assert.deepEqual(closed.map(idOf), orders.filter(({ status }) => status === 'closed').map(idOf));
});

test('the fills of one order are found by its id, as other bots ask for them', async () => {
  const { takerOrder } = await trade(left, right, ETH, 'buy', 0.25, 100);
  const orderId = idOf(takerOrder);
  const fills = await right.rest.fetchMyTrades(undefined, undefined, undefined, { orderId });
  assert.deepEqual(
    fills.map(({ order, amount }) => [order, amount]),
    [[orderId, 0.25]],
  );
  const [order] = await right.rest.fetchOrders(undefined, undefined, undefined, { orderId });
  assert.equal(order?.id, orderId);
  const unknown = { orderId: '99999999999999999999' };
  const none = await right.rest.fetchMyTrades(undefined, undefined, undefined, unknown);
  assert.deepEqual(none, []);
});

test('an order reads in the history as its reply did, whatever its kind and end', async () => {
  const one = await venue().trader('one');
  const two = await venue().trader('two');
  const { rest } = two;
  await two.rest.cancelAllOrders(ETH);
  await one.rest.createOrder(ETH, 'limit', 'sell', 0.5, 200);
  const place = (type: string, params: object, amount = 1, price: number | undefined = 200) =>
    rest.createOrder(ETH, type, 'buy', amount, price, params);
  const placed = [
    await place('limit', { timeInForce: 'IOC', clientOrderId: 5 }, 0.1),
    await place('market', { cost: 20 }, 0, undefined),
    await place('market', {}, 0.1, undefined),
    await place('limit', { timeInForce: 'IOC' }, 1),
    await place('limit', { postOnly: true }, 1, 150),
    await place('limit', { triggerPrice: 300 }, 1, 310),
    await place('limit', {}, 2, 100),
  ];
  const [, , , , , , last] = placed;
  await rest.cancelOrder(idOf(last!), ETH);
  const history = await rest.fetchOrders(ETH);
  assert.deepEqual(
    history.map(({ info }) => [info.status, info.expiryReason]),
    [
      ['Filled', null],
      ['Filled', null],
      ['Filled', null],
      ['Expired', 'ImmediateOrCancel'],
      ['New', null],
      ['TriggerPending', null],
      ['Cancelled', null],
    ],
  );
  for (const [index, order] of history.entries()) {
    const { status, ...told } = essence(placed[index]!);
    const { status: now, ...found } = essence(order);
    assert.deepEqual(found, told);
    assert.equal(now, order.id === last!.id ? 'canceled' : status);
    for (const absent of ['reduceOnly', 'relatedOrderId', 'triggeredAt']) {
      assert.ok(!(absent in order.info), absent);
    }
  }
});

test('a trader finds his order and its fill as soon as he has the reply', async () => {
  const { rest } = right;
  for (let count = 0; count < 20; count++) {
    const { takerOrder } = await trade(left, right, ETH, 'sell', 0.01, 100);
    const [closed, fills]: [Order[], Trade[]] = await Promise.all([
      rest.fetchClosedOrders(ETH, undefined, 1),
      rest.fetchMyTrades(ETH, undefined, 1),
    ]);
    assert.equal(closed[0]?.id, takerOrder.id);
    assert.equal(fills[0]?.order, takerOrder.id);
  }
});

test('the greatest quantity an account may order is taken, and one step more is not', async () => {
  const { rest } = await venue().trader('limit', { USDC: '1234.56789', SOL: '3.219' });
  const most = async (side: string, price: string): Promise<number> => {
    const query = { symbol: 'SOL_USDC', side, price };
    const answer = await rest.privateGetApiV1AccountLimitsOrder(query);
    assert.deepEqual([answer.symbol, answer.side, answer.price], ['SOL_USDC', side, price]);
    return Number(answer.maxOrderQuantity);
  };
  for (const [side, name, price] of [
    ['buy', 'Bid', 17.13],
    ['sell', 'Ask', 150],
  ] as const) {
    const quantity = await most(name, String(price));
    const more = Math.round(quantity * 100 + 1) / 100;
    const place = (amount: number) => rest.createOrder(SOL, 'limit', side, amount, price);
    await assert.rejects(place(more), ccxt.InsufficientFunds);
    await place(quantity);
    await rest.cancelAllOrders(SOL);
  }
  const left = await rest.privateGetApiV1AccountLimitsWithdrawal({ symbol: 'USDC' });
  assert.equal(left.maxWithdrawalQuantity, '1234.56789');
});

test('what the account has open is counted by kind', async () => {
  const { rest } = await venue().trader('counter');
  await rest.createOrder(SOL, 'limit', 'buy', 1, 50);
  await rest.createOrder(SOL, 'limit', 'buy', 1, 150, { triggerPrice: 140 });
  await rest.createOrder(SOL, 'limit', 'buy', 1, 160, { triggerPrice: 150 });
  const account = await rest.privateGetApiV1Account();
  assert.deepEqual([account.limitOrders, account.triggerOrders], [1, 2]);
  assert.deepEqual(await rest.privateGetApiV1BorrowLendPositions(), []);
  assert.deepEqual(await rest.privateGetWapiV1HistorySettlement(), []);
  await rest.privateGetApiV1CapitalCollateral();
});

test('the rows of withdrawals and deposits are what ccxt finds', async () => {
  const { accountId, rest } = await venue().trader('mover', { USDC: '100' });
  await rest.withdraw('USDC', 12.5, '0xabc', undefined, { network: 'ERC20' });
  await until('the row is written', async () => {
    const rows = await venue().query(
      `select kind, amount::float8 from transfers where account_id = $1 order by moved_at`,
      [accountId],
    );
    if (rows.length < 2) return false;
    const [deposit] = await rest.fetchDeposits('USDC');
    const [withdrawal] = await rest.fetchWithdrawals('USDC');
    assert.deepEqual(
      rows.map(({ amount }) => amount),
      [deposit!.amount, withdrawal!.amount],
    );
    assert.deepEqual([withdrawal!.network, withdrawal!.addressTo], ['ERC20', '0xabc']);
    return true;
  });
  // What ccxt calls `until` of deposits goes out under a name that nobody reads.
  const late = await rest.fetchDeposits('USDC', undefined, undefined, { until: 1 });
  assert.equal(late.length, 1);
  assert.equal((await rest.fetchWithdrawals('USDC', undefined, 1, { until: 1 })).length, 0);
});

function essence(order: Order) {
  const { id, clientOrderId, symbol, type, timeInForce, postOnly, side, price, amount } = order;
  const { filled, remaining, cost, average, status, triggerPrice } = order;
  return {
    ...{ id, clientOrderId, symbol, type, timeInForce, postOnly, side, price, amount },
    ...{ filled, remaining, cost, average, status, triggerPrice },
  };
}
