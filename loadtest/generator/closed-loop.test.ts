import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosedLoop } from './closed-loop.ts';

test('of a stall each connection sees one request, and then the next that is sent', () => {
  const loop = new ClosedLoop(2);
  const seen: number[] = [];
  const answer = (connection: number, slot: number): void => {
    if (loop.ended(connection, slot)) seen.push(slot);
  };
  for (let slot = 1; slot <= 10; slot++) loop.sent(slot % 2, slot);
  for (let slot = 1; slot <= 10; slot++) answer(slot % 2, slot);
  assert.deepEqual(seen, [1, 2]);
  loop.sent(1, 11);
  answer(1, 11);
  loop.sent(1, 13);
  loop.sent(1, 15);
  answer(1, 15);
  answer(1, 13);
  assert.deepEqual(seen, [1, 2, 11, 13]);
});
