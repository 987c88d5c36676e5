import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Load, LoadShedder } from './load-shedder.ts';

const LEVELS = { shedPending: 1000, shedLagMs: 100, shedRingPercent: 80 };
const QUIET: Load = { pendingRequests: 0, ringPercent: 0, lagMs: 0 };

function look(shedder: LoadShedder, load: Partial<Load>, times: number): void {
  for (let time = 0; time < times; time++) shedder.look({ ...QUIET, ...load });
}

test('shedding begins when a level is passed for long enough, and tells why', () => {
  const shedder = new LoadShedder(LEVELS);
  look(shedder, { ringPercent: 100 }, 4);
  look(shedder, {}, 1);
  look(shedder, { ringPercent: 100 }, 4);
  assert.equal(shedder.refusesOrder(), false);
  look(shedder, { ringPercent: 100 }, 1);
  assert.equal(shedder.refusesOrder(), true);
  assert.equal(shedder.reason, 'ringPercent');
  assert.deepEqual([shedder.shedOrders, shedder.episodes], [1, 1]);
});

test('a late loop that many wait for sheds at once', () => {
  const shedder = new LoadShedder(LEVELS);
  look(shedder, { lagMs: 10_000, pendingRequests: 999 }, 100);
  assert.equal(shedder.reason, null, 'few wait for it: it lacks a processor');
  look(shedder, { lagMs: 101, pendingRequests: 1000 }, 1);
  assert.equal(shedder.reason, 'lagMs');
});

test('it ends only when all has been at half the levels for long enough', () => {
  const shedder = new LoadShedder(LEVELS);
  look(shedder, { pendingRequests: 1001 }, 5);
  assert.equal(shedder.reason, 'pendingRequests');
  look(shedder, { pendingRequests: 999 }, 1000);
  assert.equal(shedder.refusesOrder(), true);
  look(shedder, { pendingRequests: 500 }, 19);
  look(shedder, { ringPercent: 41 }, 1);
  look(shedder, { pendingRequests: 500 }, 19);
  assert.equal(shedder.refusesOrder(), true);
  look(shedder, { pendingRequests: 500 }, 1);
  assert.equal(shedder.refusesOrder(), false);
  look(shedder, { pendingRequests: 1001 }, 4);
  assert.equal(shedder.refusesOrder(), false);
});

test('a level of 0 sheds nothing', () => {
  const shedder = new LoadShedder({ shedPending: 0, shedLagMs: 0, shedRingPercent: 0 });
  look(shedder, { pendingRequests: 1e9, ringPercent: 100, lagMs: 1e9 }, 100);
  assert.equal(shedder.refusesOrder(), false);
});
