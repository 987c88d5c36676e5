import type { Random } from '../random.ts';

type Tree = Record<string, unknown> | unknown[];

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.integer(0, items.length - 1)]!;
}

const ODD_TEXTS: readonly string[] = [
  '',
  '0',
  '-1',
  '1e3',
  'NaN',
  '0x10',
  '1.',
  '.5',
  '00001',
  '9'.repeat(19),
  '9'.repeat(400),
  `0.${'0'.repeat(40)}1`,
  '١',
  '\u0000',
  '\ud800',
  '__proto__',
  'constructor',
  'AAA_USD',
  'BBB_USD',
  'CCC_USD',
  'Bid',
  'Limit',
  'x'.repeat(2000),
];
const ODD_NUMBERS = [
  0,
  -0,
  -1,
  1,
  1.5,
  50,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  1e308,
];
const FIELDS = [
  ...['id', 'method', 'params', 'signature', 'symbol', 'side', 'orderType', 'price', 'quantity'],
  ...['clientId', 'orderId', 'timeInForce', 'postOnly', 'quoteQuantity', 'triggerPrice'],
  ...[
    'triggerQuantity',
    'selfTradePrevention',
    'reduceQuantity',
    '__proto__',
    'toString',
    'length',
  ],
];

/** Something that does not belong where it is put; `isRich` adds what JSON has no words for. */
function oddValue(random: Random, isRich: boolean): unknown {
  switch (random.integer(0, isRich ? 9 : 6)) {
    case 0:
      return pick(random, [null, true, false]);
    case 1:
      return pick(random, ODD_NUMBERS);
    case 2:
      return pick(random, [[], {}, [[]], [null], { a: 1 }]);
    case 3: {
      let nested: unknown = 1;
      const depth = random.integer(1, 60);
      for (let level = 0; level < depth; level++)
        nested = random.chance(0.5) ? [nested] : { nested };
      return nested;
    }
    case 7:
      return pick(random, [Number.NaN, Number.POSITIVE_INFINITY, -0]);
    case 8:
      return pick(random, [2n ** 63n, -(2n ** 63n), 5n, new Date(0)]);
    case 9:
      return pick(random, [Buffer.alloc(3), new Map([[1, 2]]), new Set([1]), /x/]);
    default:
      return pick(random, ODD_TEXTS);
  }
}

/** Changes one place of a request: mutations of its structure, so that most of it stays as it should be. */
export function mutateValue(value: unknown, random: Random, isRich: boolean): unknown {
  const copy = structuredClone(value);
  const places = placesOf(copy);
  if (places.length === 0) return oddValue(random, isRich);
  const [tree, key] = pick(random, places);
  const at = tree as Record<string, unknown>;
  switch (random.integer(0, 6)) {
    case 0:
      if (Array.isArray(tree)) tree.splice(Number(key), 1);
      else delete at[key];
      break;
    case 1:
      put(tree, pick(random, FIELDS), at[key]);
      break;
    case 2: {
      const [from, name] = pick(random, places);
      at[key] = structuredClone((from as Record<string, unknown>)[name]);
      break;
    }
    case 3:
      at[key] = random.chance(0.5) ? [at[key]] : { [pick(random, FIELDS)]: at[key] };
      break;
    case 4:
      at[key] = nudged(at[key], random);
      break;
    default:
      at[key] = oddValue(random, isRich);
  }
  return copy;
}

/** A list has no names: it gets one more member. */
function put(tree: Tree, key: string, value: unknown): void {
  if (Array.isArray(tree)) tree.push(value);
  // An assignment to `__proto__` would make no member.
  else
    Object.defineProperty(tree, key, {
      ...{ value, enumerable: true },
      configurable: true,
      writable: true,
    });
}

/** A value that is nearly the same. */
function nudged(value: unknown, random: Random): unknown {
  if (typeof value === 'number') return pick(random, [value + 1, value - 1, -value, value * 10]);
  if (typeof value !== 'string') return value;
  const at = random.integer(0, value.length);
  const text = pick(random, ['0', '.', '-', ' ', '9', 'e', '_', '\u0000', '💥']);
  return value.slice(0, at) + text + value.slice(at + random.integer(0, 1));
}

/** Every member of every list and map in it. */
function placesOf(value: unknown): (readonly [Tree, string])[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  const tree = value as Tree;
  return Object.keys(tree).flatMap((key) => [
    [tree, key] as const,
    ...placesOf((tree as Record<string, unknown>)[key]),
  ]);
}

const ODD_TOKENS = [
  'NaN',
  '1e400',
  '-1e400',
  '01',
  '1.',
  '+1',
  '1E2',
  '123456789012345678901',
  "'1'",
];

/** Changes JSON text in ways that no value has: tokens that are none, and keys that stand twice. */
export function mutateText(text: string, random: Random): string {
  const tokens = [...text.matchAll(/"(?:\\.|[^"\\])*"|-?\d[\d.eE+-]*|true|false|null/g)];
  if (tokens.length === 0) return text;
  const { index, 0: token } = pick(random, tokens);
  const behind = text.slice(index + token.length);
  if (random.chance(0.5)) return text.slice(0, index) + pick(random, ODD_TOKENS) + behind;
  return text.replace('{', `{${JSON.stringify(pick(random, FIELDS))}:${token},`);
}

/** Changes bytes anywhere: a bit, a run that goes or comes twice, or the end that is missing. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return Buffer.from([random.integer(0, 255)]);
  const at = random.integer(0, bytes.length - 1);
  const end = Math.min(bytes.length, at + random.integer(1, 8));
  switch (random.integer(0, 4)) {
    case 0: {
      const copy = Buffer.from(bytes);
      copy[at] = copy[at]! ^ (1 << random.integer(0, 7));
      return copy;
    }
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    default: {
      const copy = Buffer.from(bytes);
      copy[at] = pick(
        random,
        [0x00, 0x22, 0x5b, 0x7b, 0x80, 0x90, 0xc1, 0xc7, 0xd4, 0xdd, 0xdf, 0xff],
      );
      return copy;
    }
  }
}
