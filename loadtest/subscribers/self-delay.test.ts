import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import { SelfDelay } from './self-delay.ts';

const HELD_MS = 200;

function hold(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HELD_MS);
}

test('a process that was held up has the wait of every frame that could have come', async () => {
  const self = new SelfDelay();
  self.start(performance.now());
  await new Promise((resolve) => setTimeout(resolve, 20));
  hold();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const delay = new LatencyCounts();
  delay.add(self.end().delay);
  // Whatever else holds it up makes it more.
  assert.ok(delay.maxUs >= (HELD_MS - 10) * 1000, `${delay.maxUs}`);
  let waited = 0;
  delay.forEachBucket((us, count) => {
    if (us >= 50_000) waited += count;
  });
  assert.ok(waited >= (HELD_MS - 60) / 5, `${waited}`);
});

test('what comes before the measured part is not looked at', async () => {
  const self = new SelfDelay();
  self.start(performance.now() + 3_600_000);
  hold();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const delay = new LatencyCounts();
  delay.add(self.end().delay);
  assert.equal(delay.count, 0);
});
