import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlaceOrder } from '../../engine/protocol/commands.ts';
import { OrderType, Side, TimeInForce } from '../../engine/protocol/enums.ts';
import { readPlaceOrder } from './order-request.ts';
import type { ReferencePrices } from './reference-prices.ts';
import { listedRegistry, SOL_USDC } from './venue.fixture.ts';

const registry = listedRegistry();
registry.addMarket({ ...SOL_USDC, marketId: 3, symbol: 'SOL_BAND', priceBandBps: 1_000 }, 0);

/** The last trade is at 100.00; a stop order's own price does not come from there. */
const prices: ReferencePrices = { referencePriceTicks: () => 10_000 };

/** As ccxt sends it: no `quantity`. */
const STOP_LIMIT = {
  orderType: 'Limit',
  price: '111',
  side: 'Bid',
  symbol: 'SOL_USDC',
  triggerPrice: '110',
  triggerQuantity: '1.5',
};
const STOP = { ...STOP_LIMIT, orderType: 'Market', price: undefined };

function read(input: object): PlaceOrder {
  const body = PlaceOrder.create();
  assert.equal(readPlaceOrder(input, registry, prices, body), undefined, JSON.stringify(input));
  return body;
}

test('a stop-limit order is sized by its trigger quantity, with every option of a limit order', () => {
  assert.deepEqual(read(STOP_LIMIT), {
    ...PlaceOrder.create(),
    ...{ marketId: 1, side: Side.Bid, orderType: OrderType.Limit, timeInForce: TimeInForce.GTC },
    ...{ priceTicks: 11_100, quantityLots: 150, triggerPriceTicks: 11_000 },
  });
  const { quantityLots } = read({ ...STOP_LIMIT, quantity: '1.50', triggerBy: 'LastPrice' });
  assert.equal(quantityLots, 150);
  assert.equal(read({ ...STOP_LIMIT, timeInForce: 'FOK' }).timeInForce, TimeInForce.FOK);
  assert.equal(read({ ...STOP_LIMIT, postOnly: true, clientId: 7 }).postOnly, true);
});

test('a market stop is bounded a quarter beyond its trigger price, or by the band of its market', () => {
  const buy = read(STOP);
  assert.deepEqual(
    [buy.orderType, buy.timeInForce, buy.priceTicks, buy.quantityLots, buy.quoteBudgetUnits],
    [OrderType.Market, TimeInForce.IOC, 13_750, 150, 0],
  );
  assert.equal(read({ ...STOP, side: 'Ask' }).priceTicks, 8_250);
  assert.equal(read({ ...STOP, symbol: 'SOL_BAND' }).priceTicks, 12_100);
  assert.equal(read({ ...STOP, symbol: 'SOL_BAND', side: 'Ask' }).priceTicks, 9_900);
  const atOnce = { ...STOP, triggerPrice: undefined, triggerQuantity: undefined, quantity: '1' };
  assert.equal(read({ ...atOnce, symbol: 'SOL_BAND' }).priceTicks, 11_000, 'of the last trade');
});

test('an order without a trigger has none, whatever the one before it had', () => {
  const body = PlaceOrder.create();
  readPlaceOrder(STOP_LIMIT, registry, prices, body);
  const plain = { ...STOP_LIMIT, triggerPrice: null, triggerQuantity: null, quantity: '1' };
  assert.equal(readPlaceOrder(plain, registry, prices, body), undefined);
  assert.deepEqual([body.triggerPriceTicks, body.quantityLots], [0, 100]);
});

const BAD = 'INVALID_CLIENT_REQUEST';
const UNSUPPORTED = 'NOT_IMPLEMENTED';

