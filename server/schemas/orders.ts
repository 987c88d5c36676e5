import Type from 'typebox';
import { marketTypes } from './listings.ts';
import { OF_A_SHARD, type Operation } from './operation.ts';
import { BatchAnswer, ExecutedOrder, Order } from './order-objects.ts';
import {
  BatchRequest,
  CancelAllAfterRequest,
  CancelMarketRequest,
  ModifyOrderRequest,
  OrderReference,
  PlaceOrderRequest,
} from './order-requests.ts';
import { ClientId, Count, MarketSymbol, nullable, TimeUs } from './values.ts';

export const ORDER_QUERY = Type.Object({
  symbol: MarketSymbol,
  orderId: Type.Optional(Type.String({ pattern: '^[0-9]{1,20}$' })),
  clientId: Type.Optional(ClientId),
});

export const OPEN_ORDERS_QUERY = Type.Object({
  marketType: marketTypes,
  symbol: Type.Optional(MarketSymbol),
});

export const CancelTimer = Type.Object(
  {
    symbol: nullable(MarketSymbol),
    timeoutMs: Count,
    deadline: nullable(TimeUs),
  },
  { title: 'CancelTimer', description: '`deadline` is null while the timer is off.' },
);

const PATHS = { one: '/api/v1/order', many: '/api/v1/orders' } as const;

export const ORDER_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: 'post', path: PATHS.one, operationId: 'placeOrder', tag: 'Orders' },
    summary: 'Places an order',
    description: 'Answered when the order has been matched, with its fills.',
    instruction: 'orderExecute',
    body: PlaceOrderRequest,
    answer: ExecutedOrder,
    refusals: [...OF_A_SHARD, 501],
  },
  {
    ...{ method: 'get', path: PATHS.one, operationId: 'openOrder', tag: 'Orders' },
    summary: 'An open order',
    description: 'Exactly one of `orderId` and `clientId` names it.',
    instruction: 'orderQuery',
    query: ORDER_QUERY,
    answer: Order,
    refusals: [...OF_A_SHARD, 404],
  },
  {
    ...{ method: 'patch', path: PATHS.one, operationId: 'modifyOrder', tag: 'Orders' },
    summary: 'Reduces or replaces an order; an extension',
    instruction: 'orderModify',
    body: ModifyOrderRequest,
    answer: ExecutedOrder,
    refusals: [...OF_A_SHARD, 404, 501],
  },
  {
    ...{ method: 'del', path: PATHS.one, operationId: 'cancelOrder', tag: 'Orders' },
    summary: 'Cancels an order',
    instruction: 'orderCancel',
    body: OrderReference,
    answer: Order,
    refusals: [...OF_A_SHARD, 404],
  },
  {
    ...{ method: 'post', path: PATHS.many, operationId: 'placeOrders', tag: 'Orders' },
    summary: 'Places up to 50 orders',
    instruction: 'orderExecute',
    description: 'Signed with the instruction before the members of each order.',
    body: BatchRequest,
    answer: BatchAnswer,
    refusals: OF_A_SHARD,
  },
  {
    ...{ method: 'get', path: PATHS.many, operationId: 'openOrders', tag: 'Orders' },
    summary: 'Open orders of a market, or of all',
    instruction: 'orderQueryAll',
    query: OPEN_ORDERS_QUERY,
    answer: Type.Array(Order),
    refusals: OF_A_SHARD,
  },
  {
    ...{ method: 'del', path: PATHS.many, operationId: 'cancelOrders', tag: 'Orders' },
    summary: 'Cancels the open orders of a market',
    description: 'Answers the orders that it cancelled.',
    instruction: 'orderCancelAll',
    body: CancelMarketRequest,
    answer: Type.Array(Order),
    refusals: OF_A_SHARD,
  },
  {
    method: 'post',
    path: '/api/v1/orders/cancelAllAfter',
    ...{ operationId: 'cancelAllAfter', tag: 'Orders' },
    summary: 'Sets the dead-man timer of the account; an extension',
    instruction: 'orderCancelAllAfter',
    body: CancelAllAfterRequest,
    answer: CancelTimer,
    refusals: OF_A_SHARD,
  },
];
