import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Order } from 'ccxt';
import { until } from '../../persistence/testing/until.ts';
import { type CcxtClient, type CcxtTrader, useCcxtVenue } from './ccxt-venue.fixture.ts';
import { BTC, ETH, idOf, SOL, trade } from './trading.fixture.ts';

let maker: CcxtTrader;
let taker: CcxtTrader;

const venue = useCcxtVenue(async (venue) => {
  maker = await venue.trader('maker');
  taker = await venue.trader('taker');
  await trade(maker, taker, SOL, 'buy', 1, 100);
});

/** The raw updates of one client, in the order they came. */
interface Listener {
  readonly client: CcxtClient;
  readonly updates: Record<string, unknown>[];
}

const listeners: Listener[] = [];

beforeEach(() => {
  listeners.length = 0;
});

afterEach(async () => {
  for (const { client } of listeners) await client.close();
  for (const { rest } of [maker, taker]) {
    for (const symbol of [SOL, ETH]) await rest.cancelAllOrders(symbol);
  }
});

/** A client of the trader's that watches his orders already: the venue does not say when it begins. */
async function watching(trader: CcxtTrader, symbol?: string): Promise<Listener> {
  const client = await venue().client(trader.credentials);
  const updates: Record<string, unknown>[] = [];
  listeners.push({ client, updates });
  let isHeard = false;
  const watched = client.watchOrders(symbol).then(() => {
    isHeard = true;
  });
  while (!isHeard) {
    const order = await trader.rest.createOrder(symbol ?? SOL, 'limit', 'buy', 1, 10);
    await trader.rest.cancelOrder(idOf(order), symbol ?? SOL);
  }
  await watched;
  const last = await trader.rest.createOrder(symbol ?? SOL, 'limit', 'buy', 1, 11);
  await trader.rest.cancelOrder(idOf(last), symbol ?? SOL);
  const isOver = ({ id, status }: Order) => id === idOf(last) && status === 'canceled';
  await until('the last of these is heard', () => client.orders!.some(isOver));
  const handle = client.handleOrder.bind(client);
  client.handleOrder = (socket, message) => {
    updates.push(message.data);
    handle(socket, message);
  };
  return { client, updates };
}

/** The order as ccxt has put it together. */
function heardOf(client: CcxtClient, order: Order): Order {
  const found = (client.orders ?? []).filter(({ id }: Order) => id === order.id);
  assert.equal(found.length, 1);
  return found[0]!;
}

function namesOf(updates: readonly Record<string, unknown>[], order: Order): unknown[] {
  return updates.filter(({ i }) => i === order.id).map(({ e }) => e);
}

test('an order is told from its acceptance to its end, to its own account only', async () => {
  const [mine, rivals] = [await watching(maker), await watching(taker)];
  const resting = await maker.rest.createOrder(SOL, 'limit', 'sell', 2, 100, { clientOrderId: 77 });
  const bought = await taker.rest.createOrder(SOL, 'limit', 'buy', 0.5, 101);
  const cancelled = await maker.rest.cancelOrder(idOf(resting), SOL);
  const names = ['orderAccepted', 'orderFill', 'orderCancelled'];
  await until('the end is heard', () => namesOf(mine.updates, resting).length === 3);
  assert.deepEqual(namesOf(mine.updates, resting), names);
  await until("the taker's fill is heard", () => namesOf(rivals.updates, bought).length === 2);
  assert.deepEqual(namesOf(rivals.updates, bought), names.slice(0, 2));
  assert.ok(mine.updates.every(({ i }) => i === resting.id));
  assert.ok(rivals.updates.every(({ i }) => i === bought.id));

  const [accepted, filled] = mine.updates;
  const recorded = ['E', 'O', 'Q', 'S', 'T', 'V', 'X', 'Z', 'e', 'f', 'i', 'o', 'p', 'q', 'r'];
  assert.deepEqual(Object.keys(accepted!).sort(), [...recorded, 'c', 's', 't', 'y', 'z'].sort());
  assert.deepEqual(
    [accepted!.X, accepted!.o, accepted!.S, accepted!.c, accepted!.Q, accepted!.t, filled!.X],
    ['New', 'LIMIT', 'Ask', 77, '200.000000', null, 'PartiallyFilled'],
  );
  const { l, L, z, Z, m, n, N } = filled!;
  assert.deepEqual([l, L, z, Z, m, n, N], ['0.5', '100', '0.5', '50', true, '0.01', 'USDC']);
  const takers = rivals.updates.at(-1)!;
  assert.deepEqual([takers.m, takers.n, takers.t], [false, '0.025', filled!.t]);

  const heard = heardOf(mine.client, resting);
  assert.deepEqual(
    [heard.status, heard.amount, heard.price, heard.clientOrderId, heard.cost, heard.timeInForce],
    [cancelled.status, cancelled.amount, cancelled.price, '77', cancelled.cost, 'GTC'],
  );
  assert.ok(Math.abs(heard.timestamp! - Date.now()) < 60_000, 'milliseconds of now');
});

