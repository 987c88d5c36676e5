import { BadClients } from './bad-clients.ts';
import type { FromBadClients, ToBadClients } from './messages.ts';

/** The entry of the bad clients' process: does what the coordinator tells it, and ends with it. */
const tell = (message: FromBadClients): void => {
  process.send?.(message);
};

let clients: BadClients | undefined;

async function handle(message: ToBadClients): Promise<void> {
  if (message.type === 'setup') {
    clients = new BadClients(message.setup);
    tell({ type: 'ready' });
  } else if (message.type === 'start') {
    clients?.start(message.fromEpochMs, message.toEpochMs);
  } else if (clients !== undefined) {
    tell({ type: 'done', report: await clients.stop() });
  }
}

process.on('message', (message: ToBadClients) => {
  handle(message).catch((error: Error) => tell({ type: 'failed', message: error.message }));
});
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
