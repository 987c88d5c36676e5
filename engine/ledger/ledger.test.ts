import assert from 'node:assert/strict';
import { test } from 'node:test';
import { savedBytes, sourceOf } from '../snapshot/snapshot-bytes.fixture.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { Ledger } from './ledger.ts';

test('totals beyond what a number holds are saved and loaded to the unit', () => {
  const ledger = new Ledger(1);
  const slot = ledger.slot(1, 2);
  for (let round = 0; round < 3; round++) {
    ledger.deposit(slot, 2, Number.MAX_SAFE_INTEGER);
    ledger.withdraw(slot, 2, Number.MAX_SAFE_INTEGER - round);
    ledger.withdraw(slot, 2, round);
  }
  ledger.deposit(slot, 2, 5);
  const total = 3n * BigInt(Number.MAX_SAFE_INTEGER);
  const loaded = new Ledger(1);
  loaded.load(new SnapshotReader(sourceOf(savedBytes(ledger))));
  for (const { deposits, withdrawals } of [ledger, loaded]) {
    assert.deepEqual([deposits[2], withdrawals[2]], [total + 5n, total]);
    assert.deepEqual([deposits[1], withdrawals[3]], [0n, 0n]);
  }
  assert.equal(loaded.canDeposit(2, Number.MAX_SAFE_INTEGER - 5), true);
  assert.equal(loaded.canDeposit(2, Number.MAX_SAFE_INTEGER - 4), false);
});
