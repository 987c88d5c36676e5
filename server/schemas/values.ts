import Type, { type Static, type TSchema } from 'typebox';
import {
  OrderStatus,
  SelfTradePrevention,
  Side as SideValues,
  TimeInForce as TimeInForceValues,
} from '../../engine/protocol/enums.ts';

/**
 * What the schemas of all resources are made of. A schema with a `title` is a component of the documents under that
 * name, wherever it stands; one name means one schema (`components.ts` asserts it).
 */

/** One of a closed set of texts. */
export function oneOf<const Names extends readonly string[]>(
  names: Names,
  options: { readonly title?: string; readonly description?: string } = {},
) {
  return Type.Unsafe<Names[number]>({ type: 'string', enum: [...names], ...options });
}

export function nullable<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()]);
}

/** A member that is null on every answer of a spot venue. */
export const alwaysNull = Type.Null({ description: 'Always null on a spot venue.' });

/** So many members of `alwaysNull`. */
export function nullMembers<const Names extends readonly string[]>(
  names: Names,
): { [Name in Names[number]]: typeof alwaysNull } {
  const members = Object.fromEntries(names.map((name) => [name, alwaysNull]));
  return members as { [Name in Names[number]]: typeof alwaysNull };
}

export const Decimal = Type.String({
  title: 'Decimal',
  description: 'A decimal number as text: no sign, no exponent.',
  pattern: '^[0-9]+(\\.[0-9]+)?$',
  examples: ['141.5'],
});

export const SignedDecimal = Type.String({
  title: 'SignedDecimal',
  description: 'A decimal number as text, with a minus where it is negative; no exponent.',
  pattern: '^-?[0-9]+(\\.[0-9]+)?$',
  examples: ['-1.5'],
});

/** What a request may write for a price or quantity. */
export const Amount = Type.Union(
  [
    Type.String({ pattern: '^(0|[1-9][0-9]*)(\\.[0-9]+)?$', maxLength: 40 }),
    Type.Number({ minimum: 0 }),
  ],
  {
    title: 'Amount',
    description:
      'A positive decimal number: text, or a JSON number that JavaScript writes without an exponent.',
    examples: ['141.5'],
  },
);

export const MarketSymbol = Type.String({
  title: 'MarketSymbol',
  description: 'Base and quote asset: `SOL_USDC`.',
  examples: ['SOL_USDC'],
});

export const AssetSymbol = Type.String({ title: 'AssetSymbol', examples: ['USDC'] });

const { MAX_SAFE_INTEGER } = Number;

export const Count = Type.Integer({ minimum: 0, maximum: MAX_SAFE_INTEGER });

export const TimeMs = Type.Integer({
  title: 'TimeMs',
  description: 'Milliseconds since the epoch.',
  minimum: 0,
  maximum: MAX_SAFE_INTEGER,
  examples: [1795358905653],
});

export const TimeUs = Type.Integer({
  title: 'TimeUs',
  description: 'Microseconds since the epoch.',
  minimum: 0,
  maximum: MAX_SAFE_INTEGER,
  examples: [1795358905653000],
});

const SECOND = '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}';

export const NaiveTime = Type.String({
  title: 'NaiveTime',
  description: 'UTC without a zone, milliseconds.',
  pattern: `^${SECOND}\\.[0-9]{3}$`,
  examples: ['2026-09-01T17:54:04.094'],
});

export const NaiveTimeUs = Type.String({
  title: 'NaiveTimeUs',
  description: 'UTC without a zone, microseconds.',
  pattern: `^${SECOND}\\.[0-9]{6}$`,
  examples: ['2026-09-01T17:54:04.094123'],
});

export const NaiveSecond = Type.String({
  title: 'NaiveSecond',
  description: 'UTC without a zone, seconds.',
  pattern: `^${SECOND}$`,
  examples: ['2026-09-01T17:54:00'],
});

export const NaiveSpacedSecond = Type.String({
  title: 'NaiveSpacedSecond',
  description: 'UTC without a zone, seconds, with a space.',
  pattern: `^${SECOND.replace('T', ' ')}$`,
  examples: ['2026-09-01 17:54:00'],
});

export const OrderId = Type.String({
  title: 'OrderId',
  description: 'Digits; below 2^53.',
  pattern: '^[0-9]{1,16}$',
  examples: ['4227701917'],
});

export const TradeId = Type.Integer({
  title: 'TradeId',
  description: 'Dense per market, from 1.',
  minimum: 1,
  maximum: MAX_SAFE_INTEGER,
});

export const UpdateId = Type.Integer({
  title: 'UpdateId',
  description: "Of a market's depth: each change of the book has the next one.",
  minimum: 0,
  maximum: MAX_SAFE_INTEGER,
});

export const ClientId = Type.Integer({
  title: 'ClientId',
  description: "The client's own id of an order; unique among the account's open orders.",
  minimum: 0,
  maximum: 2 ** 32 - 1,
});

function namesOf<Name extends string>(values: Readonly<Record<Name, number>>): Name[] {
  return Object.keys(values) as Name[];
}

export const Side = oneOf(namesOf(SideValues), { title: 'Side' });
export const OrderTypeName = oneOf(['Limit', 'Market'], { title: 'OrderType' });
export const TimeInForce = oneOf(namesOf(TimeInForceValues), { title: 'TimeInForce' });
export const SelfTradePreventionMode = oneOf(namesOf(SelfTradePrevention), {
  title: 'SelfTradePrevention',
  description: "Whose order expires when an account's orders would meet; `Allow`: they trade.",
});
export const OrderStatusName = oneOf(namesOf(OrderStatus), { title: 'OrderStatus' });

/** Price and quantity of a level of a book. */
export const Level = Type.Unsafe<[price: Static<typeof Decimal>, quantity: Static<typeof Decimal>]>(
  {
    title: 'Level',
    description: 'Price and quantity.',
    type: 'array',
    prefixItems: [Decimal, Decimal],
    items: false,
    minItems: 2,
  },
);
