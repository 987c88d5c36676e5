import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useTestServer } from '../../persistence/testing/test-server.ts';
import { until } from '../../persistence/testing/until.ts';
import { type Item, SignedClient } from '../http/signed-client.fixture.ts';
import type { RestartingVenue } from '../recovery/restarting-venue.fixture.ts';
import { openTrading, type Trader } from '../recovery/trading-venue.fixture.ts';
import { TestSocket } from '../ws/socket.fixture.ts';
import { answeredOperations, heldFetch } from './held-answers.fixture.ts';
import { heardKinds } from './held-frames.fixture.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { SOCKET_METHODS } from './socket-methods.ts';
import { STREAMS } from './streams.ts';

const server = useTestServer();

const SYMBOL = 'symbol=SOL_USDC';

/** Of those that have to say something. */
const QUERIES: Readonly<Record<string, string>> = {
  market: SYMBOL,
  ticker: SYMBOL,
  depth: SYMBOL,
  trades: SYMBOL,
  tradeHistory: SYMBOL,
  klines: `${SYMBOL}&interval=1m&startTime=${Math.floor(Date.now() / 1000) - 600}`,
  maxOrderQuantity: `${SYMBOL}&side=Bid&price=100&autoBorrow=false`,
  maxBorrowQuantity: 'symbol=SOL',
  maxWithdrawalQuantity: 'symbol=SOL',
  depositAddress: 'blockchain=Solana',
};

const LIMIT = { symbol: 'SOL_USDC', orderType: 'Limit', price: '100', quantity: '1' };

/** Orders that rest, trade, wait, expire and are refused; answers the id of one that rests. */
async function trade(one: SignedClient, two: SignedClient): Promise<string> {
  const resting = await one.place({ price: '100', quantity: '3', clientId: 7 });
  await two.place({ side: 'Ask', price: '100', quantity: '1', timeInForce: 'IOC' });
  await two.place({ side: 'Ask', orderType: 'Market', quoteQuantity: '100' });
  await one.place({ price: '90', quantity: '1', timeInForce: 'IOC' });
  await one.place({ price: '120', triggerPrice: '110', triggerQuantity: '1' });
  const id = String(resting.id);
  await one.done('PATCH', '/api/v1/order', 'orderModify', {
    ...{ symbol: 'SOL_USDC', orderId: id, reduceQuantity: '0.5' },
  });
  return id;
}

/** What the operations that are no GET are asked, by their ids. */
function bodies(orderId: string): Readonly<Record<string, Item | Item[]>> {
  const reference = { symbol: 'SOL_USDC', orderId };
  return {
    placeOrder: { ...LIMIT, side: 'Bid', price: '95', postOnly: true },
    placeOrders: [{ ...LIMIT, side: 'Bid', price: '94' }, { symbol: 'NONE' }, {}],
    modifyOrder: { ...reference, price: '96' },
    cancelOrder: reference,
    cancelAllAfter: { timeoutMs: 60_000 },
    cancelOrders: { symbol: 'SOL_USDC' },
    updateAccount: { leverageLimit: '1' },
    withdraw: { address: 'somewhere', blockchain: 'Solana', symbol: 'SOL', quantity: '1' },
  };
}

test('every route has a description, and every description a route', async (context) => {
  const { venue } = await openTrading(context, server);
  const names = (all: readonly Pick<Operation, 'method' | 'path'>[]): string[] =>
    all.map(({ method, path }) => `${method} ${path}`).sort();
  assert.deepEqual(names(venue.gateway.http.routes), names(OPERATIONS));
  const ids = OPERATIONS.map(({ operationId }) => operationId);
  assert.equal(new Set(ids).size, ids.length, 'operation ids');
});

test('every request is answered as its description says', async (context) => {
  const { venue, traders } = await openTrading(context, server);
  const [one, two] = traders.map((trader) => new SignedClient(venue, trader));
  const orderId = await trade(one!, two!);
  const bodyOf = bodies(orderId);
  const queryOf: Readonly<Record<string, string>> = {
    ...QUERIES,
    openOrder: `${SYMBOL}&orderId=${orderId}`,
  };
  const reads = OPERATIONS.filter(({ method }) => method === 'get');
  const writes = OPERATIONS.filter(({ method }) => method !== 'get');
  for (const operation of [...reads, ...writes]) {
    await answered(venue, one!, operation, queryOf, bodyOf);
  }
  const missing = OPERATIONS.filter(({ operationId }) => !answeredOperations.has(operationId));
  assert.deepEqual(
    missing.map(({ operationId }) => operationId),
    [],
  );
});

