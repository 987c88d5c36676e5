import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Trader } from '../orders/venue.fixture.ts';
import { type Received, SocketVenue, type TestSocket } from './socket.fixture.ts';

let venue: SocketVenue;
let stopper: Trader;
let maker: TestSocket;
let taker: TestSocket;

before(async () => {
  venue = await SocketVenue.open();
  stopper = await venue.venue.addTrader();
  maker = await loggedIn(await venue.venue.addTrader());
  taker = await loggedIn(await venue.venue.addTrader());
});
after(() => venue.close());

type Order = Record<string, unknown> & { id: string; fills: object[] };

async function loggedIn(trader: Trader, isBinary = false): Promise<TestSocket> {
  const socket = await venue.connect();
  await socket.logIn(trader, isBinary);
  return socket;
}

const order = (side: 'Bid' | 'Ask', price: string, quantity: string) => ({
  params: { symbol: 'SOL_USDC', side, orderType: 'Limit', price, quantity },
});

const stop = (price: string, triggerPrice: string, more: object = {}) => ({
  ...{ symbol: 'SOL_USDC', side: 'Bid', orderType: 'Limit', price },
  ...{ triggerPrice, triggerQuantity: '2', ...more },
});

/** A trade of one SOL at `price`. */
async function trade(price: string): Promise<void> {
  await maker.request('order.place', order('Ask', price, '1'));
  const { result } = await taker.request('order.place', order('Bid', price, '1'));
  assert.equal((result as unknown as Order).status, 'Filled');
}

/** The next update of one order. */
async function update(socket: TestSocket, id: string): Promise<Record<string, unknown>> {
  const isOf = ({ data }: Received) => (data as { i?: string } | undefined)?.i === id;
  return (await socket.frame(isOf)).data as Record<string, unknown>;
}

for (const isBinary of [false, true]) {
  const encoding = isBinary ? 'msgpack' : 'JSON';
  test(`a stop order is placed, listed, fired and told in ${encoding}`, async () => {
    const socket = await loggedIn(stopper, isBinary);
    socket.send({ method: 'SUBSCRIBE', params: ['account.orderUpdate'], id: 'sub' });
    await socket.frame((frame) => frame.id === 'sub');
    await trade('100');
    const placing = await socket.request('order.place', { params: stop('110', '105') }, isBinary);
    const placed = placing.result as unknown as Order;
    const trigger = { triggerBy: 'LastPrice', triggerPrice: '105', triggerQuantity: '2' };
    const waiting = { ...trigger, status: 'TriggerPending', quantity: '2', triggeredAt: null };
    const membersOf = (of: Order) => Object.keys(waiting).map((name) => [name, of[name]]);
    assert.deepEqual(
      membersOf(placed),
      Object.entries(waiting).map(([name, value]) => [name, value]),
    );
    assert.deepEqual(placed.fills, []);
    const all = await socket.request('order.query', {}, isBinary);
    assert.deepEqual((all.result as unknown as Order[]).map(membersOf), [membersOf(placed)]);
    const told = await update(socket, placed.id);
    assert.deepEqual(
      ['e', 'X', 'P', 'Y', 'B', 'q', 'p'].map((key) => told[key]),
      ['triggerPlaced', 'TriggerPending', '105', '2', 'LastPrice', '2', '110'],
    );

    await trade('105');
    const accepted = await update(socket, placed.id);
    assert.deepEqual([accepted.e, accepted.X, accepted.P], ['orderAccepted', 'New', '105']);
    const params = { symbol: 'SOL_USDC', orderId: placed.id };
    const queried = await socket.request('order.query', { params }, isBinary);
    const fired = queried.result as unknown as Order;
    assert.equal(fired.status, 'New');
    assert.ok(Math.abs(Number(fired.triggeredAt) - Date.now()) < 60_000, 'milliseconds');
    await socket.request('order.cancel', { params }, isBinary);
    await socket.close();
  });
}

