import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Random } from '../../engine/collections/random.ts';
import {
  CancelOrder,
  PlaceOrder,
  ReduceOrder,
  ReplaceOrder,
} from '../../engine/protocol/commands.ts';
import { ApiError } from '../api-error.ts';
import { perhapsSpoiled, valueFor } from '../schemas/generate.fixture.ts';
import {
  CancelAllAfterRequest,
  OrderReference,
  PlaceOrderRequest,
  ReduceOrderRequest,
  ReplaceOrderRequest,
} from '../schemas/order-requests.ts';
import { readCancelAllAfter } from './cancel-all-after.ts';
import { readOrderReference, readReduceOrder, readReplaceOrder } from './order-reference.ts';
import { readPlaceOrder } from './order-request.ts';
import { listedRegistry } from './venue.fixture.ts';

/*
 * Orders are read by hand, since that is several times as fast and names the fault; their schemas are what clients
 * are told. Both have to mean the same, in these tests over generated requests.
 */

const registry = listedRegistry();
const prices = { referencePriceTicks: () => 10_000 };
const REQUESTS = 40_000;

type Read = (input: unknown) => ApiError | undefined;

interface Reading {
  readonly schema: TSchema;
  readonly read: Read;
}

const READINGS: Readonly<Record<string, Reading>> = {
  place: {
    schema: PlaceOrderRequest,
    read: (input) => readPlaceOrder(input, registry, prices, PlaceOrder.create()),
  },
  reference: {
    schema: OrderReference,
    read: (input) => readOrderReference(input, registry, CancelOrder.create()),
  },
  reduce: {
    schema: ReduceOrderRequest,
    read: (input) => readReduceOrder(input, registry, ReduceOrder.create()),
  },
  replace: {
    schema: ReplaceOrderRequest,
    read: (input) => readReplaceOrder(input, registry, ReplaceOrder.create()),
  },
  cancelAllAfter: {
    schema: CancelAllAfterRequest,
    read(input) {
      const wanted = readCancelAllAfter(input, registry);
      return wanted instanceof ApiError ? wanted : undefined;
    },
  },
};

const KNOWN = {
  symbol: ['SOL_USDC', 'ETH_USDC'],
  price: ['100', '100.05', 99.95],
  quantity: ['1', '0.002', 2],
  triggerQuantity: ['1', '2'],
};

/** Refusals of members that are fine by themselves: which of them go together is no matter of the schema. */
const COMBINATIONS: ReadonlySet<string> = new Set([
  'A market order cannot be `postOnly`',
  '`postOnly` goes with `timeInForce` GTC only',
  'A market order cannot have `timeInForce` FOK',
  'A market order takes no `price`',
  '`quoteQuantity` goes with market orders only',
  'A market order takes exactly one of `quantity` and `quoteQuantity`',
  'Must specify both `triggerPrice` and `triggerQuantity` or neither',
  '`quantity` must be absent or equal to `triggerQuantity`',
  '`quoteQuantity` does not go with a trigger',
  'Exactly one of `orderId` and `clientId` is needed',
  'At least one of `price` and `quantity` is needed',
  'Unknown field that names a price or trigger: a stop order has `triggerPrice` and `triggerQuantity`',
  ...['Price', 'Quantity', 'Quote quantity', 'Trigger price', 'Trigger quantity'].map(
    (label) => `${label} decimal too long`,
  ),
]);

/** A limit order needs a price and a quantity; and a number may have no text without an exponent. */
function isAbsentOrExponential({ message }: ApiError, input: unknown): boolean {
  const name = /^`(\w+)` is missing or not a decimal string$/.exec(message)?.[1];
  if (name === undefined) return false;
  const value = (input as Record<string, unknown>)[name] ?? null;
  return value === null || (typeof value === 'number' && String(value).includes('e'));
}

function isOfShape(refusal: ApiError, input: unknown): boolean {
  return (
    refusal.code === 'INVALID_CLIENT_REQUEST' &&
    !COMBINATIONS.has(refusal.message) &&
    !isAbsentOrExponential(refusal, input)
  );
}

for (const [name, { schema, read }] of Object.entries(READINGS)) {
  test(`what the schema of ${name} accepts is not refused as malformed, and what it refuses is refused`, () => {
    const random = new Random(0x5c4e);
    const validator = Compile(schema);
    const known = JSON.parse(JSON.stringify(schema)) as object;
    const counts = { accepted: 0, refused: 0, taken: 0 };
    for (let count = 0; count < REQUESTS; count++) {
      const input = perhapsSpoiled(valueFor(known, random, KNOWN), random);
      const refusal = read(input);
      const what = `${JSON.stringify(input)}: ${refusal?.message}`;
      if (refusal === undefined) counts.taken++;
      if (validator.Check(input)) {
        counts.accepted++;
        assert.ok(refusal === undefined || !isOfShape(refusal, input), `accepted ${what}`);
      } else {
        counts.refused++;
        assert.ok(refusal !== undefined, `refused ${what}`);
      }
    }
    for (const [kind, count] of Object.entries(counts)) {
      assert.ok(count > REQUESTS / 50, `${kind}: ${count}`);
    }
  });
}
