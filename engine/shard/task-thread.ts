import { Piscina } from 'piscina';

/** One task on a thread of its own. */
export interface TaskThread<Answer> {
  /** Rejects when the thread ends first, however early in its life; settles when the thread is gone. */
  readonly answer: Promise<Answer>;
  /** Ends the thread, whatever it is doing; resolves when it is gone. */
  end(): Promise<void>;
}

interface TaskThreadOptions {
  /** Of `nice(2)`; 0 when absent. */
  readonly niceIncrement?: number;
}

/**
 * Starts a thread for one task; it is ended when it has answered.
 *
 * The thread is a Piscina pool of one. A pool takes its first thread for ready at once, so the task is the thread's
 * from the beginning and fails with it. To a later one it gives nothing before that says that it is ready, and one that
 * dies before then is never replaced: what waits for it waits for ever (`ThreadPool._onError`). So no pool lives longer
 * than its first thread.
 *
 * @param entry of the thread, whose default export answers a task
 * @throws Error when the system gives no thread
 */
export function startTaskThread<Task, Answer>(
  entry: URL,
  task: Task,
  { niceIncrement = 0 }: TaskThreadOptions = {},
): TaskThread<Answer> {
  const pool = new Piscina<Task, Answer>({
    filename: entry.href,
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: 1,
    niceIncrement,
  });
  // Of a thread without a task: the one in place of the first, which is of no use to anybody.
  pool.on('error', () => {});
  const thread = pool.threads[0]!;
  let ended: Promise<void> | null = null;
  const end = (): Promise<void> => {
    ended ??= pool.destroy();
    return ended;
  };
  const run = async (): Promise<Answer> => {
    try {
      return await pool.run(task);
    } catch (error) {
      // The pool fills the place of a thread that exits: it has to have done so before it is ended.
      await thread.terminate();
      throw error;
    } finally {
      await end();
    }
  };
  return { answer: run(), end };
}
