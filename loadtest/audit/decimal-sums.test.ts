import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimalOf, exact } from './decimal-sums.ts';

test('decimals are exact both ways', () => {
  for (const text of ['0', '1', '12.5', '-3.000000000000000001', '9007199254740993.1']) {
    assert.equal(decimalOf(exact(text)), text);
  }
  assert.equal(decimalOf(exact('0.1') + exact('0.2')), '0.3');
  assert.equal(decimalOf(exact('1.50') - exact('1.5')), '0');
  for (const text of ['', '1.', '.5', '1e3', 'NaN', '0.1234567890123456789']) {
    assert.throws(() => exact(text), RangeError);
  }
});
