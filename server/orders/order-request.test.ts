import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlaceOrder } from '../../engine/protocol/commands.ts';
import { OrderType, SelfTradePrevention, Side, TimeInForce } from '../../engine/protocol/enums.ts';
import { LinkReader } from '../../engine/ring/link.ts';
import { allocateTopology } from '../../engine/ring/topology.ts';
import { EngineClient } from '../engine/engine-client.ts';
import type { EngineListener } from '../engine/event-loop.ts';
import { OrderGateway } from './order-gateway.ts';
import { readPlaceOrder } from './order-request.ts';
import type { ReferencePrices } from './reference-prices.ts';
import { listedRegistry } from './venue.fixture.ts';

const registry = listedRegistry();
const prices = (ticks: number): ReferencePrices => ({ referencePriceTicks: () => ticks });

const LIMIT = {
  symbol: 'SOL_USDC',
  side: 'Bid',
  orderType: 'Limit',
  price: '100.02',
  quantity: '1.23',
};
const MARKET = { symbol: 'SOL_USDC', side: 'Ask', orderType: 'Market', quantity: '1' };

function read(input: unknown, ticks = 10_000): PlaceOrder {
  const body = PlaceOrder.create();
  const refusal = readPlaceOrder(input, registry, prices(ticks), body);
  assert.equal(refusal, undefined, JSON.stringify(input));
  return body;
}

test('a limit order becomes ticks and lots with the defaults of the API', () => {
  assert.deepEqual(read(LIMIT), {
    ...PlaceOrder.create(),
    marketId: 1,
    side: Side.Bid,
    orderType: OrderType.Limit,
    timeInForce: TimeInForce.GTC,
    selfTradePrevention: SelfTradePrevention.RejectTaker,
    priceTicks: 10_002,
    quantityLots: 123,
  });
  const eth = read({
    ...LIMIT,
    symbol: 'ETH_USDC',
    side: 'Ask',
    price: '100.15',
    quantity: '0.126',
  });
  assert.deepEqual([eth.marketId, eth.side, eth.priceTicks, eth.quantityLots], [2, 1, 2003, 63]);
});

test('every mode of self-trade prevention is carried', () => {
  for (const [name, mode] of Object.entries(SelfTradePrevention)) {
    assert.equal(read({ ...LIMIT, selfTradePrevention: name }).selfTradePrevention, mode);
    assert.equal(read({ ...MARKET, selfTradePrevention: name }).selfTradePrevention, mode);
  }
  assert.equal(read({ ...LIMIT, selfTradePrevention: null }).selfTradePrevention, 0);
});

test('every option of a limit order is carried', () => {
  const order = read({
    ...LIMIT,
    clientId: 4_294_967_295,
    timeInForce: 'FOK',
    selfTradePrevention: 'RejectBoth',
    postOnly: false,
  });
  assert.equal(order.clientId, 4_294_967_295);
  assert.equal(order.timeInForce, TimeInForce.FOK);
  assert.equal(order.selfTradePrevention, SelfTradePrevention.RejectBoth);
  assert.equal(read({ ...LIMIT, clientId: 0, postOnly: true }).postOnly, true);
  assert.equal(read({ ...LIMIT, clientId: 0 }).clientId, 0);
});

test('numbers are taken for decimals when they print as one', () => {
  const order = read({ ...LIMIT, price: 100.02, quantity: 2 });
  assert.deepEqual([order.priceTicks, order.quantityLots], [10_002, 200]);
});

test('nulls count as absent, and fields without meaning here are ignored', () => {
  const order = read({
    ...LIMIT,
    clientId: null,
    quoteQuantity: null,
    timeInForce: null,
    triggerPrice: null,
    reduceOnly: true,
    autoLend: 'x',
    brokerId: 1400,
    slippageTolerance: 1e-7,
    nonsense: { deep: [1] },
  });
  assert.equal(order.clientId, null);
});

test('a market order is bounded a quarter beyond the reference, inside the limits of the market', () => {
  const sell = read(MARKET);
  assert.deepEqual(
    [sell.orderType, sell.timeInForce, sell.priceTicks, sell.quantityLots, sell.quoteBudgetUnits],
    [OrderType.Market, TimeInForce.IOC, 7500, 100, 0],
  );
  const buy = read({ ...MARKET, side: 'Bid', quantity: undefined, quoteQuantity: '50.5' });
  assert.deepEqual(
    [buy.priceTicks, buy.quantityLots, buy.quoteBudgetUnits],
    [12_500, 0, 50_500_000],
  );
  assert.equal(read({ ...MARKET, side: 'Bid' }, 9_999_999).priceTicks, 10_000_000);
  assert.equal(read(MARKET, 1).priceTicks, 1);
});

