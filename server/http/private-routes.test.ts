import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Permission } from '../../engine/protocol/enums.ts';
import { ApiError } from '../api-error.ts';
import { Authenticator } from '../auth/authenticate.ts';
import { bodyParameters, queryParameters, signingStrings } from '../auth/signing-strings.ts';
import { TestVenue, type Trader } from '../orders/venue.fixture.ts';
import { capitalRoutes } from './capital.ts';
import { orderRoutes } from './order.ts';
import { ordersRoutes } from './orders.ts';
import type { HttpMethod, Route } from './route.ts';

let venue: TestVenue;
let trader: Trader;
let routes: Route[];

before(async () => {
  venue = await TestVenue.open();
  trader = await venue.addTrader();
  const dependencies = {
    authenticator: new Authenticator(venue.keys),
    gateway: venue.gateway,
    registry: venue.registry,
  };
  routes = [
    ...orderRoutes(dependencies),
    ...ordersRoutes(dependencies),
    ...capitalRoutes(dependencies),
  ];
});
after(() => venue.close());

type Answer = Record<string, unknown> & { readonly id: string };

/** Calls a route as the HTTP server would: headers, raw query, raw body. */
async function call(
  method: HttpMethod,
  path: string,
  instruction: string,
  content: string,
  { as = trader, tamper = {} as Record<string, string> } = {},
): Promise<never> {
  const route = routes.find((candidate) => candidate.method === method && candidate.path === path);
  assert.ok(route, `${method} ${path}`);
  const timestamp = String(Date.now());
  const sets = method === 'get' ? [queryParameters(content)!] : parameterSets(content);
  const text = signingStrings(instruction, sets, timestamp, '5000').at(-1)!;
  const headers: Record<string, string> = {
    'x-api-key': as.signer.apiKey,
    'x-signature': as.signer.sign(text),
    'x-timestamp': timestamp,
    ...tamper,
  };
  const reply = await route.handle(
    {
      method,
      path,
      query: method === 'get' ? content : '',
      body: method === 'get' ? '' : content,
      header: (name) => headers[name] ?? '',
      remoteAddress: '127.0.0.1',
      receivedUs: 0,
    },
    {},
  );
  assert.equal(reply.status, 200);
  assert.equal(reply.contentType, 'application/json; charset=utf-8');
  return JSON.parse(reply.body) as never;
}

function parameterSets(content: string): ReturnType<typeof bodyParameters>[] {
  try {
    const body: unknown = JSON.parse(content);
    if (Array.isArray(body)) return body.map((order: object) => bodyParameters(order ?? {}));
    return [bodyParameters(body as object)];
  } catch {
    return [[]];
  }
}

const order = '/api/v1/order';
const orders = '/api/v1/orders';
const LIMIT = { symbol: 'SOL_USDC', side: 'Bid', orderType: 'Limit', price: '50', quantity: '2' };
const place = (fields: object): Promise<Answer> =>
  call('post', order, 'orderExecute', JSON.stringify({ ...LIMIT, ...fields }));

test('an order is placed, found, reduced, replaced and cancelled by either id', async () => {
  const placed = await place({ clientId: 7 });
  assert.equal(placed.status, 'New');
  assert.equal(placed.clientId, 7);
  assert.deepEqual(placed.fills, []);
  const byClient: Answer = await call('get', order, 'orderQuery', 'clientId=7&symbol=SOL_USDC');
  assert.equal(byClient.id, placed.id);
  assert.equal('fills' in byClient, false);
  const target = { symbol: 'SOL_USDC', orderId: placed.id };
  const reduced: Answer = await call(
    'patch',
    order,
    'orderModify',
    JSON.stringify({ ...target, reduceQuantity: '0.5' }),
  );
  assert.equal(reduced.quantity, '1.5');
  const replaced: Answer = await call(
    'patch',
    order,
    'orderModify',
    JSON.stringify({ ...target, price: '49.5', quantity: '3' }),
  );
  assert.deepEqual([replaced.price, replaced.quantity], ['49.5', '3']);
  const cancelled: Answer = await call('del', order, 'orderCancel', JSON.stringify(target));
  assert.equal(cancelled.status, 'Cancelled');
  const gone = { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'Not Found' };
  const query = `orderId=${placed.id}&symbol=SOL_USDC`;
  await assert.rejects(call('get', order, 'orderQuery', query), gone);
  await assert.rejects(call('del', order, 'orderCancel', JSON.stringify(target)), gone);
});

