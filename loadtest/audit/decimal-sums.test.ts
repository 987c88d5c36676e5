import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.ts';
import { Decimal, DecimalSum, decimalOf, exact } from './decimal-sums.ts';

const decimal = (text: string): Decimal => new Decimal().read(Buffer.from(text), 0, text.length);

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

test('a decimal is read in as few places as it has', () => {
  for (const [text, units, places] of [
    ['0', 0, 0],
    ['100', 100, 0],
    ['100.00', 100, 0],
    ['0.050', 5, 2],
    ['10.0203000', 100203, 4],
    ['9007199254740991', Number.MAX_SAFE_INTEGER, 0],
    ['0.000000000000000001', 1, 18],
  ] as const) {
    assert.deepEqual({ ...decimal(text) }, { units, places }, text);
  }
  for (const text of ['', '.', '1.', '.5', '1.2.3', '-1', '1e3', '9007199254740992']) {
    assert.throws(() => decimal(text), RangeError, text);
  }
  assert.throws(() => decimal('0.0000000000000000001'), RangeError);
});

test('sums and products are exact, also beyond what doubles keep', () => {
  const random = new Random(1);
  for (const digits of [4, 8, 15]) {
    const sum = new DecimalSum();
    let expected = 0n;
    const some = (): string => {
      const units = String(Math.floor(random.next() * 10 ** digits));
      const places = Math.floor(random.next() * 9);
      return decimalOf(BigInt(units) * 10n ** BigInt(18 - places));
    };
    for (let round = 0; round < 2_000; round++) {
      const [one, other, fee] = [some(), some(), some()];
      const sign = random.next() < 0.5 ? -1 : 1;
      sum.addProduct(decimal(one), decimal(other), sign);
      expected += BigInt(sign) * exact(one) * exact(other);
      sum.add(decimal(fee), -1);
      expected -= exact(fee) * 10n ** 18n;
    }
    assert.equal(sum.total, expected);
  }
});