const BAD = 'INVALID_CLIENT_REQUEST';
const hostile = {
  nan: Number.NaN,
  prototypeSymbol: JSON.parse('{"__proto__":{"symbol":"SOL_USDC"},"side":"Bid"}') as unknown,
  withToString: { toString: () => '1' },
};

const REFUSALS: [name: string, input: unknown, code: string, message: RegExp][] = [
  ['nothing', undefined, BAD, /object/],
  ['null', null, BAD, /object/],
  ['an array', [LIMIT], BAD, /object/],
  ['a text', 'order', BAD, /object/],
  ['a date', new Date(0), BAD, /object/],
  ['a buffer', Buffer.from('x'), BAD, /object/],
  ['a map', new Map([['symbol', 'SOL_USDC']]), BAD, /object/],
  ['fields behind a prototype', Object.create(LIMIT), BAD, /object/],
  ['a symbol behind __proto__', hostile.prototypeSymbol, BAD, /symbol/],
  ['no symbol', { ...LIMIT, symbol: undefined }, BAD, /`symbol`/],
  ['a number as symbol', { ...LIMIT, symbol: 1 }, BAD, /`symbol`/],
  ['an unknown market', { ...LIMIT, symbol: 'DOGE_USDC' }, 'INVALID_MARKET', /market/],
  ['a name of Object.prototype', { ...LIMIT, symbol: 'toString' }, 'INVALID_MARKET', /market/],
  ['no side', { ...LIMIT, side: undefined }, BAD, /`side`/],
  ['an unknown side', { ...LIMIT, side: 'Buy' }, BAD, /`side`/],
  ['no order type', { ...LIMIT, orderType: undefined }, BAD, /`orderType`/],
  ['an unknown order type', { ...LIMIT, orderType: 'Stop' }, BAD, /`orderType`/],
  ['an unknown time in force', { ...LIMIT, timeInForce: 'GTD' }, BAD, /`timeInForce`/],
  ['a number as time in force', { ...LIMIT, timeInForce: 0 }, BAD, /`timeInForce`/],
  ['an unknown prevention', { ...LIMIT, selfTradePrevention: 'None' }, BAD, /selfTrade/],
  ['a text as postOnly', { ...LIMIT, postOnly: 'true' }, BAD, /`postOnly`/],
  ['post-only IOC', { ...LIMIT, postOnly: true, timeInForce: 'IOC' }, BAD, /`postOnly`/],
  ['post-only FOK', { ...LIMIT, postOnly: true, timeInForce: 'FOK' }, BAD, /`postOnly`/],
  ['no price', { ...LIMIT, price: undefined }, BAD, /`price`/],
  ['an empty price', { ...LIMIT, price: '' }, BAD, /`price`/],
  ['a price of NaN', { ...LIMIT, price: 'NaN' }, BAD, /`price`/],
  ['a price that is NaN', { ...LIMIT, price: hostile.nan }, BAD, /`price`/],
  ['an infinite price', { ...LIMIT, price: Infinity }, 'INVALID_PRICE', /too large/],
  ['an exponent', { ...LIMIT, price: '1e2' }, BAD, /`price`/],
  ['a number that prints an exponent', { ...LIMIT, price: 1e-7 }, BAD, /`price`/],
  ['a boolean price', { ...LIMIT, price: true }, BAD, /`price`/],
  ['a bigint price', { ...LIMIT, price: 100n }, BAD, /`price`/],
  ['an object as price', { ...LIMIT, price: hostile.withToString }, BAD, /`price`/],
  ['an array as price', { ...LIMIT, price: ['100'] }, BAD, /`price`/],
  ['spaces around a price', { ...LIMIT, price: ' 100' }, BAD, /`price`/],
  ['a huge text as price', { ...LIMIT, price: '1'.repeat(60_000) }, BAD, /`price`/],
  ['a negative price', { ...LIMIT, price: '-100' }, 'INVALID_PRICE', /positive/],
  ['a price of zero', { ...LIMIT, price: '0.00' }, 'INVALID_PRICE', /positive/],
  ['a 19-digit price', { ...LIMIT, price: '1234567890123456789' }, 'INVALID_PRICE', /too large/],
  ['a number above 2^53', { ...LIMIT, price: 2 ** 60 }, 'INVALID_PRICE', /too large/],
  ['too precise a price', { ...LIMIT, price: '100.001' }, BAD, /^Price decimal too long$/],
  [
    'a price off the tick',
    { ...LIMIT, symbol: 'ETH_USDC', price: '100.02' },
    'INVALID_PRICE',
    /tick/,
  ],
  ['no quantity', { ...LIMIT, quantity: undefined }, BAD, /`quantity`/],
  ['a quantity of null', { ...LIMIT, quantity: null }, BAD, /`quantity`/],
  ['a quantity with exponent', { ...LIMIT, quantity: '1E2' }, BAD, /`quantity`/],
  ['a negative quantity', { ...LIMIT, quantity: '-1' }, 'INVALID_QUANTITY', /positive/],
  ['a negative number', { ...LIMIT, quantity: -1 }, 'INVALID_QUANTITY', /positive/],
  ['a quantity of zero', { ...LIMIT, quantity: '0' }, 'INVALID_QUANTITY', /positive/],
  [
    'a 22-digit quantity',
    { ...LIMIT, quantity: '1000000000000000000000' },
    'INVALID_QUANTITY',
    /too large/,
  ],
  ['too precise a quantity', { ...LIMIT, quantity: '0.001' }, BAD, /^Quantity decimal too long$/],
  [
    'a quantity off the step',
    { ...LIMIT, symbol: 'ETH_USDC', price: '100', quantity: '0.003' },
    'INVALID_QUANTITY',
    /step/,
  ],
  ['a limit order by quote', { ...LIMIT, quoteQuantity: '5' }, BAD, /`quoteQuantity`/],
  ['a negative client id', { ...LIMIT, clientId: -1 }, BAD, /`clientId`/],
  ['a client id above uint32', { ...LIMIT, clientId: 4_294_967_296 }, BAD, /`clientId`/],
  ['a client id with a fraction', { ...LIMIT, clientId: 1.5 }, BAD, /`clientId`/],
  ['a text as client id', { ...LIMIT, clientId: '7' }, BAD, /`clientId`/],
  ['a market order with a price', { ...MARKET, price: '100' }, BAD, /`price`/],
  ['a post-only market order', { ...MARKET, postOnly: true }, BAD, /`postOnly`/],
  ['a fill-or-kill market order', { ...MARKET, timeInForce: 'FOK' }, BAD, /`timeInForce`/],
  ['a market order without size', { ...MARKET, quantity: undefined }, BAD, /exactly one/],
  ['a market order with two sizes', { ...MARKET, quoteQuantity: '5' }, BAD, /exactly one/],
  [
    'a market order with a bound of its own',
    { ...MARKET, slippageTolerance: '1', slippageToleranceType: 'Percent' },
    'NOT_IMPLEMENTED',
    /^`slippageTolerance` of a market order is not supported/,
  ],
  [
    'too precise a quote quantity',
    { ...MARKET, quantity: undefined, quoteQuantity: '0.0000001' },
    BAD,
    /^Quote quantity decimal too long$/,
  ],
  ...['takeProfitLimitPrice', 'stopLossPrice'].map((field): [string, unknown, string, RegExp] => [
    `an order with ${field}`,
    { ...LIMIT, [field]: '100' },
    'NOT_IMPLEMENTED',
    /not supported/,
  ]),
  ['half a trigger', { ...LIMIT, triggerPrice: '100' }, BAD, /both `triggerPrice` and/],
];

