import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unpack } from 'msgpackr';
import {
  ExpiryReason,
  OrderEventKind,
  OrderStatus,
  OrderType,
  SelfTradePrevention,
  Side,
  TimeInForce,
} from '../../engine/protocol/enums.ts';
import { OrderEvent } from '../../engine/protocol/events.ts';
import { RejectCode } from '../../engine/protocol/reject-codes.ts';
import { MapWriter } from '../ws/map-writer.ts';
import { writeExecutedOrder, writeOrder } from '../ws/order-msgpack.ts';
import { batchOrderJson, executedOrderJson, orderJson } from './order-json.ts';
import { orderUpdateData } from './order-update-frame.ts';
import { ETH_USDC, listedRegistry, SOL_USDC } from './venue.fixture.ts';

const registry = listedRegistry();
const sol = registry.market(SOL_USDC.marketId);
const eth = registry.market(ETH_USDC.marketId);

const LIMIT: OrderEvent = {
  ...OrderEvent.create(),
  kind: OrderEventKind.Accepted,
  accountId: 3,
  marketId: sol.marketId,
  orderId: 4_227_701_917,
  side: Side.Ask,
  orderType: OrderType.Limit,
  timeInForce: TimeInForce.GTC,
  postOnly: true,
  status: OrderStatus.New,
  priceTicks: 10_050,
  quantityLots: 4000,
  createdAtUs: 1_795_358_835_119_999,
  timeUs: 1_795_358_835_120_001,
  updateId: 812_312,
};

const MARKET: OrderEvent = {
  ...LIMIT,
  orderType: OrderType.Market,
  timeInForce: TimeInForce.IOC,
  postOnly: false,
  status: OrderStatus.Expired,
  executedLots: 150,
  executedQuoteUnits: 150_750_000,
};

const FILL: OrderEvent = {
  ...MARKET,
  kind: OrderEventKind.Fill,
  status: OrderStatus.PartiallyFilled,
  tradeId: 9_748_827,
  fillPriceTicks: 10_050,
  fillLots: 150,
  feeUnits: 75_375,
};

const STOP: OrderEvent = {
  ...LIMIT,
  kind: OrderEventKind.TriggerPlaced,
  status: OrderStatus.TriggerPending,
  triggerPriceTicks: 9_950,
};

/** The members of a limit order of the exchange whose API this is. */
const RECORDED_LIMIT = {
  clientId: null,
  createdAt: 1_795_358_835_119,
  executedQuantity: '0',
  executedQuoteQuantity: '0',
  id: '4227701917',
  orderType: 'Limit',
  postOnly: true,
  price: '100.5',
  quantity: '40',
  reduceOnly: null,
  relatedOrderId: null,
  selfTradePrevention: 'RejectTaker',
  side: 'Ask',
  status: 'New',
  stopLossLimitPrice: null,
  stopLossTriggerBy: null,
  stopLossTriggerPrice: null,
  strategyId: null,
  symbol: 'SOL_USDC',
  takeProfitLimitPrice: null,
  takeProfitTriggerBy: null,
  takeProfitTriggerPrice: null,
  timeInForce: 'GTC',
  triggerBy: null,
  triggerPrice: null,
  triggerQuantity: null,
  triggeredAt: null,
};

test('a limit order has exactly the recorded members', () => {
  assert.deepEqual(JSON.parse(orderJson(LIMIT, sol)), RECORDED_LIMIT);
});

test('a market order has its quantities in the place of price and post-only', () => {
  const { postOnly, price, ...common } = RECORDED_LIMIT;
  assert.ok(postOnly && price);
  const expected = {
    ...common,
    orderType: 'Market',
    timeInForce: 'IOC',
    status: 'Expired',
    executedQuantity: '1.5',
    executedQuoteQuantity: '150.75',
    quantity: '40',
    quoteQuantity: null,
    slippageTolerance: null,
    slippageToleranceType: null,
  };
  assert.deepEqual(JSON.parse(orderJson(MARKET, sol)), expected);
  const byQuote = { ...MARKET, quantityLots: 0, quoteBudgetUnits: 151_000_000 };
  assert.deepEqual(JSON.parse(orderJson(byQuote, sol)), {
    ...expected,
    quantity: '1.5',
    quoteQuantity: '151',
  });
});

test('a stop order has its trigger, its quantity under both names, and when it fired', () => {
  const trigger = { triggerBy: 'LastPrice', triggerPrice: '99.5', triggerQuantity: '40' };
  assert.deepEqual(JSON.parse(orderJson(STOP, sol)), {
    ...RECORDED_LIMIT,
    ...trigger,
    status: 'TriggerPending',
  });
  const fired = { ...STOP, status: OrderStatus.New, triggeredAtUs: 1_795_358_836_000_999 };
  assert.deepEqual(JSON.parse(orderJson(fired, sol)), {
    ...RECORDED_LIMIT,
    ...trigger,
    triggeredAt: 1_795_358_836_000,
  });
});

test('a placed order brings its fills and the update id of the depth stream', () => {
  const placed = JSON.parse(executedOrderJson(MARKET, [FILL], sol)) as Record<string, unknown>;
  assert.equal(placed.depthUpdateId, 812_312);
  assert.deepEqual(placed.fills, [
    {
      tradeId: 9_748_827,
      price: '100.5',
      quantity: '1.5',
      fee: '0.075375',
      feeSymbol: 'USDC',
      isMaker: false,
    },
  ]);
  const item = JSON.parse(batchOrderJson(MARKET, [FILL], sol)) as Record<string, unknown>;
  assert.deepEqual(item, { operation: 'Ok', ...placed });
});

