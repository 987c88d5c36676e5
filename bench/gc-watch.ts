import { constants, PerformanceObserver } from 'node:perf_hooks';

/** One garbage collection, times as of `performance.now()`. */
export interface Collection {
  readonly startMs: number;
  readonly isMajor: boolean;
}

/** Notes every garbage collection of this thread. The notes arrive when the thread yields: see `settle`. */
export class GcWatch {
  readonly collections: Collection[] = [];
  readonly #observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      // Node's entries of type gc carry a detail that the DOM's typings do not know.
      const { kind } = (entry as unknown as { detail: { kind: number } }).detail;
      const isMajor = kind === constants.NODE_PERFORMANCE_GC_MAJOR;
      this.collections.push({ startMs: entry.startTime, isMajor });
    }
  });

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** Resolves when the collections until now have been noted. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Those that began in a span of time. */
  within(startMs: number, endMs: number): Collection[] {
    return this.collections.filter(({ startMs: at }) => at >= startMs && at <= endMs);
  }

  stop(): void {
    this.#observer.disconnect();
  }
}