test('what a stop order takes when it fires is in no reply; what it takes when replaced is', async () => {
  const socket = await loggedIn(stopper);
  socket.send({ method: 'SUBSCRIBE', params: ['account.orderUpdate'], id: 'sub' });
  await socket.frame((frame) => frame.id === 'sub');
  await trade('100');
  await maker.request('order.place', order('Ask', '106', '0.5'));
  const { result } = await socket.request('order.place', { params: stop('106', '105') });
  const { id } = result as unknown as Order;
  await trade('105');
  for (const e of ['triggerPlaced', 'orderAccepted', 'orderFill']) {
    assert.equal((await update(socket, id)).e, e);
  }
  await maker.request('order.place', order('Ask', '107', '1'));
  const change = { symbol: 'SOL_USDC', orderId: id, price: '107' };
  const replacing = await socket.request('order.replace', { params: change });
  const replaced = replacing.result as unknown as Order;
  assert.equal(replaced.executedQuantity, '1.5');
  assert.deepEqual(
    replaced.fills.map((fill) => (fill as { price: string }).price),
    ['107'],
  );
  await socket.request('order.cancelAll', {});
  await socket.close();
});

test('a stop order that its market refuses when it fires is told as failed, and why', async () => {
  const socket = await loggedIn(stopper);
  socket.send({ method: 'SUBSCRIBE', params: ['account.orderUpdate'], id: 'sub' });
  await socket.frame((frame) => frame.id === 'sub');
  await trade('100');
  await maker.request('order.place', order('Ask', '106', '1'));
  const params = stop('110', '105', { postOnly: true });
  const { id } = (await socket.request('order.place', { params })).result as unknown as Order;
  await trade('105');
  assert.equal((await update(socket, id)).e, 'triggerPlaced');
  const failed = await update(socket, id);
  assert.deepEqual(
    [failed.e, failed.X, failed.rejectReason],
    ['triggerFailed', 'TriggerFailed', 'PostOnlyWouldTake'],
  );
  await maker.request('order.cancelAll', {});
  await socket.close();
});

test('a batch takes stop orders, and cancel-all can mean them alone or leave them', async () => {
  const socket = await loggedIn(stopper);
  await trade('100');
  const batch = [
    stop('110', '105'),
    order('Bid', '90', '1').params,
    stop('110', '105', { triggerQuantity: '50%' }),
    stop('80', '95', { side: 'Ask', orderType: 'Market', price: undefined }),
  ];
  const reply = await socket.request('order.batch', { params: batch });
  const items = reply.result as unknown as Record<string, unknown>[];
  assert.deepEqual(
    items.map(({ operation, code, status }) => [operation, code ?? status]),
    [
      ['Ok', 'TriggerPending'],
      ['Ok', 'New'],
      ['Err', 'NOT_IMPLEMENTED'],
      ['Ok', 'TriggerPending'],
    ],
  );
  const cancelled = async (orderType: string) => {
    const params = { symbol: 'SOL_USDC', orderType };
    const { result } = await socket.request('order.cancelAll', { params });
    return (result as unknown as Order[]).map(({ id }) => id);
  };
  assert.deepEqual(await cancelled('RestingLimitOrder'), [items[1]!.id]);
  assert.deepEqual(await cancelled('ConditionalOrder'), [items[0]!.id, items[3]!.id]);
  const wrong = { params: { symbol: 'SOL_USDC', orderType: 'Limit' } };
  assert.equal((await socket.request('order.cancelAll', wrong)).status, 400);
  const change = { symbol: 'SOL_USDC', orderId: items[0]!.id, quantity: '1' };
  assert.equal((await socket.request('order.replace', { params: change })).status, 404);
  await socket.close();
});

test('a pending stop order cannot be changed, and says so', async () => {
  const socket = await loggedIn(stopper);
  await trade('100');
  const placing = await socket.request('order.place', { params: stop('110', '105') });
  const { id } = placing.result as unknown as Order;
  const change = { symbol: 'SOL_USDC', orderId: id, price: '109' };
  const refused = await socket.request('order.replace', { params: change });
  const { code, message } = refused.error as { code: string; message: string };
  assert.equal(code, 'INVALID_ORDER');
  assert.match(message, /trigger/);
  await socket.request('order.cancelAll', {});
  await socket.close();
});
