import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acknowledgedPerSecond } from './acknowledged-rate.ts';

const counts = {
  ...{ sent: 2_400, acknowledged: 2_400, refused: {}, unknown: 0, orders: 2_400, cancels: 0 },
  ...{ replaces: 0, fills: 0, marketDataFrames: 0 },
};

test('a late reply is not counted, and changes nothing for the others', () => {
  const late = { counts: { ...counts, acknowledgedInTime: 2_399 }, measuredMs: 8_000 };
  assert.equal(acknowledgedPerSecond(late), 299.875);
  assert.equal(acknowledgedPerSecond({ counts, measuredMs: 8_000 }), 300);
});

test('a backlog at the end is not what was kept up', () => {
  const behind = { counts: { ...counts, acknowledgedInTime: 1_200 }, measuredMs: 8_000 };
  assert.equal(acknowledgedPerSecond(behind), 150);
  assert.equal(acknowledgedPerSecond({ counts, measuredMs: 0 }), 0);
});
