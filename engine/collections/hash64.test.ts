import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hash64 } from './hash64.ts';

function digestOf(values: readonly number[]): string {
  const hash = new Hash64();
  for (const value of values) hash.add(value);
  return hash.digest();
}

test('the digest is that of the sequence, and reading it changes nothing', () => {
  const hash = new Hash64();
  hash.add(1);
  assert.equal(hash.digest(), digestOf([1]));
  assert.equal(hash.digest(), digestOf([1]));
  hash.add(2);
  assert.equal(hash.digest(), digestOf([1, 2]));
  assert.match(hash.digest(), /^[0-9a-f]{16}$/);
});

test('order, length, sign and the high bits of a number all count', () => {
  const sequences = [
    [],
    [0],
    [0, 0],
    [1, 2],
    [2, 1],
    [-1],
    [2 ** 32 - 1],
    [2 ** 32],
    [2 ** 53 - 1],
  ];
  assert.equal(new Set(sequences.map(digestOf)).size, sequences.length);
});

test('100,000 neighbouring sequences have no digest, and hardly a half digest, in common', () => {
  const digests = Array.from({ length: 100_000 }, (_, n) => digestOf([n >>> 8, n & 255]));
  assert.equal(new Set(digests).size, digests.length);
  for (const [start, end] of [
    [0, 8],
    [8, 16],
  ]) {
    const halves = new Set(digests.map((digest) => digest.slice(start, end)));
    assert(halves.size > digests.length - 20, `${digests.length - halves.size} equal halves`);
  }
});
