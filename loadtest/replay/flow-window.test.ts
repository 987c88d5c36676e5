import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlowWindow } from './flow-window.ts';

function replies(window: FlowWindow, count: number, latencyMs: number): number {
  for (let index = 0; index < count; index++) window.onReply(latencyMs);
  return window.size;
}

test('timely replies open the window to its maximum and no further', () => {
  const window = new FlowWindow(32);
  assert.equal(window.size, 8);
  assert.equal(replies(window, 8, 0.3), 9);
  assert.equal(replies(window, 9, 0.3), 10);
  assert.equal(replies(window, 10_000, 0.3), 32);
});

test('a slow reply cuts the window once, however many of its window follow', () => {
  const window = new FlowWindow(32);
  replies(window, 10_000, 0.3);
  assert.equal(replies(window, 1, 5), 24);
  assert.equal(replies(window, 31, 5), 24);
  assert.equal(replies(window, 1, 5), 18);
  assert.equal(replies(window, 1_000, 5), 8);
});

test('a small maximum holds from the start', () => {
  const window = new FlowWindow(1);
  assert.equal(window.size, 1);
  assert.equal(replies(window, 100, 0.1), 1);
  assert.equal(replies(window, 100, 9), 1);
});
