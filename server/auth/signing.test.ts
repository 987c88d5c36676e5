import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Permission } from '../../engine/protocol/enums.ts';
import { CLOCKS } from '../clock.ts';
import { ApiKeys } from './api-keys.ts';
import { Authenticator, type Credentials } from './authenticate.ts';
import {
  bodyParameters,
  queryParameters,
  type SignedParameters,
  signingStrings,
} from './signing-strings.ts';
import { skipWithoutVectors as skip, type Vector, vectorsPath } from './signing-vectors.fixture.ts';

function parametersOf(vector: Vector): SignedParameters[] {
  if (typeof vector.body === 'string') {
    const body: unknown = JSON.parse(vector.body);
    return Array.isArray(body) ? body.map(bodyParameters) : [bodyParameters(body as object)];
  }
  const query = vector.url?.split('?')[1] ?? '';
  return [queryParameters(query) ?? assert.fail('broken query')];
}

function signatureOf(vector: Vector): string {
  if (vector.frame === undefined) return vector['x-signature'] ?? assert.fail('no signature');
  return (JSON.parse(vector.frame) as { signature: string[] }).signature[1]!;
}

function flipBit(signature: string, bit: number): string {
  const bytes = Buffer.from(signature, 'base64');
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  return bytes.toString('base64');
}

test('every recorded request is authentic, and none with one bit flipped', { skip }, async () => {
  const file = JSON.parse(readFileSync(vectorsPath, 'utf8')) as {
    apiKey: string;
    timestamp: number;
    vectors: Vector[];
  };
  const keys = new ApiKeys();
  const permissions = Permission.Read | Permission.Trade;
  keys.add({ publicKey: file.apiKey, accountId: 7, permissions, allowedAddresses: '' });
  const authenticator = new Authenticator(keys, { ...CLOCKS, hostMs: () => file.timestamp });
  assert.equal(file.vectors.length, 16);
  for (const [index, vector] of file.vectors.entries()) {
    const instruction = /^instruction=(\w+)/.exec(vector.signingString)![1]!;
    const credentials: Credentials = {
      apiKey: file.apiKey,
      signature: signatureOf(vector),
      timestamp: String(file.timestamp),
      window: '5000',
      remoteAddress: '127.0.0.1',
    };
    const sets = parametersOf(vector);
    const grant = await authenticator.authenticate(credentials, instruction, sets, Permission.Read);
    assert.equal(grant.key.accountId, 7, vector.name);
    const forged = { ...credentials, signature: flipBit(credentials.signature, index * 31) };
    await assert.rejects(
      authenticator.authenticate(forged, instruction, sets, Permission.Read),
      { status: 401, code: 'INVALID_SIGNATURE', message: 'Invalid signature' },
      vector.name,
    );
  }
});

test('the percent-encoded reading comes first, the raw one second, and equal ones once', () => {
  const odd = bodyParameters({ b: "it's (1)*", a: 'x/y' });
  assert.deepEqual(signingStrings('withdraw', [odd], '1', '2'), [
    'instruction=withdraw&a=x%2Fy&b=it%27s%20%281%29%2A&timestamp=1&window=2',
    "instruction=withdraw&a=x/y&b=it's (1)*&timestamp=1&window=2",
  ]);
  const plain = bodyParameters({ q: 1e-7, n: null, flag: false, big: 1e21 });
  assert.deepEqual(
    signingStrings('x', [plain], '1', '2').at(-1),
    'instruction=x&big=1e+21&flag=false&n=&q=1e-7&timestamp=1&window=2',
  );
  assert.deepEqual(signingStrings('subscribe', [[]], '1', '2'), [
    'instruction=subscribe&timestamp=1&window=2',
  ]);
});

test('what is nested is signed by its path, in its own order', () => {
  const nested = bodyParameters({ z: { y: [1, null, { x: true }], b: 'c d' }, a: [], n: {} });
  assert.deepEqual(signingStrings('x', [nested], '1', '2'), [
    'instruction=x&z%5By%5D%5B0%5D=1&z%5By%5D%5B1%5D=&z%5By%5D%5B2%5D%5Bx%5D=true&z%5Bb%5D=c%20d&timestamp=1&window=2',
    'instruction=x&z[y][0]=1&z[y][1]=&z[y][2][x]=true&z[b]=c d&timestamp=1&window=2',
  ]);
});

test('a body whose nested names would add up to gigabytes is given up', () => {
  const long = { [`k${'k'.repeat(30_000)}`]: Array.from({ length: 15_000 }, () => 1) };
  assert.throws(() => bodyParameters(long), RangeError);
  let deep: unknown[] = [];
  for (let depth = 0; depth < 20_000; depth++) deep = [1, deep];
  assert.throws(() => bodyParameters(deep), RangeError);
});

test('a query is decoded and sorted by key, and broken percent-encoding is noticed', () => {
  assert.deepEqual(queryParameters('b=2&a=x%2Fy+z&empty'), [
    ['a', 'x/y z'],
    ['b', '2'],
    ['empty', ''],
  ]);
  assert.equal(queryParameters('a=%E0%A4%A'), null);
});
