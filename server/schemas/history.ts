import Type from 'typebox';
import { ExpiryReason } from '../../engine/protocol/enums.ts';
import { marketTypes } from './listings.ts';
import { NothingHere } from './market-data.ts';
import type { Operation } from './operation.ts';
import {
  AssetSymbol,
  ClientId,
  Decimal,
  MarketSymbol,
  NaiveTime,
  nullable,
  nullMembers,
  OrderId,
  OrderStatusName,
  OrderTypeName,
  oneOf,
  SelfTradePreventionMode,
  Side,
  TimeInForce,
  TradeId,
} from './values.ts';

export const PAGE_LIMIT_MAX = 1000;
/** The last millisecond of the year 9999. */
const TIME_MS_MAX = 253_402_300_799_999;
const ORDER_ID_PATTERN = '^[0-9]{1,20}$';

export const PAGE_PARAMETERS = {
  sortDirection: Type.Optional(
    oneOf(['Asc', 'Desc'], {
      title: 'SortDirection',
      description: 'By time; newest first unless given.',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: PAGE_LIMIT_MAX,
      description: 'How many; 100 unless given.',
    }),
  ),
  offset: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'How many to pass over; 0 unless given.',
    }),
  ),
};

const timeMs = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: TIME_MS_MAX, description }));

export const TIME_PARAMETERS = {
  from: timeMs('Not before; milliseconds since the epoch.'),
  to: timeMs('Not after; milliseconds since the epoch.'),
};

export const PAGE_QUERY = Type.Object(PAGE_PARAMETERS);

const ORDER_PARAMETERS = {
  symbol: Type.Optional(MarketSymbol),
  orderId: Type.Optional(Type.String({ pattern: ORDER_ID_PATTERN })),
  clientId: Type.Optional(ClientId),
  marketType: marketTypes,
  strategyId: Type.Optional(
    Type.String({ description: 'There are no strategies here: with it nothing is found.' }),
  ),
};

export const ORDER_HISTORY_QUERY = Type.Object({ ...PAGE_PARAMETERS, ...ORDER_PARAMETERS });

export const FILL_HISTORY_QUERY = Type.Object({
  ...PAGE_PARAMETERS,
  ...ORDER_PARAMETERS,
  ...TIME_PARAMETERS,
  fillType: Type.Optional(
    oneOf(
      [
        ...(['User', 'BookLiquidation', 'Adl', 'Backstop', 'Liquidation'] as const),
        ...(['AllLiquidation', 'CollateralConversion'] as const),
        'CollateralConversionAndSpotLiquidation',
      ],
      { title: 'FillType', description: 'All fills here are of users.' },
    ),
  ),
});

const expiryReasons = Object.keys(ExpiryReason).filter((name) => name !== 'None');

const PastOrder = Type.Object(
  {
    clientId: nullable(ClientId),
    createdAt: NaiveTime,
    executedQuantity: Decimal,
    executedQuoteQuantity: Decimal,
    expiryReason: nullable(oneOf(expiryReasons, { title: 'ExpiryReason' })),
    id: OrderId,
    orderType: OrderTypeName,
    postOnly: nullable(Type.Boolean()),
    price: nullable(Decimal),
    quantity: Decimal,
    quoteQuantity: nullable(Decimal),
    selfTradePrevention: SelfTradePreventionMode,
    side: Side,
    status: OrderStatusName,
    symbol: MarketSymbol,
    timeInForce: TimeInForce,
    triggerBy: nullable(oneOf(['LastPrice'])),
    triggerPrice: nullable(Decimal),
    triggerQuantity: nullable(Decimal),
    ...nullMembers([
      ...(['slippageTolerance', 'slippageToleranceType', 'strategyId', 'systemOrderType'] as const),
      ...(['stopLossLimitPrice', 'stopLossTriggerBy', 'stopLossTriggerPrice'] as const),
      ...(['takeProfitLimitPrice', 'takeProfitTriggerBy', 'takeProfitTriggerPrice'] as const),
    ]),
  },
  { title: 'PastOrder' },
);

const PastFill = Type.Object(
  {
    clientId: nullable(Type.String({ pattern: '^[0-9]{1,10}$' })),
    fee: Decimal,
    feeSymbol: AssetSymbol,
    isMaker: Type.Boolean(),
    orderId: OrderId,
    price: Decimal,
    quantity: Decimal,
    side: Side,
    symbol: MarketSymbol,
    timestamp: NaiveTime,
    tradeId: TradeId,
    ...nullMembers(['systemOrderType']),
  },
  { title: 'PastFill' },
);

const past = (name: string, operationId: string, instruction: string, summary: string) => {
  const path = `/wapi/v1/history/${name}`;
  const usual = { method: 'get', tag: 'History', isPaged: true, refusals: [503] } as const;
  return { ...usual, path, operationId, instruction, summary };
};

/** Histories of what a spot venue has none of, and what their requests are signed as. */
const ABSENT: readonly (readonly [name: string, instruction: string])[] = [
  ['borrowLend', 'borrowHistoryQueryAll'],
  ['borrowLend/positions', 'borrowPositionHistoryQueryAll'],
  ['dust', 'dustHistoryQueryAll'],
  ['funding', 'fundingHistoryQueryAll'],
  ['interest', 'interestHistoryQueryAll'],
  ['settlement', 'settlementHistoryQueryAll'],
];

export const HISTORY_OPERATIONS: readonly Operation[] = [
  {
    ...past('orders', 'orderHistory', 'orderHistoryQueryAll', 'Orders, open ones included'),
    description:
      '`clientId` finds every order that the account ever called so: what became of one whose reply was lost.',
    query: ORDER_HISTORY_QUERY,
    answer: Type.Array(PastOrder),
  },
  {
    ...past('fills', 'fillHistory', 'fillHistoryQueryAll', 'Fills'),
    query: FILL_HISTORY_QUERY,
    answer: Type.Array(PastFill),
  },
  ...ABSENT.map(([name, instruction]) => ({
    ...past(name, instruction, instruction, 'Of products that this venue does not have'),
    query: PAGE_QUERY,
    answer: NothingHere,
  })),
];
