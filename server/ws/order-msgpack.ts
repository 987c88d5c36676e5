import type { Scale } from '../../engine/protocol/decimal.ts';
import { OrderType } from '../../engine/protocol/enums.ts';
import type { OrderEvent } from '../../engine/protocol/events.ts';
import {
  SELF_TRADE_PREVENTION_NAMES,
  SIDE_NAMES,
  STATUS_NAMES,
  TIME_IN_FORCE_NAMES,
  TRIGGER_BY,
} from '../orders/order-names.ts';
import type { Market } from '../registry/registry.ts';
import { constantPiece, type MapWriter } from './map-writer.ts';

const key = (name: string): Uint8Array => constantPiece((writer) => writer.shortText(name));

const NULL_NAMES = [
  'reduceOnly',
  'relatedOrderId',
  'stopLossLimitPrice',
  'stopLossTriggerBy',
  'stopLossTriggerPrice',
  'strategyId',
  'takeProfitLimitPrice',
  'takeProfitTriggerBy',
  'takeProfitTriggerPrice',
];
const TRIGGER_NAMES = ['triggerBy', 'triggerPrice', 'triggerQuantity', 'triggeredAt'];

const nulls = (names: readonly string[]): Uint8Array =>
  constantPiece((writer) => {
    for (const name of names) {
      writer.shortText(name);
      writer.nil();
    }
  });

const NULL_MEMBERS = nulls(NULL_NAMES);
const NO_TRIGGER = nulls(TRIGGER_NAMES);
const TRIGGER_BY_LAST_PRICE = constantPiece((writer) => {
  writer.shortText('triggerBy');
  writer.shortText(TRIGGER_BY);
});

const LIMIT_KIND = constantPiece((writer) => {
  writer.shortText('orderType');
  writer.shortText('Limit');
  writer.shortText('postOnly');
});

const MARKET_KIND = constantPiece((writer) => {
  writer.shortText('orderType');
  writer.shortText('Market');
  writer.shortText('slippageTolerance');
  writer.nil();
  writer.shortText('slippageToleranceType');
  writer.nil();
});

const CLIENT_ID = key('clientId');
const CREATED_AT = key('createdAt');
const EXECUTED_QUANTITY = key('executedQuantity');
const EXECUTED_QUOTE_QUANTITY = key('executedQuoteQuantity');
const ID = key('id');
const PRICE = key('price');
const QUANTITY = key('quantity');
const QUOTE_QUANTITY = key('quoteQuantity');
const SYMBOL = key('symbol');
const DEPTH_UPDATE_ID = key('depthUpdateId');
const FILLS = key('fills');
const TRADE_ID = key('tradeId');
const FEE = key('fee');
const FEE_SYMBOL = key('feeSymbol');
const IS_MAKER = key('isMaker');
const TRIGGER_PRICE = key('triggerPrice');
const TRIGGER_QUANTITY = key('triggerQuantity');
const TRIGGERED_AT = key('triggeredAt');

/** Name and value, by the number that the value has inside. */
const named = (name: string, values: readonly string[]): Uint8Array[] =>
  values.map((value) =>
    constantPiece((writer) => {
      writer.shortText(name);
      writer.shortText(value);
    }),
  );

const SELF_TRADE_PREVENTION = named('selfTradePrevention', SELF_TRADE_PREVENTION_NAMES);
const SIDE = named('side', SIDE_NAMES);
const STATUS = named('status', STATUS_NAMES);
const TIME_IN_FORCE = named('timeInForce', TIME_IN_FORCE_NAMES);

/** Of ids, which are texts. */
const WHOLE: Scale = { decimals: 0, stepUnits: 1 };

/** Members of an order alone: ten of every order, the nulls, the trigger's, and those of its kind. */
const COMMON_MEMBERS = 10 + NULL_NAMES.length + TRIGGER_NAMES.length;
const LIMIT_MEMBERS = COMMON_MEMBERS + 4;
const MARKET_MEMBERS = COMMON_MEMBERS + 5;
const FILL_MEMBERS = 6;

