import assert from 'node:assert/strict';
import { test } from 'node:test';
import ccxt from 'ccxt';
import { type CcxtTrader, useCcxtVenue } from './ccxt-venue.fixture.ts';
import { BTC, ETH, idOf, SOL, trade } from './trading.fixture.ts';

/** A market with every limit there is. */
const LIMITED = 'SOL/BTC';

let trader: CcxtTrader;
let rival: CcxtTrader;

const venue = useCcxtVenue(async (venue) => {
  await venue.list({
    symbol: 'SOL_BTC',
    ...{ tickSize: '0.00005', stepSize: '0.01', minPrice: '0.0001', maxPrice: '1' },
    ...{ minQuantity: '0.1', maxQuantity: '1000', minNotional: '0.001', priceBandBps: 1000 },
  });
  const deposits = { USDC: '1000000', SOL: '10000', ETH: '100', BTC: '100' };
  trader = await venue.trader('trader', deposits);
  rival = await venue.trader('rival', deposits);
  await trade(rival, trader, LIMITED, 'buy', 1, 0.002);
  await trade(rival, trader, SOL, 'buy', 1, 100);
  await rival.rest.createOrder(SOL, 'limit', 'sell', 1, 101);
});

/** A bid that rests, with whatever the caller would have otherwise on the wire. */
function order(wire: object = {}, symbol = SOL, price = 50, amount = 1): Promise<unknown> {
  return trader.rest.createOrder(symbol, 'limit', 'buy', amount, price, wire);
}

function market(wire: object = {}, symbol = SOL): Promise<unknown> {
  return trader.rest.createOrder(symbol, 'market', 'buy', 1, undefined, wire);
}

/** A REST client of the trader with something of its own. */
function other(options: object): InstanceType<typeof ccxt.backpack> {
  const { urls } = trader.rest;
  return new ccxt.backpack({ urls, enableRateLimit: false, ...trader.credentials, ...options });
}

type Row = readonly [
  situation: string,
  exception: string,
  code: string,
  message: string,
  attempt: () => Promise<unknown>,
];

const BAD_LIMIT = 'failed to parse parameter `limit`: failed to parse \\"DepthLimit\\": ';
const FOREIGN = { apiKey: Buffer.alloc(32, 7).toString('base64') };
const OLD = { options: { timeDifference: 6000 } };
const AHEAD = { options: { timeDifference: -5000 } };

