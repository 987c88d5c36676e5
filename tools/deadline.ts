/** Answers true for `durationMs` from the first time it is asked. */
export function forMs(durationMs: number): () => boolean {
  let endMs = 0;
  return () => {
    endMs ||= Date.now() + durationMs;
    return Date.now() < endMs;
  };
}