/** The same map as `orderJson`, with room in its header for `extraMembers` written after it. */
export function writeOrder(
  writer: MapWriter,
  order: Readonly<OrderEvent>,
  market: Market,
  extraMembers = 0,
): void {
  const { priceScale, quantityScale, quote } = market;
  const isLimit = order.orderType === OrderType.Limit;
  writer.mapHeader((isLimit ? LIMIT_MEMBERS : MARKET_MEMBERS) + extraMembers);
  writer.piece(CLIENT_ID);
  if (order.clientId === null) writer.nil();
  else writer.number(order.clientId);
  writer.piece(CREATED_AT);
  writer.number(Math.floor(order.createdAtUs / 1000));
  decimalMember(writer, EXECUTED_QUANTITY, order.executedLots, quantityScale);
  decimalMember(writer, EXECUTED_QUOTE_QUANTITY, order.executedQuoteUnits, quote.scale);
  decimalMember(writer, ID, order.orderId, WHOLE);
  if (isLimit) {
    writer.piece(LIMIT_KIND);
    writer.ensure(1);
    writer.bool(order.postOnly);
    decimalMember(writer, PRICE, order.priceTicks, priceScale);
    decimalMember(writer, QUANTITY, order.quantityLots, quantityScale);
  } else {
    writer.piece(MARKET_KIND);
    writeMarketOrderQuantities(writer, order, market);
  }
  writer.piece(SELF_TRADE_PREVENTION[order.selfTradePrevention]!);
  writer.piece(SIDE[order.side]!);
  writer.piece(STATUS[order.status]!);
  textMember(writer, SYMBOL, market.symbol);
  writer.piece(TIME_IN_FORCE[order.timeInForce]!);
  writer.piece(NULL_MEMBERS);
  writeTrigger(writer, order, market);
}

function writeTrigger(writer: MapWriter, order: Readonly<OrderEvent>, market: Market): void {
  if (order.triggerPriceTicks === 0) {
    writer.piece(NO_TRIGGER);
    return;
  }
  writer.piece(TRIGGER_BY_LAST_PRICE);
  decimalMember(writer, TRIGGER_PRICE, order.triggerPriceTicks, market.priceScale);
  decimalMember(writer, TRIGGER_QUANTITY, order.quantityLots, market.quantityScale);
  writer.piece(TRIGGERED_AT);
  if (order.triggeredAtUs === 0) writer.nil();
  else writer.number(Math.floor(order.triggeredAtUs / 1000));
}

/** The same map as `executedOrderJson`. */
export function writeExecutedOrder(
  writer: MapWriter,
  order: Readonly<OrderEvent>,
  fills: readonly Readonly<OrderEvent>[],
  market: Market,
  extraMembers = 0,
): void {
  writeOrder(writer, order, market, extraMembers + 2);
  writer.piece(DEPTH_UPDATE_ID);
  writer.number(order.updateId);
  writer.piece(FILLS);
  writer.listHeader(fills.length);
  for (const fill of fills) {
    writer.mapHeader(FILL_MEMBERS);
    writer.piece(TRADE_ID);
    writer.number(fill.tradeId);
    decimalMember(writer, PRICE, fill.fillPriceTicks, market.priceScale);
    decimalMember(writer, QUANTITY, fill.fillLots, market.quantityScale);
    decimalMember(writer, FEE, fill.feeUnits, market.quote.scale);
    textMember(writer, FEE_SYMBOL, market.quote.symbol);
    writer.piece(IS_MAKER);
    writer.ensure(1);
    writer.bool(fill.isMaker);
  }
}

function writeMarketOrderQuantities(
  writer: MapWriter,
  order: Readonly<OrderEvent>,
  market: Market,
): void {
  if (order.quoteBudgetUnits > 0) {
    decimalMember(writer, QUANTITY, order.executedLots, market.quantityScale);
    decimalMember(writer, QUOTE_QUANTITY, order.quoteBudgetUnits, market.quote.scale);
    return;
  }
  decimalMember(writer, QUANTITY, order.quantityLots, market.quantityScale);
  writer.piece(QUOTE_QUANTITY);
  writer.nil();
}

function decimalMember(writer: MapWriter, name: Uint8Array, steps: number, scale: Scale): void {
  writer.piece(name);
  writer.decimal(steps, scale);
}

function textMember(writer: MapWriter, name: Uint8Array, value: string): void {
  writer.piece(name);
  writer.shortText(value);
}