const ROWS: readonly Row[] = [
  // market data
  [
    'an unknown market, in market data',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    'Invalid market symbol',
    () => trader.rest.fetchOrderBook(SOL, undefined, { symbol: 'NOPE_USDC' }),
  ],
  [
    'a limit that is no DepthLimit',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    BAD_LIMIT,
    () => trader.rest.fetchOrderBook(SOL, undefined, { limit: 7 }),
  ],
  [
    'an unknown interval',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    'failed to parse \\"KlineInterval\\"',
    () => trader.rest.fetchOHLCV(SOL, '7m'),
  ],
  // who asks
  [
    'a signature by another secret',
    'AuthenticationError',
    'INVALID_SIGNATURE',
    'Invalid signature',
    () => other({ secret: rival.credentials.secret }).fetchBalance(),
  ],
  [
    'a key that nobody has',
    'AuthenticationError',
    'UNAUTHORIZED',
    'Unknown API key',
    () => other(FOREIGN).fetchBalance(),
  ],
  [
    'a request that is older than its window',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    'Request has expired',
    () => other(OLD).fetchBalance(),
  ],
  [
    'a request from the future',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    'Invalid timestamp',
    () => other(AHEAD).fetchBalance(),
  ],
  [
    'a window beyond a minute',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    'Invalid window',
    () => other({ options: { recvWindow: 60001 } }).fetchBalance(),
  ],
  // what is asked
  [
    'an unknown market',
    'BadSymbol',
    'INVALID_MARKET',
    'Invalid market',
    () => order({ symbol: 'NOPE_USDC' }),
  ],
  [
    'an unknown side',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    '`side` must be Bid or Ask',
    () => order({ side: 'Both' }),
  ],
  [
    'an unknown type',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    '`orderType` must be',
    () => order({ orderType: 'Iceberg' }),
  ],
  [
    'an unknown time in force',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    '`timeInForce` must be',
    () => order({ timeInForce: 'GTD' }),
  ],
  [
    'a client id beyond 32 bits',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    '`clientId` is not an integer',
    () => order({ clientOrderId: 99999999999 }),
  ],
  [
    'a client id that an open order has',
    'ExchangeError',
    'DUPLICATE_CLIENT_ID',
    'An open order has this clientId',
    async () => {
      await order({ clientOrderId: 4 });
      await order({ clientOrderId: 4 });
    },
  ],
  [
    'half a trigger',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    'Must specify both `triggerPrice` and `triggerQuantity` or neither',
    () => order({ triggerQuantity: '1' }),
  ],
  [
    'a market order by quantity and by cost',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    'exactly one of `quantity` and `quoteQuantity`',
    () => market({ cost: 5, quantity: '1' }),
  ],
  [
    'a price finer than the tick has decimals',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    'Price decimal too long',
    () => order({ price: '50.001' }),
  ],
  [
    'a quantity finer than the step has decimals',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    'Quantity decimal too long',
    () => order({ quantity: '0.001' }),
  ],
  [
    'take profit and stop loss',
    'OperationFailed',
    'NOT_IMPLEMENTED',
    'Take-profit and stop-loss attachments are not supported',
    () => trader.rest.createOrderWithTakeProfitAndStopLoss(SOL, 'limit', 'buy', 1, 50, 60, 40),
  ],
  [
    'a market order with a bound of its own',
    'OperationFailed',
    'NOT_IMPLEMENTED',
    '`slippageTolerance` of a market order is not supported',
    () => market({ slippageTolerance: '1', slippageToleranceType: 'Percent' }),
  ],
  [
    'a raw stop loss price',
    'OperationFailed',
    'NOT_IMPLEMENTED',
    'Take-profit and stop-loss attachments are not supported',
    () => order({ stopLossPrice: 40 }),
  ],
  // price and quantity
  [
    'a price between two ticks',
    'InvalidOrder',
    'INVALID_PRICE',
    'Price is not a multiple of the tick size',
    () => order({ price: '50.01' }, ETH),
  ],
  [
    'a price below the least',
    'InvalidOrder',
    'INVALID_PRICE',
    'Price is outside the market limits',
    () => order({}, LIMITED, 0.00005),
  ],
  [
    'a price above the most',
    'InvalidOrder',
    'INVALID_PRICE',
    'Price is outside the market limits',
    () => order({}, LIMITED, 1.00005),
  ],
  [
    'a price beyond the band',
    'InvalidOrder',
    'INVALID_PRICE',
    'Price is too far from the last active price',
    () => order({}, LIMITED, 0.00225),
  ],
  [
    'a market order where there is no price',
    'InvalidOrder',
    'INVALID_PRICE',
    'The market has no price yet',
    () => market({}, ETH),
  ],
  [
    'a quantity between two steps',
    'BadRequest',
    'INVALID_QUANTITY',
    'Quantity must be positive',
    () => order({}, SOL, 50, -1),
  ],
  [
    'a quantity below the least',
    'BadRequest',
    'INVALID_QUANTITY',
    'Quantity is outside the market limits',
    () => order({}, LIMITED, 0.002, 0.05),
  ],
  [
    'a quantity above the most',
    'BadRequest',
    'INVALID_QUANTITY',
    'Quantity is outside the market limits',
    () => order({}, LIMITED, 0.002, 1000.01),
  ],
  [
    'a quantity beyond all numbers',
    'BadRequest',
    'INVALID_QUANTITY',
    'Quantity is too large',
    () => order({}, SOL, 50, 1e21),
  ],
  [
    'a value below the least',
    'BadRequest',
    'INVALID_QUANTITY',
    'Order value is below the least value',
    () => order({}, LIMITED, 0.001, 0.1),
  ],
  // what the book and the account say
  [
    'a post-only order that would take',
    'InvalidOrder',
    'INVALID_ORDER',
    'Order would immediately match and take',
    () => order({ postOnly: true }, SOL, 101),
  ],
  [
    'a FOK order that cannot fill',
    'InvalidOrder',
    'INVALID_ORDER',
    'Fill or kill order would not complete fill immediately',
    () => order({ timeInForce: 'FOK' }, SOL, 101, 2),
  ],
  [
    'an order without the funds',
    'InsufficientFunds',
    'INSUFFICIENT_FUNDS',
    'Insufficient funds',
    () => order({}, SOL, 1000, 2000),
  ],
  [
    'an order that is unknown, to cancel',
    'ExchangeNotAvailable',
    'RESOURCE_NOT_FOUND',
    'Not Found',
    () => trader.rest.cancelOrder('4227701917', SOL),
  ],
  [
    'an order that is unknown, to ask for',
    'ExchangeNotAvailable',
    'RESOURCE_NOT_FOUND',
    'Not Found',
    () => trader.rest.fetchOpenOrder('4227701917', SOL),
  ],
  [
    'an order that another account has',
    'ExchangeNotAvailable',
    'RESOURCE_NOT_FOUND',
    'Not Found',
    async () => trader.rest.cancelOrder(idOf((await rival.rest.fetchOpenOrders(SOL))[0]!), SOL),
  ],
  [
    'an order id that is none',
    'BadRequest',
    'INVALID_CLIENT_REQUEST',
    '`orderId` is not a string of digits',
    () => trader.rest.cancelOrder('abc', SOL),
  ],
];

