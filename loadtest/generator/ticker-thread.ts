import { workerData } from 'node:worker_threads';
import { SLEEP, STOP, TICK, type TickerData } from './ticker.ts';

/** Wakes the generator's event loop when its next request is due, and sleeps in between. */
const { words: sharedWords, due: sharedDue, periodMs } = workerData as TickerData;
const words = new Int32Array(sharedWords);
const due = new Float64Array(sharedDue);

/** So that a schedule that waits long, or a stop, is noticed. */
const SLEEP_MS_MAX = 20;

while (Atomics.load(words, STOP) === 0) {
  const untilDueMs = due[0]! - (performance.timeOrigin + performance.now());
  Atomics.wait(words, SLEEP, 0, Math.min(Math.max(untilDueMs, periodMs), SLEEP_MS_MAX));
  Atomics.add(words, TICK, 1);
  Atomics.notify(words, TICK);
}
