import { parentPort, workerData } from 'node:worker_threads';
import { type DemoSettings, DemoTraders } from './demo-traders.ts';

/**
 * Worker thread of a demo venue. `workerData` is a `DemoSettings`; the message `stop` makes the traders
 * cancel their orders and ends the thread.
 */
const settings = workerData as DemoSettings;

const traders = new DemoTraders(settings, () => {
  console.error(`demo traders quote ${settings.markets.join(', ')}`);
});

parentPort?.on('message', (message) => {
  if (message === 'stop') traders.stop();
});

await traders.run();
parentPort?.close();
