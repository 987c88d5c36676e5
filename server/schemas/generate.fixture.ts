import assert from 'node:assert/strict';
import type { Random } from '../../engine/collections/random.ts';

/** What of JSON Schema the schemas of this venue use. */
interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema | false;
  readonly prefixItems?: readonly JsonSchema[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly examples?: readonly unknown[];
}

/** Nearly right texts and numbers, and quite wrong ones. */
const JUNK: readonly unknown[] = [
  ...[
    '',
    ' ',
    '0',
    '00',
    '1',
    '01',
    '1.',
    '.5',
    '1.0',
    '1e3',
    '-1',
    '+1',
    '0x1',
    '1,5',
    'NaN',
    '１',
  ],
  ...['Bid', 'bid', 'Limit', 'GTC', 'true', 'null', 'SOL_USDC', 'sol_usdc', '50%', 'LastPrice'],
  ...[
    '\u0000',
    'ü',
    '\ud800',
    '0.000000001',
    '99999999999999999999',
    '1'.repeat(41),
    '🙂'.repeat(100),
  ],
  ...[0, -0, 1, -1, 0.5, 1.005, 1e-7, 1e21, -1e21, 2 ** 32, 2 ** 53, 2 ** 31, 86_400_001],
  ...[true, false, null, {}, [], [1], ['SOL_USDC'], { symbol: 'SOL_USDC' }],
];

const TEXTS = ['0', '1', '65', '100', '141.5', '0.01', '99.99', '4227701917', 'SOL', 'text', ''];

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.below(items.length)]!;
}

/** A value that its schema accepts. `known` has members by name that mean something to the venue. */
export function valueFor(
  schema: object,
  random: Random,
  known: Readonly<Record<string, readonly unknown[]>> = {},
): unknown {
  const { anyOf, type, items, minItems = 0, maxItems = 3, ...rest } = schema as JsonSchema;
  if (anyOf !== undefined) return valueFor(pick(random, anyOf), random, known);
  if (rest.enum !== undefined) return pick(random, rest.enum);
  if ('const' in rest) return rest.const;
  switch (type) {
    case 'object':
      return objectFor(rest, random, known);
    case 'array': {
      const { prefixItems } = rest;
      if (prefixItems !== undefined)
        return prefixItems.map((item) => valueFor(item, random, known));
      const length = minItems + random.below(Math.min(maxItems, 3) - minItems + 1);
      return Array.from({ length }, () => valueFor(items as JsonSchema, random, known));
    }
    case 'string':
      return pick(random, textsFor(rest));
    case 'integer':
    case 'number':
      return numberFor(rest, type === 'integer', random);
    case 'boolean':
      return random.below(2) === 0;
    case 'null':
      return null;
    default:
      return pick(random, JUNK);
  }
}

function objectFor(
  { properties = {}, required = [] }: JsonSchema,
  random: Random,
  known: Readonly<Record<string, readonly unknown[]>>,
): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(properties)) {
    if (!required.includes(name) && random.below(3) > 0) continue;
    const values = known[name];
    const isKnown = values !== undefined && random.below(8) > 0;
    members[name] = isKnown ? pick(random, values) : valueFor(schema, random, known);
  }
  return members;
}

function textsFor({ pattern = '', minLength = 0, maxLength = 1000, examples = [] }: JsonSchema) {
  const form = new RegExp(pattern, 'u');
  const texts = [...TEXTS, ...(examples as string[])].filter(
    (text) => form.test(text) && text.length >= minLength && text.length <= maxLength,
  );
  assert.ok(texts.length > 0, `no text is as ${pattern}`);
  return texts;
}

function numberFor({ minimum = 0, maximum = 1e6 }: JsonSchema, isInteger: boolean, random: Random) {
  const between = minimum + random.nextUnit() * (Math.min(maximum, minimum + 1000) - minimum);
  const inside = isInteger ? Math.floor(between) : Number(between.toFixed(2));
  return pick(random, [minimum, inside, inside, inside, maximum]);
}

/** The value, perhaps spoiled in one or two places; whether it still fits is for its schema to say. */
export function perhapsSpoiled(value: unknown, random: Random): unknown {
  let spoiled = value;
  for (let times = random.below(3); times > 0; times--) spoiled = spoilOnce(spoiled, random);
  return spoiled;
}

function spoilOnce(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.below(20) === 0) {
    return pick(random, JUNK);
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return [pick(random, JUNK)];
    const at = random.below(value.length);
    return value.map((item, index) => (index === at ? spoilOnce(item, random) : item));
  }
  const names = Object.keys(value);
  const copy: Record<string, unknown> = { ...value };
  const name = names.length === 0 ? 'extra' : pick(random, names);
  const way = random.below(4);
  if (way === 0) delete copy[name];
  else if (way === 1) copy[pick(random, ['extra', 'stopPrice', 'reduceOnly'])] = pick(random, JUNK);
  else copy[name] = pick(random, JUNK);
  return copy;
}
