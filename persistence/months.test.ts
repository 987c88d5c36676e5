import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MonthSet, monthName, monthNamed, monthOf, monthStart, monthStartUs } from './months.ts';

test('a month begins with its first microsecond and ends before the next one’s, in UTC', () => {
  for (const [year, month] of [
    [1970, 0],
    [1999, 11],
    [2024, 1],
    [2026, 10],
    [2240, 5],
  ] as const) {
    const number = (year - 1970) * 12 + month;
    const startUs = Date.UTC(year, month) * 1000;
    const endUs = Date.UTC(year, month + 1) * 1000;
    assert.deepEqual([startUs, endUs - 1].map(monthOf), [number, number]);
    assert.equal(monthOf(endUs), number + 1);
    assert.equal(monthStartUs(number), startUs);
    assert.equal(monthNamed(monthName(number)), number);
    assert.equal(Date.parse(monthStart(number)) * 1000, startUs);
  }
  assert.equal(monthName(monthOf(Date.UTC(2026, 10, 23) * 1000)), '2026_11');
  for (const name of ['2026_13', '2026_00', '1s_2026_01', '2026_1', '']) {
    assert.equal(monthNamed(name), null);
  }
});

test('a set of months has those of its times, whatever their order, until it is cleared', () => {
  const months = new MonthSet();
  const days = [20, 25, 40, 20, 800, 33, 800];
  for (const day of days) months.add(day * 86_400_000_000);
  assert.deepEqual([...months], [0, 1, 26]);
  months.clear();
  assert.deepEqual([...months], []);
  months.add(800 * 86_400_000_000);
  assert.deepEqual([...months], [26]);
});
