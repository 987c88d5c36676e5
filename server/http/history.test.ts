import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { useTestServer } from '../../persistence/testing/test-server.ts';
import { until } from '../../persistence/testing/until.ts';
import { openTrading } from '../recovery/trading-venue.fixture.ts';
import { type Item, pagingOf, SignedClient } from './signed-client.fixture.ts';

const server = useTestServer();
const ORDERS = ['GET', '/wapi/v1/history/orders', 'orderHistoryQueryAll'] as const;
const FILLS = ['GET', '/wapi/v1/history/fills', 'fillHistoryQueryAll'] as const;
const NAIVE_ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/;

async function open(context: TestContext): Promise<readonly [SignedClient, SignedClient]> {
  const { venue, traders } = await openTrading(context, server);
  const [one, two] = traders.map((trader) => new SignedClient(venue, trader));
  return [one!, two!];
}

/** Of a limit order that was neither a stop order nor ended by the venue. */
const LIMIT_ORDER = {
  clientId: null,
  executedQuantity: '0',
  executedQuoteQuantity: '0',
  expiryReason: null,
  orderType: 'Limit',
  postOnly: false,
  selfTradePrevention: 'RejectTaker',
  side: 'Bid',
  slippageTolerance: null,
  slippageToleranceType: null,
  stopLossLimitPrice: null,
  stopLossTriggerBy: null,
  stopLossTriggerPrice: null,
  strategyId: null,
  symbol: 'SOL_USDC',
  systemOrderType: null,
  takeProfitLimitPrice: null,
  takeProfitTriggerBy: null,
  takeProfitTriggerPrice: null,
  timeInForce: 'GTC',
  triggerBy: null,
  triggerPrice: null,
  triggerQuantity: null,
};

/** Checks the creation time and takes it off. */
function withoutTime({ createdAt, ...order }: Item): Item {
  assert.match(String(createdAt), NAIVE_ISO);
  assert.ok(Math.abs(Date.parse(`${createdAt}Z`) - Date.now()) < 60_000, 'UTC');
  return order;
}

test('every kind of order is in the history with exactly the fields of the API', async (context) => {
  const [one, two] = await open(context);
  const open1 = await one.place({ price: '90.5', quantity: '4', clientId: 0, postOnly: true });
  const ask = await two.place({ side: 'Ask', price: '100', quantity: '3' });
  const partial = await one.place({ price: '100', quantity: '1.2', timeInForce: 'IOC' });
  const byQuote = await one.place({ orderType: 'Market', quoteQuantity: '50' });
  const byBase = await one.place({ orderType: 'Market', quantity: '9' });
  const trigger = { triggerPrice: '120', triggerQuantity: '2' };
  const stop = await one.place({ price: '121', clientId: 7, ...trigger });
  const cancelled = await one.place({ price: '80', quantity: '1' });
  await one.cancel(cancelled.id);

  const seen = (await one.orders()).map(withoutTime);
  assert.deepEqual(seen, [
    {
      ...{ ...LIMIT_ORDER, id: cancelled.id, status: 'Cancelled' },
      ...{ price: '80', quantity: '1', quoteQuantity: '80' },
    },
    {
      ...{ ...LIMIT_ORDER, id: stop.id, status: 'TriggerPending', clientId: 7 },
      ...{ price: '121', quantity: '2', quoteQuantity: '242' },
      ...{ triggerBy: 'LastPrice', triggerPrice: '120', triggerQuantity: '2' },
    },
    {
      ...{ ...LIMIT_ORDER, id: byBase.id, orderType: 'Market', status: 'Expired' },
      ...{ expiryReason: 'InsufficientLiquidity', postOnly: null, timeInForce: 'IOC' },
      ...{ price: null, quantity: '9', quoteQuantity: null },
      ...{ executedQuantity: '1.3', executedQuoteQuantity: '130' },
    },
    {
      ...{ ...LIMIT_ORDER, id: byQuote.id, orderType: 'Market', status: 'Filled' },
      ...{ postOnly: null, timeInForce: 'IOC' },
      ...{ price: null, quantity: '0.5', quoteQuantity: '50' },
      ...{ executedQuantity: '0.5', executedQuoteQuantity: '50' },
    },
    {
      ...{ ...LIMIT_ORDER, id: partial.id, status: 'Filled', timeInForce: 'IOC' },
      ...{ price: '100', quantity: '1.2', quoteQuantity: '120' },
      ...{ executedQuantity: '1.2', executedQuoteQuantity: '120' },
    },
    {
      ...{ ...LIMIT_ORDER, id: open1.id, status: 'New', clientId: 0, postOnly: true },
      ...{ price: '90.5', quantity: '4', quoteQuantity: '362' },
    },
  ]);
  const [made] = await two.orders();
  assert.deepEqual(withoutTime(made!), {
    ...{ ...LIMIT_ORDER, id: ask.id, side: 'Ask', status: 'Filled' },
    ...{ price: '100', quantity: '3', quoteQuantity: '300' },
    ...{ executedQuantity: '3', executedQuoteQuantity: '300' },
  });
});

