import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { changesOf } from '../compare/counter-changes.ts';
import { areKnown, knownOf, readKnownCounters, renewKnownCounters } from './known-counters.ts';
import { counter, isSame } from './part.ts';
import { PARTS } from './parts/index.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

test('the file knows the parts that there are', () => {
  const known = Object.keys(readKnownCounters(ROOT)).sort();
  assert.deepEqual(known, PARTS.map(({ name }) => name).sort());
});

for (const part of PARTS.filter(({ nodeOptions }) => nodeOptions === undefined)) {
  test(`the counters of ${part.name} are the known ones, in a second slice too`, () => {
    const loaded = part.load();
    for (let slice = 0; slice < 2; slice++) {
      loaded.prepare();
      loaded.work();
      assert.deepEqual(knownOf(loaded.counters()), readKnownCounters(ROOT)[part.name]);
    }
    assert.ok(loaded.operations > 1000);
  });
}

test('counters are renewed part by part, and one that varies only beyond its tolerance', () => {
  const root = mkdtempSync(join(tmpdir(), 'ringside-counters-'));
  try {
    mkdirSync(join(root, 'bench/gate'), { recursive: true });
    const book = [counter('trades', 'per message', 0.25), counter('heap', 'bytes', 20.1, 4)];
    assert.ok(renewKnownCounters(root, new Map([['book', book]])));
    assert.ok(!renewKnownCounters(root, new Map([['book', book]])));
    renewKnownCounters(root, new Map([['ring', [counter('events', 'hash', 'ab')]]]));
    assert.deepEqual(readKnownCounters(root), {
      book: { 'trades, per message': 0.25, 'heap, bytes': 20.1 },
      ring: { 'events, hash': 'ab' },
    });
    const heapOf = (bytes: number) => new Map([['book', [counter('heap', 'bytes', bytes, 4)]]]);
    renewKnownCounters(root, heapOf(23));
    assert.deepEqual(readKnownCounters(root).book, { 'heap, bytes': 20.1 });
    renewKnownCounters(root, heapOf(36.2));
    assert.deepEqual(readKnownCounters(root).book, { 'heap, bytes': 36.2 });
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('a counter changes by any digit, or beyond its tolerance', () => {
  assert.ok(!isSame(counter('a', 'b', 1), counter('a', 'b', 1 + Number.EPSILON)));
  assert.ok(isSame(counter('a', 'b', 19, 4), counter('a', 'b', 22.9, 4)));
  assert.ok(!isSame(counter('a', 'b', 19, 4), counter('a', 'b', 23.1, 4)));
  assert.ok(!isSame(counter('a', 'b', 'x'), counter('a', 'b', 'y')));
});

test('a cost that varies may be less without a word, and more when it is renewed', () => {
  const heap = (bytes: number) => [counter('heap', 'bytes', bytes, 4)];
  const changeOf = (base: number, head: number, known: number) => {
    const outcome = changesOf('allocation', heap(base), heap(head), {
      allocation: { 'heap, bytes': known },
    });
    return outcome.map(({ isRenewed, isLess }) => ({ isRenewed, isLess }));
  };
  assert.deepEqual(changeOf(20, 23.5, 20), []);
  assert.deepEqual(changeOf(36, 20, 36), [{ isRenewed: false, isLess: true }]);
  assert.deepEqual(changeOf(20, 36, 20), [{ isRenewed: false, isLess: false }]);
  assert.deepEqual(changeOf(20, 36, 35), [{ isRenewed: true, isLess: false }]);
  assert.deepEqual(changeOf(20, 24.5, 22), [{ isRenewed: false, isLess: false }]);
  assert.ok(areKnown(heap(22), { 'heap, bytes': 20 }) && areKnown(heap(9), { 'heap, bytes': 20 }));
  assert.ok(!areKnown(heap(25), { 'heap, bytes': 20 }) && !areKnown(heap(20), {}));
});

test('a changed counter is meant when the known ones say so, and only then', () => {
  const base = [counter('rows', 'per fill', 20), counter('gone', 'in all', 1)];
  const head = [counter('rows', 'per fill', 21), counter('new', 'in all', 2)];
  const isRenewedOf = (known: Record<string, number>) =>
    changesOf('projection', base, head, { projection: known }).map(({ isRenewed }) => isRenewed);
  assert.deepEqual(isRenewedOf({ 'rows, per fill': 20, 'gone, in all': 1 }), [false, false, false]);
  assert.deepEqual(isRenewedOf({ 'rows, per fill': 21, 'new, in all': 2 }), [true, true, true]);
  assert.deepEqual(changesOf('projection', base, base, {}), []);
});