async function answered(
  venue: RestartingVenue,
  client: SignedClient,
  { method, path, operationId, instruction }: Operation,
  queryOf: Readonly<Record<string, string>>,
  bodyOf: Readonly<Record<string, Item | Item[]>>,
): Promise<void> {
  const query = queryOf[operationId] ?? '';
  if (instruction === undefined) {
    const reply = await heldFetch(`${venue.url}${path}${query === '' ? '' : `?${query}`}`);
    assert.equal(reply.status, 200, `${operationId}: ${await reply.text()}`);
    return;
  }
  const verb = method === 'del' ? 'DELETE' : (method.toUpperCase() as 'GET' | 'POST' | 'PATCH');
  const body = bodyOf[operationId];
  const content = method === 'get' ? query : JSON.stringify(body);
  const reply = await venue.signed(client.trader.signer, verb, path, instruction, content);
  assert.equal(reply.status, 200, `${operationId}: ${await reply.text()}`);
}

test('every method of the socket is answered, and every stream told, as their descriptions say', async (context) => {
  const { venue, traders } = await openTrading(context, server);
  const url = `${venue.url.replace('http', 'ws')}/ws`;
  const [mine, others] = [await TestSocket.open(url), await TestSocket.open(url)];
  context.after(() => Promise.all([mine.close(), others.close()]));
  const [one, two] = traders as [Trader, Trader];
  await mine.logIn(one);
  await others.logIn(two);
  const streams = ['trade', 'depth', 'depth.200ms', 'bookTicker', 'ticker', 'kline.1s'];
  const names = streams.map((name) => `${name}.SOL_USDC`);
  mine.send({
    method: 'SUBSCRIBE',
    params: [...names, 'account.orderUpdate', 'account.balanceUpdate'],
  });
  await mine.request('SUBSCRIBE', { params: [] });
  const ask = async (socket: TestSocket, method: string, params?: object): Promise<never> => {
    const reply = await socket.request(method, params === undefined ? {} : { params });
    assert.equal(reply.status, 200, `${method}: ${JSON.stringify(reply)}`);
    return reply.result as never;
  };
  const bid = { ...LIMIT, side: 'Bid', quantity: '5' };
  const { id: orderId }: { id: string } = await ask(mine, 'order.place', bid);
  await ask(others, 'order.place', { ...LIMIT, side: 'Ask' });
  const reference = { symbol: 'SOL_USDC', orderId };
  await ask(mine, 'order.query', reference);
  await ask(mine, 'order.query', { symbol: 'SOL_USDC', limit: 10 });
  await ask(mine, 'order.query');
  await ask(mine, 'order.reduce', { ...reference, quantity: '1' });
  await ask(mine, 'order.replace', { ...reference, price: '99' });
  await ask(mine, 'order.batch', [{ ...bid, price: '98' }, {}] as never);
  await ask(mine, 'order.cancel', reference);
  await ask(mine, 'order.cancelAll');
  await ask(mine, 'balances.query');
  await ask(mine, 'session.cancelOnDisconnect', { cancelOnDisconnect: true, graceMs: 1000 });
  await ask(mine, 'session.cancelAllAfter', { timeoutMs: 60_000 });
  await ask(mine, 'session.status');
  await until('every stream was heard', () => STREAMS.every(({ name }) => heardKinds.has(name)));
  await ask(mine, 'session.logout');
  await ask(mine, 'session.status');
  mine.send({ method: 'SUBSCRIBE', params: ['account.orderUpdate'] });
  mine.send({ method: 'SUBSCRIBE', params: ['depth.7ms.SOL_USDC'] });
  await mine.frame((frame) => (frame.error as Item | undefined)?.code === 4008);
  assert.equal((await mine.request('order.place', { params: {} })).status, 401);
  const missing = SOCKET_METHODS.filter(({ method }) => !heardKinds.has(method));
  assert.deepEqual(missing, []);
});
