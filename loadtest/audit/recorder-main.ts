import { keyPairOf } from '../client/signing.ts';
import type { RecorderMessage, ToRecorder } from './recorder-process.ts';
import { StreamRecorder } from './stream-recorder.ts';

/** The process of a `RecorderProcess`: listens until it is asked for what it heard, or whoever began it is gone. */

const tell = (message: RecorderMessage): Promise<void> =>
  new Promise((resolve) => process.send?.(message, () => resolve()));

let recorder: StreamRecorder | undefined;

async function handle(message: ToRecorder): Promise<void> {
  if (message.type === 'start') {
    recorder = await StreamRecorder.start(message.addresses, message.symbols);
    await tell({ type: 'ready' });
  } else if (message.type === 'accounts') {
    const keys = message.keys.map(({ apiKey, secret }) => keyPairOf(apiKey, secret));
    await recorder!.listenTo(keys, message.how);
    await tell({ type: 'ready' });
  } else if (message.type === 'measure') {
    recorder!.measure(message.fromEpochMs, message.toEpochMs);
  } else {
    await tell({ type: 'finished', findings: await recorder!.finish(message.told) });
    process.disconnect();
  }
}

process.on('disconnect', () => process.exit());
// Ctrl-C goes to all processes of a terminal; the run decides when this one ends.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
process.on('message', (message: ToRecorder) => {
  handle(message).catch(async (error: Error) => {
    await tell({ type: 'refused', reason: error.message });
    process.disconnect();
  });
});
