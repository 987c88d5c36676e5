import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from './random.ts';

function firstOf(seed: number, count: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.nextUint32());
}

test('a seed names one sequence, and another seed another', () => {
  assert.deepEqual(firstOf(1, 100), firstOf(1, 100));
  const seen = new Set([0, 1, 2, 2 ** 31, 2 ** 32 - 1].map((seed) => firstOf(seed, 4).join()));
  assert.equal(seen.size, 5);
});

test('below reaches every value about equally often, and nothing else', () => {
  const random = new Random(3);
  const counts = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 100_000; draw++) counts[random.below(10)]++;
  assert.equal(counts.length, 10);
  for (const count of counts) assert(Math.abs(count - 10_000) < 500, `${counts}`);
});

test('every bit is set half of the time', () => {
  const ones = new Array<number>(32).fill(0);
  for (const word of firstOf(5, 20_000)) {
    for (let bit = 0; bit < 32; bit++) ones[bit] += (word >>> bit) & 1;
  }
  for (const count of ones) assert(Math.abs(count - 10_000) < 400, `${ones}`);
});
