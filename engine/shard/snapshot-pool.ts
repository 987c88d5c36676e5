import { Piscina } from 'piscina';
import type { FailureReport } from './shard-failure.ts';
import type { SnapshotReport, SnapshotTask } from './snapshot-thread.ts';

/** How long the thread stays when there is nothing to do: its memory is worth more than its start. */
const IDLE_TIMEOUT_MS = 1000;

/** Of `nice(2)`: only what the shards and the gateway leave of the processors is for snapshots. */
const NICE_INCREMENT = 19;

/** One thread for the snapshots of all shards, which is there while it has something to do. */
export interface SnapshotPool {
  /** Rejects when the thread ends in the middle of it. */
  run(task: SnapshotTask): Promise<SnapshotReport | FailureReport>;
  /** Ends the thread, whatever it is doing: a snapshot that is not finished has no name yet. */
  close(): Promise<void>;
}

export function startSnapshotPool(): SnapshotPool {
  const pool = new Piscina<SnapshotTask, SnapshotReport | FailureReport>({
    filename: new URL('./snapshot-thread.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_TIMEOUT_MS,
    concurrentTasksPerWorker: 1,
    niceIncrement: NICE_INCREMENT,
  });
  return { run: (task) => pool.run(task), close: () => pool.destroy() };
}
