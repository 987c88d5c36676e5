import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sharedPath } from './shared-data.ts';
import {
  canonicalParameters,
  generateKeyPair,
  keyPairOf,
  type SignedParameters,
  signingText,
  signText,
  websocketSignature,
} from './signing.ts';

interface Vector {
  readonly name: string;
  readonly method?: string;
  readonly url?: string;
  readonly body?: string | null;
  readonly frame?: string;
  readonly signingString: string;
  readonly 'x-signature'?: string;
}

interface VectorFile {
  readonly seedBase64: string;
  readonly apiKey: string;
  readonly timestamp: number;
  readonly window: number;
  readonly vectors: readonly Vector[];
}

const vectorPath = sharedPath('data', 'signing-vectors.json');

test('the vectors of an independent client are reproduced', {
  skip: vectorPath === undefined ? 'the recorded vectors are not beside the repository' : false,
}, () => {
  const file = JSON.parse(readFileSync(vectorPath!, 'utf8')) as VectorFile;
  const keyPair = keyPairOf(file.apiKey, file.seedBase64);
  for (const vector of file.vectors) {
    if (vector.frame !== undefined) {
      const { signature } = JSON.parse(vector.frame) as { signature: string[] };
      assert.deepEqual(websocketSignature(keyPair, file.timestamp, file.window), signature);
      continue;
    }
    const instruction = /^instruction=(\w+)/.exec(vector.signingString)![1]!;
    const text = signingText(instruction, elementsOf(vector), file.timestamp, file.window);
    assert.equal(text, vector.signingString, vector.name);
    assert.equal(signText(keyPair, text), vector['x-signature'], vector.name);
  }
});

function elementsOf(vector: Vector): SignedParameters[] {
  if (vector.body !== null && vector.body !== undefined) {
    const body = JSON.parse(vector.body) as SignedParameters | SignedParameters[];
    return Array.isArray(body) ? body : [body as SignedParameters];
  }
  const query = new URL(vector.url!, 'http://venue').searchParams;
  return [Object.fromEntries(query)];
}

test('parameters are sorted by key, arrays are numbered, absent members fall out', () => {
  assert.equal(
    canonicalParameters({ b: 1, a: 'x y', list: ['p', 'q'], none: undefined, empty: null }),
    'a=x%20y&b=1&empty=&list%5B0%5D=p&list%5B1%5D=q',
  );
});

test('a generated key verifies what it signed', () => {
  const keyPair = generateKeyPair();
  assert.equal(Buffer.from(keyPair.apiKey, 'base64').length, 32);
  const publicKey = createPublicKey(keyPair.privateKey);
  const signature = Buffer.from(signText(keyPair, 'text'), 'base64');
  assert.equal(verify(null, Buffer.from('text'), publicKey, signature), true);
  assert.equal(verify(null, Buffer.from('texu'), publicKey, signature), false);
});
