import Type, { type TProperties } from 'typebox';
import { Refusal, RefusalCode } from './errors.ts';
import {
  AssetSymbol,
  alwaysNull,
  ClientId,
  Decimal,
  MarketSymbol,
  nullable,
  nullMembers,
  OrderId,
  OrderStatusName,
  oneOf,
  SelfTradePreventionMode,
  Side,
  TimeInForce,
  TimeMs,
  TradeId,
  UpdateId,
} from './values.ts';

/** What every order has, as REST and the socket's replies tell it. */
const COMMON = {
  clientId: nullable(ClientId),
  createdAt: TimeMs,
  executedQuantity: Decimal,
  executedQuoteQuantity: Decimal,
  id: OrderId,
  quantity: Decimal,
  selfTradePrevention: SelfTradePreventionMode,
  side: Side,
  status: OrderStatusName,
  symbol: MarketSymbol,
  timeInForce: TimeInForce,
  ...nullMembers([
    ...(['reduceOnly', 'relatedOrderId', 'stopLossLimitPrice', 'stopLossTriggerBy'] as const),
    ...(['stopLossTriggerPrice', 'strategyId', 'takeProfitLimitPrice'] as const),
    ...(['takeProfitTriggerBy', 'takeProfitTriggerPrice'] as const),
  ]),
  triggerBy: nullable(oneOf(['LastPrice'])),
  triggerPrice: nullable(Decimal),
  triggerQuantity: nullable(Decimal),
  triggeredAt: nullable(TimeMs),
};

const LIMIT = {
  ...COMMON,
  orderType: Type.Literal('Limit'),
  postOnly: Type.Boolean(),
  price: Decimal,
};

const MARKET = {
  ...COMMON,
  orderType: Type.Literal('Market'),
  quoteQuantity: nullable(Decimal),
  slippageTolerance: alwaysNull,
  slippageToleranceType: alwaysNull,
};

/** An order of either type, with more members, under a name and `Limit…`, `Market…` of it. */
function orderOf(name: string, description: string, more: TProperties) {
  return Type.Union(
    [
      Type.Object({ ...LIMIT, ...more }, { title: `Limit${name}` }),
      Type.Object({ ...MARKET, ...more }, { title: `Market${name}` }),
    ],
    { title: name, description },
  );
}

const OrderFill = Type.Object(
  {
    tradeId: TradeId,
    price: Decimal,
    quantity: Decimal,
    fee: Decimal,
    feeSymbol: AssetSymbol,
    isMaker: Type.Boolean(),
  },
  { title: 'OrderFill' },
);

const EXECUTION = { depthUpdateId: UpdateId, fills: Type.Array(OrderFill) };

export const Order = orderOf(
  'Order',
  'A market order by quote has as `quantity` what it executed.',
  {},
);

export const ExecutedOrder = orderOf(
  'ExecutedOrder',
  "The order after the command, its own fills by it, and the depth stream's update id then.",
  EXECUTION,
);

const AcceptedBatchOrder = orderOf('AcceptedBatchOrder', 'An order of a batch that was taken.', {
  operation: Type.Literal('Ok'),
  ...EXECUTION,
});

const RefusedBatchOrder = Type.Object(
  { operation: Type.Literal('Err'), code: RefusalCode, message: Refusal.properties.message },
  { title: 'RefusedBatchOrder' },
);

/** In the order of the request. */
export const BatchAnswer = Type.Array(Type.Union([AcceptedBatchOrder, RefusedBatchOrder]), {
  description: 'One answer per order, in the order of the request.',
});
