import type { Worker } from 'node:worker_threads';

/**
 * From now on ends every thread of this process at an early stage of its life: as soon as it is created, or when it is
 * about to run its first line. Answers how to stop that.
 */
export function endNewThreads(stage: 'created' | 'online'): () => void {
  const end = (thread: Worker): void => {
    if (stage === 'created') void thread.terminate();
    else thread.once('online', () => void thread.terminate());
  };
  process.on('worker', end);
  return () => void process.off('worker', end);
}