test('a fill is told to both parties, with its fee in the quote asset', async (context) => {
  const [one, two] = await open(context);
  const maker = await two.place({ side: 'Ask', price: '141.5', quantity: '1' });
  const taker = await one.place({ price: '142', quantity: '1', clientId: 4294967295 });
  const [[made], [taken]] = await Promise.all([two.fills('fillType=User'), one.fills()]);
  const common = { feeSymbol: 'USDC', price: '141.5', quantity: '1', symbol: 'SOL_USDC' };
  for (const fill of [made!, taken!]) {
    assert.match(String(fill.timestamp), NAIVE_ISO);
    delete fill.timestamp;
  }
  assert.deepEqual(made, {
    ...{ ...common, clientId: null, fee: '0.04245', isMaker: true, orderId: maker.id },
    ...{ side: 'Ask', systemOrderType: null, tradeId: 1 },
  });
  assert.deepEqual(taken, {
    ...{ ...common, clientId: '4294967295', fee: taken!.fee, isMaker: false, orderId: taker.id },
    ...{ side: 'Bid', systemOrderType: null, tradeId: 1 },
  });
  assert.equal(taken!.fee, (taker.fills as Item[])[0]!.fee);
});

test('an order is in the history as soon as its reply says how it ended', async (context) => {
  const [one, two] = await open(context);
  for (let round = 0; round < 60; round++) {
    const ask = await two.place({ side: 'Ask', price: '100', quantity: '1' });
    const bid = await one.place({ price: '100', quantity: '1' });
    assert.equal(bid.status, 'Filled');
    const query = `orderId=${ask.id}&symbol=SOL_USDC`;
    await until('the maker has heard', async () => {
      return (await two.send('GET', '/api/v1/order', 'orderQuery', query)).status === 404;
    });
    const [own, other, fills] = await Promise.all([
      one.orders('limit=1'),
      two.orders(`orderId=${ask.id}`),
      one.fills(`orderId=${bid.id}`),
    ]);
    assert.deepEqual([own[0]!.id, own[0]!.status], [bid.id, 'Filled']);
    assert.deepEqual([other[0]!.id, other[0]!.status], [ask.id, 'Filled']);
    assert.equal(fills.length, 1);
  }
});

test('pages follow each other in both directions, and the headers count them', async (context) => {
  const [one] = await open(context);
  const ids: unknown[] = [];
  for (let count = 0; count < 7; count++) {
    ids.unshift((await one.place({ price: `${10 + count}`, quantity: '1' })).id);
  }
  const page = async (query: string) => {
    const reply = await one.send<Item[]>(...ORDERS, query);
    assert.equal(reply.status, 200);
    return [reply.body.map(({ id }) => ids.indexOf(id)), ...pagingOf(reply)];
  };
  assert.deepEqual(await page(''), [[0, 1, 2, 3, 4, 5, 6], '1', '1', '100', '7']);
  assert.deepEqual(await page('limit=3'), [[0, 1, 2], '3', '1', '3', '7']);
  assert.deepEqual(await page('limit=3&offset=3'), [[3, 4, 5], '3', '2', '3', '7']);
  assert.deepEqual(await page('limit=3&offset=6'), [[6], '3', '3', '3', '7']);
  assert.deepEqual(await page('limit=7'), [[0, 1, 2, 3, 4, 5, 6], '1', '1', '7', '7']);
  assert.deepEqual(await page('limit=3&offset=9'), [[], '3', '4', '3', '7']);
  assert.deepEqual(await page('limit=3&sortDirection=Asc'), [[6, 5, 4], '3', '1', '3', '7']);
  assert.deepEqual(await page('symbol=BTC_USDC'), [[], '0', '1', '100', '0']);
});

