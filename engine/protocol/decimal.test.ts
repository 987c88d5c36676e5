import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDecimal, formatPadded, parseDecimal } from './decimal.ts';

const cent = { decimals: 2, stepUnits: 1 };
const nickel = { decimals: 2, stepUnits: 5 };
const satoshi = { decimals: 8, stepUnits: 1 };

test('plain decimals become whole steps', () => {
  assert.equal(parseDecimal('100.02', cent), 10002);
  assert.equal(parseDecimal('100.0200', cent), 10002);
  assert.equal(parseDecimal('0', cent), 0);
  assert.equal(parseDecimal('100.05', nickel), 2001);
  assert.equal(parseDecimal('90071992.54740991', satoshi), Number.MAX_SAFE_INTEGER);
});

test('every other text is refused by name', () => {
  for (const text of [
    '',
    '.',
    '1.',
    '.5',
    '-1',
    '+1',
    '1e3',
    'NaN',
    ' 1',
    '1 ',
    '01',
    '1,5',
    '0x1',
  ]) {
    assert.equal(parseDecimal(text, cent), 'malformed', text);
  }
  assert.equal(parseDecimal('1.001', cent), 'tooPrecise');
  assert.equal(parseDecimal('1.02', nickel), 'offStep');
  assert.equal(parseDecimal('90071992.54740992', satoshi), 'tooLarge');
  assert.equal(parseDecimal('9999999999999999999', cent), 'tooLarge');
});

test('formatting is the inverse, trimmed or padded', () => {
  assert.equal(formatDecimal(10020, cent), '100.2');
  assert.equal(formatDecimal(10000, cent), '100');
  assert.equal(formatDecimal(0, cent), '0');
  assert.equal(formatDecimal(7, satoshi), '0.00000007');
  assert.equal(formatPadded(10020, cent), '100.20');
  assert.equal(formatPadded(2001, nickel), '100.05');
  assert.equal(formatPadded(-7, cent), '-0.07');
  assert.equal(formatPadded(Number.MAX_SAFE_INTEGER, nickel), '450359962737049.55');
});
