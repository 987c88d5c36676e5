import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestSlots } from './request-slots.ts';

test('every request is closed once, and its slot serves a later one', () => {
  const slots = new RequestSlots(4);
  const ids = [1, 2, 3, 4].map(() => slots.open());
  assert.deepEqual(ids, [1, 2, 3, 4]);
  assert.equal(slots.hasRoom, false);
  assert.equal(slots.close(1, 0), true);
  assert.equal(slots.close(1, 0), false);
  assert.equal(slots.hasRoom, true);
  assert.equal(slots.open(), 5);
  assert.equal(slots.slotOf(5), slots.slotOf(1));
  assert.equal(slots.close(1, 0), false, 'the slot is that of another request now');
  assert.equal(slots.close(6, 0), false, 'not sent yet');
  for (const never of [0, -1, 2 ** 40]) assert.equal(slots.close(never, 0), false);
  assert.equal(slots.outstanding, 4);
});

test('the requests of one connection end with it, the others stay', () => {
  const slots = new RequestSlots(8);
  for (let request = 0; request < 6; request++) {
    slots.connection[slots.slotOf(slots.open())] = request % 2;
  }
  assert.equal(slots.close(2, 0), false, 'it was sent on the other connection');
  assert.equal(slots.close(2, 1), true);
  const ended: number[] = [];
  slots.closeAll(1, (slot) => ended.push(slot));
  assert.deepEqual(ended.toSorted(), [4, 6].map((id) => slots.slotOf(id)).toSorted());
  assert.equal(slots.outstanding, 3);
  slots.closeAll(undefined, () => {});
  assert.equal(slots.outstanding, 0);
});
