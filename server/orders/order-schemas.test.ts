import {
  CancelOrder,
  PlaceOrder,
  ReduceOrder,
  ReplaceOrder,
} from '../../engine/protocol/commands.ts';
import { isReduction } from '../http/order.ts';
import { assertOneMarket } from '../http/orders.ts';
import {
  CancelAllAfterRequest,
  CancelAllRequest,
  CancelMarketRequest,
  ModifyOrderRequest,
  OrderReference,
  PlaceOrderRequest,
  ReduceOrderRequest,
  ReplaceOrderRequest,
} from '../schemas/order-requests.ts';
import { holdReaderToSchema, type Reading } from '../schemas/reader-agreement.fixture.ts';
import { OpenOrdersRequest } from '../schemas/socket-methods.ts';
import { readCancelAll, readMarketId } from './cancel-all.ts';
import { readCancelAllAfter } from './cancel-all-after.ts';
import { readPage } from './order-page.ts';
import { readOrderReference, readReduceOrder, readReplaceOrder } from './order-reference.ts';
import { readPlaceOrder } from './order-request.ts';
import { isPlainObject, NOT_AN_OBJECT } from './request-fields.ts';
import { listedRegistry } from './venue.fixture.ts';

const registry = listedRegistry();
const prices = { referencePriceTicks: () => 10_000 };

const reduce = (input: unknown) => readReduceOrder(input, registry, ReduceOrder.create());
const replace = (input: unknown) => readReplaceOrder(input, registry, ReplaceOrder.create());

const READINGS: Readonly<Record<string, Reading>> = {
  place: {
    schema: PlaceOrderRequest,
    read: (input) => readPlaceOrder(input, registry, prices, PlaceOrder.create()),
  },
  reference: {
    schema: OrderReference,
    read: (input) => readOrderReference(input, registry, CancelOrder.create()),
  },
  reduce: { schema: ReduceOrderRequest, read: reduce },
  replace: { schema: ReplaceOrderRequest, read: replace },
  modify: {
    schema: ModifyOrderRequest,
    read(input) {
      if (!isPlainObject(input)) return NOT_AN_OBJECT;
      return isReduction(input) ? reduce(input) : replace(input);
    },
  },
  cancelAll: {
    schema: CancelAllRequest,
    // What is no params at all is for the schema of the method.
    read: (input) => (isPlainObject(input) ? readCancelAll(input, registry) : NOT_AN_OBJECT),
  },
  cancelMarket: {
    schema: CancelMarketRequest,
    read(input) {
      if (!isPlainObject(input)) return NOT_AN_OBJECT;
      assertOneMarket(input);
      return readCancelAll(input, registry);
    },
  },
  openOrders: {
    schema: OpenOrdersRequest,
    read(input) {
      if (!isPlainObject(input)) return NOT_AN_OBJECT;
      readMarketId(input, registry);
      return readPage(input);
    },
  },
  cancelAllAfter: {
    schema: CancelAllAfterRequest,
    read: (input) => readCancelAllAfter(input, registry),
  },
};

const known = {
  symbol: ['SOL_USDC', 'ETH_USDC'],
  price: ['100', '100.05', 99.95],
  quantity: ['1', '0.002', 2],
  reduceQuantity: ['1', 0.5],
  triggerQuantity: ['1', '2'],
};

for (const [name, reading] of Object.entries(READINGS)) {
  holdReaderToSchema(name, { ...reading, known });
}