const REFUSALS: [name: string, fields: object, code: string, message: RegExp][] = [
  ['no quantity of the trigger', { triggerQuantity: undefined }, BAD, /^Must specify both/],
  ['no price of the trigger', { triggerPrice: null }, BAD, /^Must specify both/],
  [
    'only what it goes by',
    { triggerPrice: null, triggerQuantity: null, triggerBy: 'LastPrice' },
    BAD,
    /^Must specify both/,
  ],
  ['a percentage', { triggerQuantity: '50%' }, UNSUPPORTED, /percent/],
  ['the mark price', { triggerBy: 'MarkPrice' }, UNSUPPORTED, /`triggerBy` other than LastPrice/],
  ['the index price', { triggerBy: 'IndexPrice' }, UNSUPPORTED, /`triggerBy` other than Last/],
  ['an unknown price', { triggerBy: 'BestBid' }, BAD, /`triggerBy`/],
  ['another quantity', { quantity: '1.4' }, BAD, /`quantity` must be absent or equal/],
  ['a quantity that is none', { quantity: 'x' }, BAD, /`quantity` must be absent or equal/],
  ['a quote quantity', { quoteQuantity: '5' }, BAD, /`quoteQuantity`/],
  ['a trigger price of zero', { triggerPrice: '0' }, 'INVALID_PRICE', /Trigger price.*positive/],
  ['a negative trigger price', { triggerPrice: '-1' }, 'INVALID_PRICE', /positive/],
  ['too precise a trigger price', { triggerPrice: '1.001' }, BAD, /^Trigger price decimal too/],
  ['an empty trigger price', { triggerPrice: '' }, BAD, /`triggerPrice`/],
  ['an object as trigger price', { triggerPrice: {} }, BAD, /`triggerPrice`/],
  ['a quantity of zero', { triggerQuantity: '0' }, 'INVALID_QUANTITY', /Trigger quantity/],
  ['too precise a quantity', { triggerQuantity: '0.001' }, BAD, /^Trigger quantity decimal/],
  ['a list as quantity', { triggerQuantity: ['1'] }, BAD, /`triggerQuantity`/],
  ['a take-profit', { takeProfitTriggerPrice: '120' }, UNSUPPORTED, /Take-profit/],
  ['what ccxt makes of stopLossPrice', { stopLossPrice: 90 }, UNSUPPORTED, /not supported/],
  ['a stop-loss', { stopLossLimitPrice: '90' }, UNSUPPORTED, /not supported/],
  ['a trigger that we do not know', { triggerTrail: '1' }, BAD, /^Unknown field/],
  ['no limit price', { price: undefined }, BAD, /`price`/],
  ['a market stop with a price', { orderType: 'Market' }, BAD, /`price`/],
  ['a fill-or-kill market stop', { ...STOP, timeInForce: 'FOK' }, BAD, /`timeInForce`/],
];

/** Of other venues and of client libraries, and slips of the pen; ccxt hands on all of them. */
const FOREIGN_NAMES = [
  ...['stopPrice', 'stop_price', 'StopPrice', 'stopPx', 'stop', 'stoploss'],
  ...['take_profit', 'trailingPercent', 'trailing_delta', 'trailingAmount'],
  ...['triggerprice', 'TriggerPrice', 'trigger_price', 'trigerPrice', 'triggerPx', 'tp', 'sl'],
  ...['activationPrice', 'callbackRate', 'conditionType', 'slTriggerPx', 'limitPrice'],
];

test('an order that names its trigger as nobody reads it does not go live', () => {
  const plain = {
    symbol: 'SOL_USDC',
    side: 'Bid',
    orderType: 'Limit',
    price: '111',
    quantity: '1',
  };
  for (const name of FOREIGN_NAMES) {
    for (const order of [plain, STOP_LIMIT]) {
      const body = PlaceOrder.create();
      const refusal = readPlaceOrder({ ...order, [name]: '110' }, registry, prices, body);
      assert.deepEqual([refusal?.code, refusal?.status], [BAD, 400], name);
      assert.match(refusal?.message ?? '', /^Unknown field that names a price or trigger/);
    }
    assert.equal(read({ ...plain, [name]: null }).triggerPriceTicks, 0, `${name} says nothing`);
  }
});

test('what says nothing of a trigger is ignored, as client libraries need', () => {
  const ignored = {
    ...{ reduceOnly: true, autoLend: true, autoBorrowRepay: false, brokerId: 7 },
    ...{ slippageTolerance: '1', slippageToleranceType: 'Percent' },
    ...{ clientOrderId: 'abc', marginMode: 'cash', test: true, leverage: 2, strategyId: null },
  };
  assert.deepEqual(read({ ...STOP_LIMIT, ...ignored }), read(STOP_LIMIT));
});

test('every bad trigger has its own code and message', () => {
  for (const [name, fields, code, message] of REFUSALS) {
    const body = PlaceOrder.create();
    const refusal = readPlaceOrder({ ...STOP_LIMIT, ...fields }, registry, prices, body);
    assert.equal(refusal?.code, code, name);
    assert.match(refusal?.message ?? '', message, name);
    assert.equal(refusal?.status, code === UNSUPPORTED ? 501 : 400, name);
  }
});
