import { Connector } from './connector.ts';
import { Generator } from './generator.ts';
import type { FromGenerator, GeneratorSetup, ToGenerator } from './messages.ts';
import type { Worker } from './worker.ts';

/** The entry of a generator process: does what the coordinator tells it, and ends with it. */
const PROGRESS_MS = 500;

const tell = (message: FromGenerator): void => {
  process.send?.(message);
};

let generator: Worker | undefined;

function workerOf(setup: GeneratorSetup): Worker {
  const { work } = setup;
  return work.kind === 'connects' ? new Connector(setup, work) : new Generator(setup, work);
}

async function handle(message: ToGenerator): Promise<void> {
  if (message.type === 'setup') {
    generator = workerOf(message.setup);
    await generator.connect();
    await generator.prelude();
    tell({ type: 'ready' });
  } else if (message.type === 'start' && generator !== undefined) {
    const running = generator;
    const progress = setInterval(
      () => tell({ type: 'progress', progress: running.takeProgress() }),
      PROGRESS_MS,
    );
    const report = await running.run(message.atEpochMs);
    clearInterval(progress);
    tell({ type: 'progress', progress: running.takeProgress() });
    tell({ type: 'done', report });
  } else {
    generator?.stop();
  }
}

process.on('message', (message: ToGenerator) => {
  handle(message).catch((error: Error) => tell({ type: 'failed', message: error.message }));
});
// Without the coordinator nobody wants the figures, and nobody would end this process.
process.on('disconnect', () => process.exit(0));
// Ctrl-C goes to the whole group: the coordinator decides when to end.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
