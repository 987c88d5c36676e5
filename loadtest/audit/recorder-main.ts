import type { RecorderMessage } from './recorder-process.ts';
import { StreamRecorder } from './stream-recorder.ts';

/** The process of a `RecorderProcess`: listens until it is asked for what it heard, or whoever began it is gone. */

const { RECORDER_URL: url = '', RECORDER_SYMBOLS: symbols = '' } = process.env;
const tell = (message: RecorderMessage): Promise<void> =>
  new Promise((resolve) => process.send?.(message, () => resolve()));

process.on('disconnect', () => process.exit());
// Ctrl-C goes to all processes of a terminal; the run decides when this one ends.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});

try {
  const recorder = await StreamRecorder.start(url, symbols.split(','));
  process.on('message', async () => {
    await tell({ type: 'finished', findings: await recorder.finish() });
    process.disconnect();
  });
  await tell({ type: 'ready' });
} catch (error) {
  await tell({ type: 'refused', reason: (error as Error).message });
  process.disconnect();
}