test('a batch answers in request order, and cancel all answers what it cancelled', async () => {
  const batch = [
    { ...LIMIT, price: '40' },
    { ...LIMIT, price: '0' },
    { ...LIMIT, price: '41' },
  ];
  const items: Answer[] = await call('post', orders, 'orderExecute', JSON.stringify(batch));
  assert.deepEqual(
    items.map(({ operation, code, price }) => [operation, code ?? price]),
    [
      ['Ok', '40'],
      ['Err', 'INVALID_PRICE'],
      ['Ok', '41'],
    ],
  );
  await place({ symbol: 'ETH_USDC' });
  const open: Answer[] = await call('get', orders, 'orderQueryAll', '');
  assert.equal(open.length, 3);
  const ofMarket: Answer[] = await call('get', orders, 'orderQueryAll', 'symbol=ETH_USDC');
  assert.equal(ofMarket.length, 1);
  const cancelAll = (fields: object): Promise<Answer[]> =>
    call('del', orders, 'orderCancelAll', JSON.stringify(fields));
  assert.equal((await cancelAll({ symbol: 'SOL_USDC' })).length, 2);
  assert.deepEqual(await cancelAll({ symbol: 'SOL_USDC' }), []);
  const conditional = { symbol: 'ETH_USDC', orderType: 'ConditionalOrder' };
  assert.deepEqual(await cancelAll(conditional), []);
  assert.equal((await cancelAll({ symbol: 'ETH_USDC', orderType: 'RestingLimitOrder' })).length, 1);
  const bad = { code: 'INVALID_CLIENT_REQUEST' };
  await assert.rejects(cancelAll({}), bad);
  await assert.rejects(cancelAll({ symbol: 'SOL_USDC', orderType: 'All' }), bad);
});

test('a signed question that names something twice is refused, whatever is signed first', async () => {
  const twice = { status: 400, code: 'INVALID_CLIENT_REQUEST', message: /given more than once/ };
  const markets = ['symbol=SOL_USDC&symbol=ETH_USDC', 'symbol=ETH_USDC&symbol[0]=ETH_USDC'];
  for (const symbols of markets) {
    await assert.rejects(call('get', orders, 'orderQueryAll', symbols), twice, symbols);
    const query = `clientId=7&${symbols}`;
    await assert.rejects(call('get', order, 'orderQuery', query), twice, query);
  }
  for (const ids of ['clientId=7&clientId=8', 'orderId=7&orderId=8']) {
    await assert.rejects(call('get', order, 'orderQuery', `${ids}&symbol=SOL_USDC`), twice, ids);
  }
  const listed = 'marketType=PERP&marketType=SPOT&symbol=ETH_USDC';
  assert.deepEqual(await call('get', orders, 'orderQueryAll', listed), []);
});

test('a stop order is placed, listed and cancelled by its kind, also in a batch', async () => {
  venue.referenceTicks = 0;
  const other = await venue.addTrader();
  const trade = { ...LIMIT, price: '60', quantity: '1' };
  const selling = JSON.stringify({ ...trade, side: 'Ask' });
  await call('post', order, 'orderExecute', selling, { as: other });
  assert.equal((await place(trade)).status, 'Filled');
  const stop = { orderType: 'Market', side: 'Ask', symbol: 'SOL_USDC' };
  const trigger = { triggerPrice: '55', triggerQuantity: '2' };
  const body = JSON.stringify({ ...stop, ...trigger });
  const placed: Answer = await call('post', order, 'orderExecute', body);
  const members = ['status', 'quantity', 'triggerPrice', 'triggerQuantity', 'triggerBy'];
  const expected = ['TriggerPending', '2', '55', '2', 'LastPrice'];
  assert.deepEqual(
    members.map((name) => placed[name]),
    expected,
  );
  const batch = JSON.stringify([{ ...stop, ...trigger, triggerPrice: '50' }, LIMIT]);
  const items: Answer[] = await call('post', orders, 'orderExecute', batch);
  const all: Answer[] = await call('get', orders, 'orderQueryAll', 'symbol=SOL_USDC');
  assert.deepEqual(
    all.map(({ id, status }) => [id, status]),
    [
      [placed.id, 'TriggerPending'],
      [items[0]!.id, 'TriggerPending'],
      [items[1]!.id, 'New'],
    ],
  );
  const cancelled = async (orderType?: string): Promise<string[]> => {
    const scope = JSON.stringify({ symbol: 'SOL_USDC', orderType });
    const answers: Answer[] = await call('del', orders, 'orderCancelAll', scope);
    return answers.map(({ id }) => id);
  };
  assert.deepEqual(await cancelled('RestingLimitOrder'), [items[1]!.id]);
  assert.deepEqual(await cancelled('ConditionalOrder'), [placed.id, items[0]!.id]);
  assert.deepEqual(await cancelled(), []);
});

