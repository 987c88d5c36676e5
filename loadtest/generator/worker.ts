import type { GeneratorProgress, GeneratorReport } from './messages.ts';

/** What a generator process does, step by step. */
export interface Worker {
  /** Opens what must be open before the start. */
  connect(): Promise<void>;
  /** Sends what must rest before the start. */
  prelude(): Promise<void>;
  /**
   * Keeps the schedule and resolves when all is answered, or given up.
   *
   * @param startEpochMs the start of the measured part
   */
  run(startEpochMs: number): Promise<GeneratorReport>;
  /** Ends the schedule. */
  stop(): void;
  /** What has come since the last call. */
  takeProgress(): GeneratorProgress;
}

/** Resolves when `isDone`, looked at every few milliseconds, or when the time is up; answers whether it was. */
export async function until(isDone: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!isDone() && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return isDone();
}