test('every bad order has its own code and message, and nothing is sent', async () => {
  const topology = allocateTopology(1);
  const engine = new EngineClient(topology, {} as EngineListener);
  const gateway = new OrderGateway(engine, registry, prices(10_000));
  const never = {
    answered: () => assert.fail('answered'),
    refused: () => assert.fail('refused by the engine'),
  };
  for (const [name, input, code, message] of REFUSALS) {
    const refusal = gateway.place(1, input, never);
    assert.equal(refusal?.code, code, name);
    assert.match(refusal?.message ?? '', message, name);
    assert.equal(refusal?.status, code === 'NOT_IMPLEMENTED' ? 501 : 400, name);
  }
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(engine.pendingCount, 0);
  assert.equal(new LinkReader(topology.gatewayToShard[0]!).fillBytes, 0);
});

test('a market without any price refuses market orders by name', () => {
  const refusal = readPlaceOrder(MARKET, registry, prices(0), PlaceOrder.create());
  assert.equal(refusal?.code, 'INVALID_PRICE');
  assert.match(refusal?.message ?? '', /no price/);
});

test('a full ring is told to the caller, and nothing is queued', () => {
  const topology = allocateTopology(1, { commandBytes: 4096, eventBytes: 4096, shardBytes: 4096 });
  const engine = new EngineClient(topology, {} as EngineListener);
  const gateway = new OrderGateway(engine, registry, prices(0));
  const answer = { answered: () => {}, refused: () => {} };
  let sent = 0;
  while (gateway.place(1, LIMIT, answer) === undefined) sent++;
  assert.ok(sent > 10);
  assert.equal(gateway.place(1, LIMIT, answer)?.code, 'BUSY');
  assert.equal(engine.pendingCount, sent);
  gateway.refuseOrders();
  assert.equal(gateway.cancel(1, { symbol: 'SOL_USDC', orderId: '5' }, answer)?.status, 503);
  assert.equal(gateway.place(1, LIMIT, answer)?.code, 'SHUTTING_DOWN');
});