test('capital shows what orders lock', async () => {
  const owner = await venue.addTrader();
  const capital = (): Promise<Record<string, unknown>> =>
    call('get', '/api/v1/capital', 'balanceQuery', '', { as: owner });
  assert.deepEqual(await capital(), {
    SOL: { available: '1000', locked: '0', staked: '0' },
    USDC: { available: '1000000', locked: '0', staked: '0' },
    ETH: { available: '1000', locked: '0', staked: '0' },
  });
  const body = JSON.stringify({ ...LIMIT, price: '100', quantity: '10' });
  await call('post', order, 'orderExecute', body, { as: owner });
  const { USDC } = (await capital()) as { USDC: { available: string; locked: string } };
  assert.equal(USDC.locked, '1000.5');
  assert.equal(USDC.available, '998999.5');
  const all = JSON.stringify({ symbol: 'SOL_USDC' });
  await call('del', orders, 'orderCancelAll', all, { as: owner });
});

test('market orders trade at once, by quantity or by quote amount', async () => {
  const maker = await venue.addTrader();
  const ask = JSON.stringify({ ...LIMIT, side: 'Ask', price: '100', quantity: '5' });
  await call('post', order, 'orderExecute', ask, { as: maker });
  venue.referenceTicks = 10_000;
  const bought = await place({
    orderType: 'Market',
    price: undefined,
    quantity: undefined,
    quoteQuantity: '150',
  });
  assert.equal(bought.executedQuantity, '1.5');
  assert.equal(bought.quantity, '1.5');
  assert.equal(bought.quoteQuantity, '150');
  assert.equal((bought.fills as unknown[]).length, 1);
  const rest = await place({ orderType: 'Market', price: undefined, quantity: '10' });
  assert.deepEqual([rest.status, rest.executedQuantity], ['Expired', '3.5']);
  venue.referenceTicks = 0;
  await assert.rejects(place({ orderType: 'Market', price: undefined }), { code: 'INVALID_PRICE' });
});

