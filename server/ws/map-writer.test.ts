import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unpack } from 'msgpackr';
import { Random } from '../../engine/collections/random.ts';
import { formatDecimal } from '../../engine/protocol/decimal.ts';
import { constantPiece } from './map-writer.ts';

const STEP_UNITS = [1, 5, 25, 1000];

/** Of any length, with zeros at either end more often than chance has them. */
function anySteps(random: Random): number {
  const digits = 1 + random.below(16);
  const value =
    random.below(10 ** Math.min(digits, 8)) * 10 ** Math.max(0, digits - 8) + random.below(10 ** 8);
  const zeros = 10 ** random.below(digits);
  return Math.min(value - (value % zeros), Number.MAX_SAFE_INTEGER);
}

test('a decimal is written as it is formatted, whatever its length and scale', () => {
  const random = new Random(20_261_123);
  for (let round = 0; round < 200_000; round++) {
    const steps = anySteps(random);
    const scale = { decimals: random.below(19), stepUnits: STEP_UNITS[random.below(4)]! };
    const written = unpack(constantPiece((writer) => writer.decimal(steps, scale)));
    assert.equal(written, formatDecimal(steps, scale), `${steps} of ${JSON.stringify(scale)}`);
  }
});

test('decimals at the edges: nothing, less than nothing, and more than a double holds', () => {
  for (const steps of [0, 1, -1, -250, 1e9 - 1, 1e9, 1e9 + 1, 2 ** 53 - 1, -(2 ** 53) + 1]) {
    for (const decimals of [0, 1, 2, 9, 15, 16, 18]) {
      for (const stepUnits of STEP_UNITS) {
        const scale = { decimals, stepUnits };
        const written = unpack(constantPiece((writer) => writer.decimal(steps, scale)));
        assert.equal(written, formatDecimal(steps, scale), `${steps} of ${JSON.stringify(scale)}`);
      }
    }
  }
});
