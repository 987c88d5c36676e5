import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../engine/assert.ts';
import { Doorbell } from '../engine/ring/doorbell.ts';
import { ownThreadId, watchCollections } from '../engine/ring/this-thread.ts';
import { Projection } from './projection.ts';
import type {
  HurryWriter,
  ReleaseWriter,
  StopWriter,
  WriterMessage,
  WriterSettings,
} from './writer-messages.ts';
import { SharedStatus } from './writer-status.ts';

/** The persistence thread: reads the shards' event rings and writes Postgres. */

const SLEEP_MS_MAX = 500;

/**
 * A pause after each round that found events. At full load the rings hold over a hundred of them, and
 * the shards need not wake this thread for every flush.
 */
const BUSY_PAUSE_MS = 5;

const port = parentPort;
assert(port !== null, 'the writer runs as a worker thread');
const settings = workerData as WriterSettings;
const send = (message: WriterMessage) => port.postMessage(message);
const projection = new Projection(settings, send);
const status = new SharedStatus(settings.status);
status.set('threadId', ownThreadId());
watchCollections((durationMs) => status.collected(durationMs * 1000));
const bell = new Doorbell(settings.topology.persistenceBell);

let isOver = false;
port.on('message', (message: StopWriter | ReleaseWriter | HurryWriter) => {
  if (message.type === 'release') {
    projection.release();
    return;
  }
  projection.drain();
  if (message.type === 'hurry') projection.hurry();
  else projection.stop(message.timeoutMs);
});

async function drainRings(): Promise<void> {
  while (!isOver) {
    const seen = bell.value;
    if (projection.drain()) {
      // One full turn first, so that what is written at once is also sent at once.
      await nextTurn();
      await delay(BUSY_PAUSE_MS);
    } else {
      await bell.sleepAsync(seen, SLEEP_MS_MAX);
    }
  }
}

const draining = drainRings();
send({ type: 'ready' });
const drained = await Promise.race([projection.run(), draining.then(() => false)]);
isOver = true;
send({ type: 'stopped', drained, positions: projection.positions });
port.close();
bell.ring();
await draining;
