import type { FailureReport } from './shard-failure.ts';
import type { SnapshotReport, SnapshotTask } from './snapshot-thread.ts';
import { startTaskThread, type TaskThread } from './task-thread.ts';

const ENTRY = new URL('./snapshot-thread.js', import.meta.url);

/** Of `nice(2)`: only what the shards and the gateway leave of the processors is for snapshots. */
const NICE_INCREMENT = 19;

type Answer = SnapshotReport | FailureReport;

/** A thread for a snapshot, which is there while it has something to do: its memory is worth more than its start. */
export class SnapshotPool {
  #thread: TaskThread<Answer> | null = null;

  /** One at a time. Rejects when the thread ends in the middle of it, or before. */
  async run(task: SnapshotTask): Promise<Answer> {
    this.#thread = startTaskThread(ENTRY, task, { niceIncrement: NICE_INCREMENT });
    return this.#thread.answer;
  }

  /** Ends the thread, whatever it is doing: a snapshot that is not finished has no name yet. */
  async close(): Promise<void> {
    await this.#thread?.end();
  }
}
