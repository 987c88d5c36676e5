import assert from 'node:assert/strict';
import { test } from 'node:test';
import Type from 'typebox';
import { oneOf } from '../schemas/values.ts';
import { queryReader } from './query-reader.ts';

const KIND = oneOf(['SPOT', 'PERP'], { title: 'Kind' });
const read = queryReader(
  Type.Object({
    size: Type.Optional(oneOf(['5', '10'], { title: 'Size' })),
    symbol: Type.String(),
    count: Type.Optional(Type.Integer({ minimum: 8, maximum: Number.MAX_SAFE_INTEGER })),
    kind: Type.Optional(Type.Array(KIND)),
    id: Type.Optional(Type.String({ pattern: '^[0-9]+$' })),
    start: Type.Integer({ minimum: 0, maximum: 10 }),
  }),
  { id: 'no id' },
);

test('a query is read as its schema says', () => {
  assert.deepEqual(read('symbol=A&start=7'), { symbol: 'A', start: 7 });
  assert.deepEqual(
    read('start=0&id=01&kind[0]=PERP&kind[1]=SPOT&count=9007199254740991&size=10&symbol=%41&x=1'),
    {
      size: '10',
      symbol: 'A',
      count: Number.MAX_SAFE_INTEGER,
      kind: ['PERP', 'SPOT'],
      id: '01',
      start: 0,
    },
  );
});

test('a name that is no list is refused when it is given more than once, whatever its values', () => {
  for (const [query, name] of [
    ['symbol=A&symbol=B&start=1', 'symbol'],
    ['symbol=A&start=1&start=1', 'start'],
    ['symbol=A&symbol[1]=B&start=1', 'symbol'],
    ['symbol=A&start=1&id=1&%69d=', 'id'],
  ]) {
    const message = `failed to parse parameter \`${name}\`: it is given more than once`;
    assert.throws(() => read(query!), { code: 'INVALID_CLIENT_REQUEST', status: 400, message });
  }
  assert.deepEqual(read('symbol=A&start=1&other=1&other=2'), { symbol: 'A', start: 1 });
});

const VALUE_NEEDED = 'a value is required';
const RANGE = `expected a whole number from 8 to ${Number.MAX_SAFE_INTEGER}`;
const START_RANGE = 'expected a whole number from 0 to 10';
const enumeration = (title: string) =>
  `failed to parse "${title}": Expect a valid enumeration value.`;

test('a value that is not of its kind is refused with the first such parameter named', () => {
  const refusals: readonly (readonly [query: string, name: string, reason: string])[] = [
    ['', 'symbol', VALUE_NEEDED],
    ['symbol=&start=1', 'symbol', VALUE_NEEDED],
    ['symbol=A', 'start', VALUE_NEEDED],
    ['symbol=A&start=', 'start', VALUE_NEEDED],
    ['size=7', 'size', enumeration('Size')],
    ['size=&symbol=A&start=1', 'size', enumeration('Size')],
    ['symbol=A&start=1&kind=SPOT&kind=x', 'kind', enumeration('Kind')],
    ['symbol=A&start=1&count=7&kind=x', 'count', RANGE],
    ...['', '1e3', '-9', '9.5', ' 9', '0x9', '9007199254740992', '99999999999999999'].map(
      (count) => [`symbol=A&start=1&count=${count}`, 'count', RANGE] as const,
    ),
    ['symbol=A&start=11', 'start', START_RANGE],
    ['symbol=A&start=x', 'start', START_RANGE],
  ];
  for (const [query, name, reason] of refusals) {
    const message = `failed to parse parameter \`${name}\`: ${reason}`;
    assert.throws(
      () => read(query),
      { code: 'INVALID_CLIENT_REQUEST', status: 400, message },
      query,
    );
  }
  assert.throws(() => read('symbol=A&start=1&id=x'), { message: 'no id' });
});
