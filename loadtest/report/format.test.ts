import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatBytes,
  formatCommit,
  formatDuration,
  formatElapsed,
  formatMoment,
  formatNumber,
  formatShare,
} from './format.ts';

test('a duration has three digits, and a unit that fits after rounding too', () => {
  const written = [0, 0.25, 9.99, 9.999, 99.94, 872.4, 999.4, 999.6, 1_430, 12_345, 999_600, 61e6];
  assert.deepEqual(written.map(formatDuration), [
    '0 µs',
    '0.25 µs',
    '9.99 µs',
    '10.0 µs',
    '99.9 µs',
    '872 µs',
    '999 µs',
    '1.00 ms',
    '1.43 ms',
    '12.3 ms',
    '1.00 s',
    '61.0 s',
  ]);
});

test('a share above nothing is never written as nothing, nor one below all as more', () => {
  const written = [0, 1e-7, 0.00012, 0.0123, 0.5, 0.9996, 1, 1.874];
  assert.deepEqual(written.map(formatShare), [
    '0%',
    '<0.001%',
    '0.01%',
    '1.23%',
    '50%',
    '100%',
    '100%',
    '187%',
  ]);
});

test('numbers, bytes and times', () => {
  assert.deepEqual([0, 0.0412, 87.54, 999.9, 12_444].map(formatNumber), [
    '0',
    '0.0412',
    '87.5',
    '1,000',
    '12,400',
  ]);
  assert.deepEqual([0, 1_023, 1_536, 1_048_575, 8 * 2 ** 30].map(formatBytes), [
    '0 B',
    '1020 B',
    '1.5 KiB',
    '1 MiB',
    '8 GiB',
  ]);
  assert.deepEqual([7_900, 750_000, 3_723_000].map(formatElapsed), ['0:07', '12:30', '1:02:03']);
  const commit = '3f9c2d17ab040123456789abcdef0123456789ab';
  assert.equal(formatCommit(`${commit}-dirty`), '3f9c2d17ab04-dirty');
  assert.equal(formatCommit('unknown'), 'unknown');
  assert.equal(formatMoment(Date.UTC(2026, 2, 14, 9, 26, 53)), '2026-03-14 09:26:53 UTC');
});