test('fills of one moment come in the order of their trades, over pages', async (context) => {
  const [one, two] = await open(context);
  for (let count = 0; count < 9; count++) {
    await two.place({ side: 'Ask', price: `${100 + count}`, quantity: '0.1' });
  }
  await one.place({ price: '110', quantity: '0.9' });
  const tradeIds: unknown[] = [];
  for (let offset = 0; offset < 9; offset += 2) {
    const page = await one.fills(`limit=2&offset=${offset}`);
    tradeIds.push(...page.map(({ tradeId }) => tradeId));
  }
  assert.deepEqual(tradeIds, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
  const ascending = await one.fills('sortDirection=Asc');
  assert.deepEqual(
    ascending.map(({ tradeId }) => tradeId),
    tradeIds.toReversed(),
  );
});

test('history is narrowed by market, order, time and kind', async (context) => {
  const [one, two] = await open(context);
  const trade = async (symbol: string, clientId: number): Promise<Item> => {
    await two.place({ symbol, side: 'Ask', price: '100', quantity: '1', clientId: 3 });
    return one.place({ symbol, price: '100', quantity: '1', clientId });
  };
  const sol = await trade('SOL_USDC', 0);
  const btc = await trade('BTC_USDC', 4294967295);
  const idsOf = (items: Item[], name: string) => items.map((item) => item[name]);
  const all = [btc.id, sol.id];
  const narrowed: [string, unknown[]][] = [
    ['symbol=SOL_USDC', [sol.id]],
    ['symbol=BTC_USDC&limit=5', [btc.id]],
    [`orderId=${sol.id}`, [sol.id]],
    [`orderId=${sol.id}&symbol=BTC_USDC`, []],
    ['orderId=99999999999999999999', []],
    ['clientId=0', [sol.id]],
    ['clientId=4294967295&limit=5', [btc.id]],
    ['clientId=3', []],
    ['clientId=0&symbol=SOL_USDC', [sol.id]],
    ['clientId=0&symbol=BTC_USDC', []],
    [`clientId=0&orderId=${sol.id}`, [sol.id]],
    [`clientId=0&orderId=${btc.id}`, []],
    [`clientId=0&orderId=${sol.id}&symbol=SOL_USDC&marketType=SPOT`, [sol.id]],
    ['marketType=SPOT', all],
    ['marketType=PERP', []],
    ['marketType=PERP&marketType=SPOT', all],
    ['marketType%5B0%5D=PERP&marketType%5B1%5D=SPOT', all],
    ['strategyId=1', []],
    ['somethingElse=1', all],
  ];
  for (const [query, expected] of narrowed) {
    assert.deepEqual(idsOf(await one.orders(query), 'id'), expected, query);
    assert.deepEqual(idsOf(await one.fills(query), 'orderId'), expected, query);
  }
  const theirs = (await two.orders()).map(({ id }) => id);
  assert.deepEqual(await one.orders(`orderId=${theirs[0]}`), [], 'of another account');
  assert.deepEqual(await one.fills(`orderId=${theirs[0]}`), [], 'of another account');

  const [last, first] = await one.fills();
  const [lastMs, firstMs] = [last, first].map((fill) => Date.parse(`${fill!.timestamp}Z`));
  const times: [string, unknown[]][] = [
    [`from=${firstMs}&to=${lastMs}`, all],
    [`from=${lastMs! + 1}`, []],
    [`to=${firstMs! - 1}`, []],
    [`from=${firstMs}&clientId=4294967295`, [btc.id]],
    [`to=${firstMs! - 1}&clientId=0`, []],
    ['fillType=User', all],
    ['fillType=Liquidation', []],
  ];
  if (firstMs !== lastMs) {
    times.push([`from=${lastMs}`, [btc.id]], [`to=${firstMs}`, [sol.id]]);
  }
  for (const [query, expected] of times) {
    assert.deepEqual(idsOf(await one.fills(query), 'orderId'), expected, query);
  }
  assert.deepEqual(idsOf(await one.orders(`from=${lastMs! + 1}&fillType=X`), 'id'), all);
});

test('what cannot be meant is refused by name', async (context) => {
  const [one] = await open(context);
  const common: string[] = [
    ...['limit=0', 'limit=1001', 'limit=x', 'offset=-1', 'sortDirection=Down', 'orderId=abc'],
    ...['clientId=', 'clientId=abc', 'clientId=-1', 'clientId=1.5', 'clientId=4294967296'],
    'clientId=1&clientId=1',
    ...['marketType=SPAT', 'marketType[0]=SPOT&marketType[1]=X'],
  ];
  for (const [method, path, instruction] of [ORDERS, FILLS]) {
    const refusal = (query: string) => one.refusal(method, path, instruction, query);
    for (const query of common) {
      const [status, code] = await refusal(query);
      assert.deepEqual([status, code], [400, 'INVALID_CLIENT_REQUEST'], query);
    }
    const named = await refusal('clientId=x');
    const expected = 'expected a whole number from 0 to 4294967295';
    assert.equal(named[2], `failed to parse parameter \`clientId\`: ${expected}`);
    const unknown = await refusal('symbol=X_Y');
    assert.deepEqual(unknown, [400, 'INVALID_MARKET', 'Invalid market']);
  }
  for (const query of ['fillType=Users', 'from=x', 'to=999999999999999']) {
    const [status, code] = await one.refusal(...FILLS, query);
    assert.deepEqual([status, code], [400, 'INVALID_CLIENT_REQUEST'], query);
  }
  const [, path] = ORDERS;
  assert.equal((await one.refusal('GET', path, 'fillHistoryQueryAll'))[1], 'INVALID_SIGNATURE');
});

test('histories that a spot venue has none of are empty pages', async (context) => {
  const [one] = await open(context);
  const signedAs = {
    funding: 'fundingHistoryQueryAll',
    settlement: 'settlementHistoryQueryAll',
    borrowLend: 'borrowHistoryQueryAll',
    interest: 'interestHistoryQueryAll',
    dust: 'dustHistoryQueryAll',
  };
  for (const [name, instruction] of Object.entries(signedAs)) {
    const reply = await one.send('GET', `/wapi/v1/history/${name}`, instruction, 'limit=5');
    assert.deepEqual([reply.status, reply.body], [200, []], name);
    assert.deepEqual(pagingOf(reply), ['0', '1', '5', '0']);
  }
});
