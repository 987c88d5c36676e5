import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { ByteRing } from './byte-ring.ts';

/** Positions count modulo 2^32 and are the words 0 and 16 of the header. */
function ringAt(position: number, capacity = 64): ByteRing {
  const shared = ByteRing.allocate(capacity);
  const words = new Int32Array(shared, 0, 32);
  words[0] = position | 0;
  words[16] = position | 0;
  return new ByteRing(shared);
}

function bytesFrom(first: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => first + index);
}

test('bytes come out as they went in, around the end of the ring and around 2^32', () => {
  for (const start of [0, 1, 63, 2 ** 31 - 40, 2 ** 31 - 1, 2 ** 32 - 40, 2 ** 32 - 1]) {
    const ring = ringAt(start);
    const random = new Random(start);
    let written = 0;
    let read = 0;
    const target = new Uint8Array(100);
    for (let round = 0; round < 500; round++) {
      const source = bytesFrom(written, random.below(90));
      const count = ring.write(source, 0, source.length);
      assert.equal(count, Math.min(source.length, 64 - (written - read)));
      written += count;
      assert.equal(ring.fillBytes, written - read);
      const at = random.below(100);
      const taken = ring.read(target, at);
      assert.equal(taken, Math.min(written - read, 100 - at));
      assert.deepEqual(target.slice(at, at + taken), bytesFrom(read, taken));
      read += taken;
    }
    assert.ok(read > 5_000);
  }
});

test('a full ring takes nothing and says so, and what is in it stays', () => {
  for (const start of [0, 17, 2 ** 32 - 3]) {
    const ring = ringAt(start);
    assert.equal(ring.write(bytesFrom(0, 80), 0, 80), 64);
    assert.equal(ring.fillBytes, 64);
    assert.equal(ring.write(bytesFrom(100, 10), 0, 10), 0);
    const target = new Uint8Array(64);
    assert.equal(ring.read(target, 0), 64);
    assert.deepEqual(target, bytesFrom(0, 64));
    assert.equal(ring.read(target, 0), 0);
  }
});

test('only part of a source is written when asked so', () => {
  const ring = ringAt(60);
  assert.equal(ring.write(bytesFrom(0, 50), 10, 20), 10);
  const target = new Uint8Array(20);
  assert.equal(ring.read(target, 5), 10);
  assert.deepEqual(target.slice(5, 15), bytesFrom(10, 10));
});

test('a capacity that is not a power of two, or too large, is a bug', () => {
  assert.throws(() => new ByteRing(ByteRing.allocate(96)), /power of two/);
  assert.throws(() => new ByteRing(ByteRing.allocate(32)), /power of two/);
  assert.throws(() => ByteRing.allocate(2 ** 31), /2\^30/);
});
