/** Bytes of JavaScript objects and of typed arrays in use, and pages of the process, after a full collection. */
export interface MemoryInUse {
  readonly usedBytes: number;
  readonly residentBytes: number;
}

/** Needs a process started with `--expose-gc`; without it garbage counts as well. */
export function memoryInUse(): MemoryInUse {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { usedBytes: heapUsed + arrayBuffers, residentBytes: rss };
}
