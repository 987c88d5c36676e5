import type { FromCompanion, ToCompanion } from './messages.ts';

/** What such a process does, step by step. */
export interface CompanionWork<Report> {
  /** Opens what must be open before the start. */
  connect?(): Promise<void>;
  /** The measured part, in ms of the epoch. */
  start(fromEpochMs: number, toEpochMs: number): void;
  /** Ends it and answers what was found. */
  stop(): Promise<Report>;
}

/** Makes this process do what the coordinator tells it, and end with it. */
export function accompany<Setup, Report>(workOf: (setup: Setup) => CompanionWork<Report>): void {
  let work: CompanionWork<Report> | undefined;
  const tell = (message: FromCompanion<Report>): void => {
    process.send?.(message);
  };
  const handle = async (message: ToCompanion<Setup>): Promise<void> => {
    if (message.type === 'setup') {
      work = workOf(message.setup);
      await work.connect?.();
      tell({ type: 'ready' });
    } else if (message.type === 'start') {
      work?.start(message.fromEpochMs, message.toEpochMs);
    } else if (work !== undefined) {
      tell({ type: 'done', report: await work.stop() });
    }
  };
  process.on('message', (message: ToCompanion<Setup>) => {
    handle(message).catch((error: Error) => tell({ type: 'failed', message: error.message }));
  });
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C goes to the whole group: the coordinator decides when to end.
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
}
