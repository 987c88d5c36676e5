import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from './token-bucket.ts';

test('a full bucket gives its burst, then what grows, and what it refuses costs nothing', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3 });
  const start = 5000.25;
  assert.equal(bucket.remaining(start), 3);
  for (let token = 0; token < 3; token++) assert.ok(bucket.take(1, start));
  for (let attempt = 0; attempt < 100; attempt++) assert.ok(!bucket.take(1, start));
  assert.equal(bucket.remaining(start), 0);
  assert.equal(Math.round(bucket.waitMs(1, start)), 100);
  assert.ok(!bucket.take(1, start + 99));
  assert.ok(bucket.take(1, start + 100));
  assert.ok(!bucket.take(1, start + 100));
});

test('a request for many takes all or nothing', () => {
  const bucket = new TokenBucket({ perSecond: 1000, burst: 50 });
  assert.ok(bucket.take(30, 0));
  assert.ok(!bucket.take(21, 0));
  assert.equal(bucket.remaining(0), 20);
  assert.ok(bucket.take(20, 0));
  assert.equal(bucket.waitMs(51, 0), Number.POSITIVE_INFINITY);
  assert.ok(!bucket.take(51, 1e9));
});

test('a pause fills the bucket and no more', () => {
  const bucket = new TokenBucket({ perSecond: 2, burst: 4 });
  assert.ok(bucket.take(4, 0));
  assert.equal(bucket.refillMs(0), 2000);
  assert.equal(bucket.remaining(3_600_000), 4);
  assert.ok(bucket.take(4, 3_600_000));
  assert.ok(!bucket.take(1, 3_600_000));
});

test('over any stretch of time at most the burst and the rate are given', () => {
  const rate = { perSecond: 37, burst: 11 };
  const bucket = new TokenBucket(rate);
  let seed = 7;
  let nowMs = 0;
  let given = 0;
  for (let step = 0; step < 20_000; step++) {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    nowMs += (seed >>> 16) % 13;
    const tokens = 1 + ((seed >>> 8) % 4);
    if (bucket.take(tokens, nowMs)) given += tokens;
    assert.ok(given <= rate.burst + (rate.perSecond * nowMs) / 1000 + 1e-6);
  }
  assert.ok(given > 0.9 * ((rate.perSecond * nowMs) / 1000));
});

test('draining takes what there is, and no more', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 5 });
  bucket.drain(2, 1000);
  assert.equal(bucket.remaining(1000), 3);
  bucket.drain(10, 1000);
  assert.equal(bucket.remaining(1000), 0);
  assert.equal(bucket.refillMs(1000), 500);
  assert.equal(bucket.remaining(1200), 2);
});
