import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordPool } from './record-pool.ts';

test('records keep their contents while the pool grows', () => {
  const pool = new RecordPool();
  const records = Array.from({ length: 10_000 }, (_, n) => {
    const record = pool.allocate();
    pool.doubles[record * 4] = n + 0.5;
    pool.doubles[record * 4 + 1] = 2 ** 53 - 1 - n;
    for (let field = 4; field < 8; field++) pool.ints[record * 8 + field] = n * 8 + field;
    return record;
  });
  records.forEach((record, n) => {
    assert.equal(pool.doubles[record * 4], n + 0.5);
    assert.equal(pool.doubles[record * 4 + 1], 2 ** 53 - 1 - n);
    for (let field = 4; field < 8; field++)
      assert.equal(pool.ints[record * 8 + field], n * 8 + field);
  });
});

test('freed records are used again before the pool grows', () => {
  const pool = new RecordPool();
  const records = Array.from({ length: 1_000 }, () => pool.allocate());
  assert.equal(new Set(records).size, 1_000);
  const bytes = pool.doubles.byteLength;
  const freed = records.filter((_, n) => n % 3 === 0);
  for (const record of freed) pool.release(record);
  assert.equal(pool.countUsed(), 1_000 - freed.length);
  const again = freed.map(() => pool.allocate());
  assert.deepEqual(new Set(again), new Set(freed));
  assert.equal(pool.doubles.byteLength, bytes);
  assert.equal(pool.countUsed(), 1_000);
});