const BODIES: [name: string, body: string, status: number, code: string][] = [
  ['no JSON', '{"symbol"', 400, 'INVALID_CLIENT_REQUEST'],
  ['nothing', '', 400, 'INVALID_CLIENT_REQUEST'],
  ['an array', '[]', 400, 'INVALID_CLIENT_REQUEST'],
  ['null', 'null', 400, 'INVALID_CLIENT_REQUEST'],
  [
    'deep nesting',
    `{"symbol":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
    400,
    'INVALID_CLIENT_REQUEST',
  ],
  ['an unknown market', JSON.stringify({ ...LIMIT, symbol: 'X' }), 400, 'INVALID_MARKET'],
  [
    'no funds',
    JSON.stringify({ ...LIMIT, price: '9999', quantity: '9999' }),
    400,
    'INSUFFICIENT_FUNDS',
  ],
  ['too large', JSON.stringify({ ...LIMIT, quantity: '10000.01' }), 400, 'INVALID_QUANTITY'],
];

for (const [name, body, status, code] of BODIES) {
  test(`a body is refused as ${code}: ${name}`, async () => {
    await assert.rejects(call('post', order, 'orderExecute', body), (error) => {
      assert.ok(error instanceof ApiError);
      assert.deepEqual([error.status, error.code], [status, code]);
      return true;
    });
  });
}

test('a body that cannot be read is refused in the words that bots match on', async () => {
  const words = { message: /^parse request payload error: failed to parse / };
  for (const body of ['{"symbol"', '', 'null', '[]']) {
    await assert.rejects(call('post', order, 'orderExecute', body), words);
  }
  for (const body of ['{"symbol"', '{}']) {
    await assert.rejects(call('post', orders, 'orderExecute', body), words);
  }
});

test('a batch that is none, is empty or is too long is refused as a whole', async () => {
  const bad = { status: 400, code: 'INVALID_CLIENT_REQUEST' };
  const tooLong = JSON.stringify(Array.from({ length: 51 }, () => LIMIT));
  for (const body of ['{}', '[]', 'x', tooLong]) {
    await assert.rejects(call('post', orders, 'orderExecute', body), bad);
  }
  const open: Answer[] = await call('get', orders, 'orderQueryAll', '');
  assert.deepEqual(open, []);
});

test('a request that is not signed by a key with the permission does nothing', async () => {
  const reader = await venue.addTrader(Permission.Read);
  const body = JSON.stringify(LIMIT);
  const attempt = (options: object): Promise<Answer> =>
    call('post', order, 'orderExecute', body, options);
  await assert.rejects(attempt({ as: reader }), { status: 403, code: 'FORBIDDEN' });
  await assert.rejects(attempt({ tamper: { 'x-signature': '' } }), { code: 'INVALID_SIGNATURE' });
  await assert.rejects(attempt({ tamper: { 'x-api-key': '' } }), { code: 'UNAUTHORIZED' });
  await assert.rejects(attempt({ tamper: { 'x-window': '60000' } }), { code: 'INVALID_SIGNATURE' });
  await assert.rejects(call('post', order, 'orderCancel', body), { code: 'INVALID_SIGNATURE' });
  const bad = { code: 'INVALID_CLIENT_REQUEST' };
  await assert.rejects(attempt({ tamper: { 'x-timestamp': 'now' } }), bad);
  await assert.rejects(attempt({ tamper: { 'x-timestamp': '1' } }), bad);
  assert.deepEqual(await call('get', orders, 'orderQueryAll', ''), []);
});

test('the largest numbers there are get a refusal, and the venue goes on', async () => {
  const huge = '90071992547409.91';
  const refused = (code: string) => ({ status: 400, code });
  await assert.rejects(place({ price: huge }), refused('INVALID_PRICE'));
  await assert.rejects(place({ quantity: huge }), refused('INVALID_QUANTITY'));
  await assert.rejects(place({ price: huge, quantity: huge }), /outside the market limits/);
  await assert.rejects(
    place({ price: '100000', quantity: '10000' }),
    refused('INSUFFICIENT_FUNDS'),
  );
  venue.referenceTicks = 9_000_000;
  for (const side of ['Bid', 'Ask']) {
    const size = { price: undefined, quantity: undefined, quoteQuantity: '9007199254.740991' };
    await assert.rejects(place({ orderType: 'Market', side, ...size }), ApiError);
  }
  venue.referenceTicks = 0;
  const { id: orderId } = await place({});
  for (const fields of [{ price: huge }, { quantity: huge }, { reduceQuantity: huge }]) {
    const body = JSON.stringify({ symbol: 'SOL_USDC', orderId, ...fields });
    await assert.rejects(call('patch', order, 'orderModify', body), ApiError);
  }
  const open: Answer[] = await call('get', orders, 'orderQueryAll', '');
  assert.deepEqual(
    open.map(({ id, price, quantity }) => [id, price, quantity]),
    [[orderId, '50', '2']],
  );
  await call('del', orders, 'orderCancelAll', JSON.stringify({ symbol: 'SOL_USDC' }));
});

test('two equal orders of the same millisecond are both taken', async () => {
  const [first, second] = await Promise.all([place({}), place({})]);
  assert.notEqual(first.id, second.id);
  await call('del', orders, 'orderCancelAll', JSON.stringify({ symbol: 'SOL_USDC' }));
});

test('a modification is one of the two kinds', async () => {
  const target = { symbol: 'SOL_USDC', orderId: '64' };
  const modify = (fields: object): Promise<Answer> =>
    call('patch', order, 'orderModify', JSON.stringify({ ...target, ...fields }));
  const bad = { code: 'INVALID_CLIENT_REQUEST' };
  await assert.rejects(modify({}), bad);
  await assert.rejects(modify({ reduceQuantity: '1', price: '5' }), bad);
  await assert.rejects(modify({ reduceQuantity: '1' }), { status: 404 });
  await assert.rejects(modify({ price: '5' }), { status: 404 });
});