test("the orders of a market are that market's, and both streams on one socket tell each once", async () => {
  const { client, updates } = await watching(maker, ETH);
  const other = await maker.rest.createOrder(SOL, 'limit', 'buy', 1, 50);
  const eth = await maker.rest.createOrder(ETH, 'limit', 'buy', 1, 50);
  await until('the order in ETH is heard', () => namesOf(updates, eth).length === 1);
  assert.deepEqual(namesOf(updates, other), []);
  await client.watchOrderBook(BTC);
  const all = client.watchOrders();
  // The venue reads this subscription after that of all orders.
  await client.watchOrderBook(SOL);
  updates.length = 0;
  await maker.rest.cancelOrder(idOf(eth), ETH);
  await maker.rest.cancelOrder(idOf(other), SOL);
  await until('the last cancel is heard', () => namesOf(updates, other).length === 1);
  // Each of the two streams says it; ccxt keeps one order.
  assert.deepEqual(namesOf(updates, eth), ['orderCancelled', 'orderCancelled']);
  assert.ok((await all).length > 0);
  assert.equal(heardOf(client, eth).status, 'canceled');
});

test('a remainder that expires says why', async () => {
  const { updates } = await watching(taker);
  await maker.rest.createOrder(SOL, 'limit', 'sell', 1, 100);
  const ioc = await taker.rest.createOrder(SOL, 'limit', 'buy', 3, 100, { timeInForce: 'IOC' });
  await until('its end is heard', () => namesOf(updates, ioc).length === 3);
  const [accepted, , expired] = updates.filter(({ i }) => i === ioc.id);
  assert.deepEqual([accepted!.e, accepted!.f], ['orderAccepted', 'IOC']);
  assert.deepEqual(
    [expired!.e, expired!.X, expired!.R, expired!.z],
    ['orderExpired', 'Expired', 'ImmediateOrCancel', '1'],
  );
});

test('a stop order is placed, fires and fills', async () => {
  const { client, updates } = await watching(taker);
  await maker.rest.createOrder(SOL, 'limit', 'buy', 5, 100);
  const params = { triggerPrice: 100 };
  const stop = await taker.rest.createOrder(SOL, 'limit', 'sell', 2, 99, params);
  await taker.rest.createOrder(SOL, 'limit', 'sell', 1, 100);
  const isFilled = ({ i, X }: Record<string, unknown>) => i === stop.id && X === 'Filled';
  await until('it has fired', () => updates.some(isFilled));
  assert.deepEqual(namesOf(updates, stop), ['triggerPlaced', 'orderAccepted', 'orderFill']);
  const heard = heardOf(client, stop);
  assert.deepEqual([heard.status, heard.triggerPrice], ['closed', 100]);
});

test("what ccxt calls filled is the last fill's quantity, whatever the update says", async () => {
  const { client, updates } = await watching(maker);
  const order = await maker.rest.createOrder(SOL, 'limit', 'sell', 2, 100);
  await taker.rest.createOrder(SOL, 'limit', 'buy', 0.5, 100);
  await taker.rest.createOrder(SOL, 'limit', 'buy', 1.5, 100);
  await until('both fills are heard', () => namesOf(updates, order).length === 3);
  const heard = heardOf(client, order);
  assert.deepEqual([heard.status, heard.filled, updates.at(-1)!.z], ['closed', 1.5, '2']);
});

test('orders are no longer heard after unWatchOrders', async () => {
  const { client, updates } = await watching(maker);
  await client.unWatchOrders();
  await client.unWatchOrders(SOL);
  // The venue reads this subscription after these.
  await client.watchOrderBook(BTC);
  updates.length = 0;
  const order = await maker.rest.createOrder(SOL, 'limit', 'buy', 1, 50);
  await maker.rest.cancelOrder(idOf(order), SOL);
  // A ticker comes within a second or so; what was published before it is here by then.
  await client.watchTicker(SOL);
  await client.watchTicker(SOL);
  assert.deepEqual(updates, []);
});

test('a spot venue takes the subscription of positions and says nothing', async () => {
  const { client } = await watching(maker);
  let endCount = 0;
  const ends = [client.watchPositions(), client.watchPositions([SOL])].map((watch) =>
    watch.catch((error: Error) => {
      endCount++;
      return error.constructor.name;
    }),
  );
  await client.watchTicker(SOL);
  await client.watchTicker(SOL);
  assert.equal(endCount, 0);
  // ccxt looks for positions that it never had, once the venue has been told.
  await assert.rejects(client.unWatchPositions(), TypeError);
  await client.close();
  assert.deepEqual(await Promise.all(ends), ['UnsubscribeError', 'ExchangeClosedByUser']);
});

test('a signature by another secret ends the watch with the reason, and the socket stays', async () => {
  const { secret } = taker.credentials;
  const forger = await venue().client({ ...maker.credentials, secret });
  listeners.push({ client: forger, updates: [] });
  await assert.rejects(forger.watchOrders(), /backpack Invalid signature/);
  assert.equal((await forger.watchTicker(SOL)).symbol, SOL);
  assert.equal(Object.keys(forger.clients).length, 1);
});
