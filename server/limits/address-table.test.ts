import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressTable } from './address-table.ts';

class Entry {
  isHeld = false;
}

test('a known address keeps its entry while it is asked for, and loses it after a lifetime', () => {
  const table = new AddressTable(() => new Entry(), 100, 1000);
  const entry = table.of('a', 0);
  for (let nowMs = 0; nowMs < 20_000; nowMs += 900) assert.equal(table.of('a', nowMs), entry);
  table.of('b', 21_000);
  table.of('b', 23_000);
  assert.notEqual(table.of('a', 23_000), entry);
});

test('a flood of addresses takes bounded memory, and one that has sockets is never forgotten', () => {
  const table = new AddressTable(() => new Entry(), 1000, 60_000);
  const held = table.of('held', 0);
  held.isHeld = true;
  table.heldChanged('held', held);
  for (let address = 0; address < 50_000; address++) {
    table.of(`10.0.${address >> 8}.${address & 255}`, 1);
    assert.ok(table.size <= 2001);
  }
  assert.equal(table.of('held', 2), held);
  held.isHeld = false;
  table.heldChanged('held', held);
  assert.equal(table.of('held', 3), held);
  for (let address = 0; address < 3000; address++) table.of(`x${address}`, 4);
  assert.notEqual(table.of('held', 5), held);
});
