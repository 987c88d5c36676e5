import Type from 'typebox';
import {
  Amount,
  ClientId,
  MarketSymbol,
  nullable,
  OrderTypeName,
  oneOf,
  SelfTradePreventionMode,
  Side,
  TimeInForce,
} from './values.ts';

const optionally = <Schema extends Type.TSchema>(schema: Schema) => Type.Optional(nullable(schema));

/**
 * A new order. Which members go together is said in the description: the readers of `server/orders` refuse other
 * combinations by name.
 */
export const PlaceOrderRequest = Type.Object(
  {
    symbol: MarketSymbol,
    side: Side,
    orderType: OrderTypeName,
    price: optionally(Amount),
    quantity: optionally(Amount),
    quoteQuantity: optionally(Amount),
    clientId: optionally(ClientId),
    timeInForce: optionally(TimeInForce),
    postOnly: optionally(Type.Boolean()),
    selfTradePrevention: optionally(SelfTradePreventionMode),
    triggerPrice: optionally(Amount),
    triggerQuantity: optionally(Amount),
    triggerBy: optionally(oneOf(['LastPrice'])),
  },
  {
    title: 'PlaceOrderRequest',
    description:
      'A limit order has `price` and `quantity`; a market order one of `quantity` and `quoteQuantity`, the amount of the ' +
      'quote asset to spend or to get. A stop order has `triggerPrice` and, in the place of `quantity`, `triggerQuantity`. ' +
      '`postOnly` goes with limit orders that are GTC. Unknown members are ignored, unless their names seem to be of a ' +
      'price or trigger: those are refused.',
    examples: [
      { symbol: 'SOL_USDC', side: 'Bid', orderType: 'Limit', price: '141.5', quantity: '2' },
      { symbol: 'SOL_USDC', side: 'Ask', orderType: 'Market', quantity: '1' },
    ],
  },
);

export const BATCH_ORDERS_MAX = 50;

export const BatchRequest = Type.Array(PlaceOrderRequest, {
  minItems: 1,
  maxItems: BATCH_ORDERS_MAX,
  description: 'Each order is taken or refused on its own.',
});

const ORDER_REFERENCE = {
  symbol: MarketSymbol,
  orderId: optionally(
    Type.Union([
      Type.String({ pattern: '^[0-9]{1,20}$' }),
      Type.Integer({ minimum: 0, description: 'The same as a number.' }),
    ]),
  ),
  clientId: optionally(ClientId),
};

const ONE_REFERENCE = 'Exactly one of `orderId` and `clientId` names the order.';

/** Of a cancel and, over the socket, of a query. */
export const OrderReference = Type.Object(ORDER_REFERENCE, {
  title: 'OrderReference',
  description: ONE_REFERENCE,
  examples: [{ symbol: 'SOL_USDC', orderId: '4227701917' }],
});

const FIXED = Type.Optional(Type.Null({ description: 'Stays: naming another is refused.' }));

/** What an order keeps. */
const KEPT = {
  side: FIXED,
  orderType: FIXED,
  timeInForce: FIXED,
  postOnly: FIXED,
  selfTradePrevention: FIXED,
  quoteQuantity: FIXED,
};

export const ReduceOrderRequest = Type.Object(
  { ...ORDER_REFERENCE, quantity: Amount, ...KEPT },
  {
    title: 'ReduceOrderRequest',
    description: `Takes \`quantity\` off the open quantity; the order keeps its place. ${ONE_REFERENCE}`,
    examples: [{ symbol: 'SOL_USDC', orderId: '4227701917', quantity: '1' }],
  },
);

const REPLACEMENT = { price: optionally(Amount), quantity: optionally(Amount) };

export const ReplaceOrderRequest = Type.Object(
  { ...ORDER_REFERENCE, ...REPLACEMENT, ...KEPT },
  {
    title: 'ReplaceOrderRequest',
    description: `The new limit price, the new total quantity, or both; the order goes to the back of its new level and may trade at once. ${ONE_REFERENCE}`,
    examples: [{ symbol: 'SOL_USDC', orderId: '4227701917', price: '141.4' }],
  },
);

/** `PATCH /api/v1/order`: a reduction or a replacement. */
export const ModifyOrderRequest = Type.Object(
  { ...ORDER_REFERENCE, ...REPLACEMENT, reduceQuantity: Type.Optional(Amount), ...KEPT },
  {
    title: 'ModifyOrderRequest',
    description: `Either \`reduceQuantity\`, which is taken off the open quantity while the order keeps its place, or \`price\`, \`quantity\` or both: the new limit price and total quantity, with which the order goes to the back of its new level. ${ONE_REFERENCE}`,
    examples: [{ symbol: 'SOL_USDC', orderId: '4227701917', reduceQuantity: '1' }],
  },
);

const SCOPE = {
  orderType: optionally(
    oneOf(['RestingLimitOrder', 'ConditionalOrder'], {
      title: 'CancelScope',
      description: 'Those that rest, or stop orders that wait; both unless given.',
    }),
  ),
  side: optionally(Side),
};

/** Over the socket, where all markets may be meant. */
export const CancelAllRequest = Type.Object(
  { symbol: optionally(MarketSymbol), ...SCOPE },
  { title: 'CancelAllRequest', description: 'Of all markets unless a symbol is given.' },
);

export const CancelMarketRequest = Type.Object(
  { symbol: MarketSymbol, ...SCOPE },
  { title: 'CancelMarketRequest', examples: [{ symbol: 'SOL_USDC' }] },
);

/** A day: what is not renewed for longer is no dead-man timer. */
export const CANCEL_ALL_AFTER_MS_MAX = 86_400_000;

export const CancelAllAfterRequest = Type.Object(
  {
    timeoutMs: Type.Integer({ minimum: 0, maximum: CANCEL_ALL_AFTER_MS_MAX }),
    symbol: optionally(MarketSymbol),
  },
  {
    title: 'CancelAllAfterRequest',
    description:
      'Cancels the open orders of a market, or of all, unless renewed in time; 0 turns it off.',
    examples: [{ timeoutMs: 10_000 }],
  },
);