for (const [situation, exception, code, message, attempt] of ROWS) {
  test(`${situation}: ${exception}`, async () => {
    await assertRefused(attempt, exception, code, message);
  });
}

test('a key without the permission: OperationRejected', async () => {
  const reader = other(await venue().key(trader.accountId, ['read']));
  const place = () => reader.createOrder(SOL, 'limit', 'buy', 1, 50);
  await assertRefused(place, 'OperationRejected', 'FORBIDDEN', 'does not have the permission');
  assert.ok((await reader.fetchBalance()).total);
});

test('a market that is closed, takes cancels only, or post-only orders: ExchangeNotAvailable', async () => {
  const resting = await trader.rest.createOrder(BTC, 'limit', 'buy', 0.1, 1000);
  const book = () => trader.rest.fetchOrderBook(BTC);
  const place = () => order({}, BTC, 1000, 0.1);
  const paused = ['ExchangeNotAvailable', 'TRADING_PAUSED'] as const;
  const setState = (orderBookState: string) =>
    venue().admin('POST', '/admin/markets/BTC_USDC/state', { orderBookState });
  await setState('PostOnly');
  await assertRefused(place, ...paused, 'Market accepts post-only orders only');
  await setState('CancelOnly');
  await assertRefused(place, ...paused, 'Market accepts cancels only');
  await setState('Closed');
  await assertRefused(place, ...paused, 'Market is closed');
  await assertRefused(book, 'ExchangeNotAvailable', 'RESOURCE_NOT_FOUND', 'Not Found');
  const [closed] = (await trader.rest.fetchMarkets()).filter((one) => one?.id === 'BTC_USDC');
  assert.equal(closed?.active, false);
  await setState('Open');
  await trader.rest.cancelOrder(idOf(resting), BTC);
});

test('more stop orders than an account may have: OperationRejected', async () => {
  const many = await venue().trader('many', { USDC: '1000000' });
  const one = { symbol: SOL, type: 'limit', side: 'buy', amount: 0.01, price: 150 } as const;
  const stop = { ...one, params: { triggerPrice: 140 } };
  for (let batch = 0; batch < 4; batch++) {
    const placed = await many.rest.createOrders(Array(50).fill(stop));
    assert.ok(placed.every(({ status }) => status === 'open'));
  }
  const place = () => many.rest.createOrder(SOL, 'limit', 'buy', 0.01, 150, stop.params);
  await assertRefused(place, 'OperationRejected', 'ORDER_LIMIT', 'Too many open orders');
});

test('a path that is not there: ExchangeNotAvailable', async () => {
  await assert.rejects(trader.rest.publicGetApiV1PredictionTags(), {
    name: 'ExchangeNotAvailable',
    message: /not found|Unknown path/,
  });
});

test('what ccxt refuses by itself never reaches the venue', async () => {
  const sent = trader.rest.last_request_body;
  await assert.rejects(order({}, SOL, 50, 0.001), ccxt.InvalidOrder);
  await assert.rejects(order({}, SOL, 0), ccxt.InvalidOrder);
  await assert.rejects(order({ postOnly: true, timeInForce: 'IOC' }), ccxt.InvalidOrder);
  await assert.rejects(market({ postOnly: true }), ccxt.InvalidOrder);
  await assert.rejects(trader.rest.fetchOrder('1', SOL), ccxt.NotSupported);
  await assert.rejects(trader.rest.fetchTradingFees(), ccxt.NotSupported);
  assert.equal(trader.rest.last_request_body, sent);
});

test('a refusal changes nothing', async () => {
  const before = await trader.rest.fetchBalance();
  const open = await trader.rest.fetchOpenOrders();
  for (const [, , , , attempt] of ROWS.slice(8).filter(([, , code]) => !/DUPLICATE/.test(code))) {
    await assert.rejects(attempt());
  }
  assert.deepEqual(await trader.rest.fetchBalance(), before);
  assert.deepEqual(await trader.rest.fetchOpenOrders(), open);
});

/** The class by its very name: ccxt's classes extend each other. */
async function assertRefused(
  attempt: () => Promise<unknown>,
  exception: string,
  code: string,
  message: string,
): Promise<void> {
  await assert.rejects(attempt(), (error: Error) => {
    assert.equal(error.constructor.name, exception, error.message);
    assert.ok(error.message.startsWith(`backpack {"code":"${code}",`), error.message);
    assert.ok(error.message.includes(message), error.message);
    return true;
  });
}
