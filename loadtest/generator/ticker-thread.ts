import { workerData } from 'node:worker_threads';
import { SLEEP, STOP, TICK, type TickerData } from './ticker.ts';

/** Wakes the generator's event loop again and again, and sleeps in between. */
const { shared, periodMs } = workerData as TickerData;
const words = new Int32Array(shared);

while (Atomics.load(words, STOP) === 0) {
  Atomics.wait(words, SLEEP, 0, periodMs);
  Atomics.add(words, TICK, 1);
  Atomics.notify(words, TICK);
}
