import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Random } from '../../engine/collections/random.ts';
import { ApiError } from '../api-error.ts';
import { perhapsSpoiled, valueFor } from './generate.fixture.ts';

/*
 * Bodies and params are read by hand, since that is several times as fast and names the fault; their schemas are what
 * clients are told. Both have to mean the same, in tests over generated requests.
 */

const REQUESTS = 40_000;

/** One schema, and what reads by hand what it describes. */
export interface Reading {
  readonly schema: TSchema;
  /** Answers the refusal, or throws it. */
  readonly read: (input: unknown) => unknown;
  /** Members by name that mean something to the venue. */
  readonly known?: Readonly<Record<string, readonly unknown[]>>;
}

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
  '`reduceQuantity` does not go with `price` or `quantity`',
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

function refusalOf(read: Reading['read'], input: unknown): ApiError | undefined {
  try {
    const answer = read(input);
    return answer instanceof ApiError ? answer : undefined;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** A test: what the schema accepts is not refused as malformed, and what it refuses is refused. */
export function holdReaderToSchema(name: string, { schema, read, known = {} }: Reading): void {
  test(`what the schema of ${name} accepts is not refused as malformed, and what it refuses is refused`, () => {
    const random = new Random(0x5c4e);
    const validator = Compile(schema);
    const plain = JSON.parse(JSON.stringify(schema)) as object;
    const counts = { accepted: 0, refused: 0, taken: 0 };
    for (let count = 0; count < REQUESTS; count++) {
      const input = perhapsSpoiled(valueFor(plain, random, known), random);
      const refusal = refusalOf(read, input);
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
