import type { FromSubscribers, ToSubscribers } from './messages.ts';
import { Subscribers } from './subscribers.ts';

/** The entry of the subscribers' process: does what the coordinator tells it, and ends with it. */
const tell = (message: FromSubscribers): void => {
  process.send?.(message);
};

let subscribers: Subscribers | undefined;

async function handle(message: ToSubscribers): Promise<void> {
  if (message.type === 'setup') {
    subscribers = new Subscribers(message.setup);
    await subscribers.connect();
    tell({ type: 'ready' });
  } else if (message.type === 'start') {
    subscribers?.start(message.fromEpochMs, message.toEpochMs);
  } else if (subscribers !== undefined) {
    tell({ type: 'done', report: await subscribers.stop() });
  }
}

process.on('message', (message: ToSubscribers) => {
  handle(message).catch((error: Error) => tell({ type: 'failed', message: error.message }));
});
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