test('msgpack replies say the same as JSON ones', () => {
  const variants: OrderEvent[] = [
    LIMIT,
    MARKET,
    { ...MARKET, quantityLots: 0, quoteBudgetUnits: 1 },
    { ...LIMIT, clientId: 4_294_967_295, side: Side.Bid, postOnly: false },
    { ...LIMIT, selfTradePrevention: SelfTradePrevention.RejectBoth, orderId: 2 ** 53 - 1 },
    { ...LIMIT, timeInForce: TimeInForce.FOK, status: OrderStatus.Filled, executedLots: 4000 },
    { ...LIMIT, marketId: eth.marketId, priceTicks: 2001, quantityLots: 63 },
    STOP,
    { ...MARKET, triggerPriceTicks: 9_950, triggeredAtUs: 1_795_358_836_000_999 },
  ];
  for (const order of variants) {
    const market = registry.market(order.marketId);
    const writer = new MapWriter(1);
    writeOrder(writer, order, market);
    assert.deepEqual(
      unpack(writer.bytes.slice(0, writer.end)),
      JSON.parse(orderJson(order, market)),
    );
    for (const fills of [[], [FILL], Array.from({ length: 40 }, () => FILL)]) {
      writer.end = 0;
      writeExecutedOrder(writer, order, fills, market);
      assert.deepEqual(
        unpack(writer.bytes.slice(0, writer.end)),
        JSON.parse(executedOrderJson(order, fills, market)),
      );
    }
  }
});

function update(event: OrderEvent): Record<string, unknown> {
  const data = orderUpdateData(event, registry.market(event.marketId), 1_795_358_835_120_500);
  return JSON.parse(data) as Record<string, unknown>;
}

test('an accepted limit order is announced with the recorded members', () => {
  assert.deepEqual(update(LIMIT), {
    E: 1_795_358_835_120_500,
    O: 'USER',
    Q: '4020.000000',
    S: 'Ask',
    T: 1_795_358_835_120_001,
    V: 'RejectTaker',
    X: 'New',
    Z: '0',
    e: 'orderAccepted',
    f: 'GTC',
    i: '4227701917',
    o: 'LIMIT',
    p: '100.5',
    q: '40',
    r: false,
    s: 'SOL_USDC',
    t: null,
    y: true,
    z: '0',
  });
});

test('a fill carries its own price, size, fee and trade, and the sums so far', () => {
  const fill = update({
    ...LIMIT,
    ...FILL,
    orderType: OrderType.Limit,
    clientId: 0,
    isMaker: true,
  });
  assert.deepEqual(
    ['e', 'L', 'l', 'm', 'n', 'N', 't', 'z', 'Z', 'X', 'c', 'o'].map((key) => fill[key]),
    [
      'orderFill',
      '100.5',
      '1.5',
      true,
      '0.075375',
      'USDC',
      9_748_827,
      '1.5',
      '150.75',
      'PartiallyFilled',
      0,
      'LIMIT',
    ],
  );
  assert.equal('R' in fill, false);
});

test('an expiry says why, and a market order has no price', () => {
  const expired = update({
    ...MARKET,
    kind: OrderEventKind.Expired,
    expiryReason: ExpiryReason.InsufficientLiquidity,
    quantityLots: 0,
    quoteBudgetUnits: 151_000_000,
  });
  assert.equal(expired.e, 'orderExpired');
  assert.equal(expired.R, 'InsufficientLiquidity');
  assert.equal(expired.o, 'MARKET');
  assert.equal(expired.q, '1.5');
  assert.equal(expired.Q, '151.000000');
  assert.equal('p' in expired, false);
  const prevented = update({
    ...LIMIT,
    kind: OrderEventKind.Expired,
    expiryReason: ExpiryReason.SelfTradePrevention,
  });
  assert.deepEqual([prevented.R, prevented.V], ['SelfTradePrevention', 'RejectTaker']);
  assert.equal(update({ ...LIMIT, kind: OrderEventKind.Cancelled }).e, 'orderCancelled');
  assert.equal(update({ ...LIMIT, kind: OrderEventKind.Modified }).e, 'orderModified');
});

test('a stop order is announced with its trigger, when it is placed, fires or fails', () => {
  const keys = ['e', 'X', 'P', 'Y', 'B', 'q'];
  const values = (event: OrderEvent) => keys.map((key) => update(event)[key]);
  const trigger = ['99.5', '40', 'LastPrice', '40'];
  assert.deepEqual(values(STOP), ['triggerPlaced', 'TriggerPending', ...trigger]);
  const why = { rejectCode: RejectCode.PostOnlyWouldTake };
  const failed = { kind: OrderEventKind.TriggerFailed, status: OrderStatus.TriggerFailed, ...why };
  assert.deepEqual(values({ ...STOP, ...failed }), ['triggerFailed', 'TriggerFailed', ...trigger]);
  assert.equal(update({ ...STOP, ...failed }).rejectReason, 'PostOnlyWouldTake');
  assert.ok(!('R' in update({ ...STOP, ...failed })) && !('rejectReason' in update(STOP)));
  const accepted = { kind: OrderEventKind.Accepted, status: OrderStatus.New };
  assert.deepEqual(values({ ...STOP, ...accepted }), ['orderAccepted', 'New', ...trigger]);
  const plain = update(LIMIT);
  assert.ok(!('P' in plain) && !('Y' in plain) && !('B' in plain));
});
