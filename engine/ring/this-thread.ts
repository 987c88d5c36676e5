import { readlinkSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

// What the entry of a thread asks about its thread. Nothing else of the engine may.

/** Number under which the operating system accounts for the calling thread; 0 where it does not tell, unlike Linux. */
export function ownThreadId(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').pop());
  } catch {
    return 0;
  }
}

/**
 * Tells the duration of each garbage collection of the calling thread, a while after it: collections are noted when
 * they happen and told when the thread's event loop goes round, which costs some 50 µs each then and nothing before.
 * A thread that never lets it go round must not watch: the notes would pile up.
 *
 * @returns what ends the watch
 */
export function watchCollections(onCollection: (durationMs: number) => void): () => void {
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) onCollection(duration);
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}
