/** An offered rate counts as sustained while less than this share of it is added to the backlog. */
export const SUSTAINED_GROWTH_MAX = 0.01;

/**
 * Growth of the backlog under an open load, as a share of the offered rate: 0 = everything offered is served, 0.1
 * = a tenth of it is left for later. With commands due every `intervalMs`, one that is answered `d` late has `d`
 * ÷ `intervalMs` others due behind it, so the backlog grows as the delays do: from the median of the first half
 * of the commands to that of the second, whose middles are half a run apart. Medians, so that a single pause
 * of the machine, which is caught up with, does not count; nor does how the run ends.
 *
 * @param delaysMs of each command in the order they were due, from when it was due to its answer
 */
export function backlogGrowth(delaysMs: Float64Array, intervalMs: number): number {
  const half = delaysMs.length >> 1;
  const gainMs = medianOf(delaysMs.subarray(half)) - medianOf(delaysMs.subarray(0, half));
  return gainMs / (half * intervalMs);
}

function medianOf(values: Float64Array): number {
  return values.slice().sort()[values.length >> 1]!;
}

/** Of each command the time since it was due, ms: command `i` was due at `startMs + i × intervalMs`. */
export function delaysOf(atMs: Float64Array, startMs: number, intervalMs: number): Float64Array {
  return atMs.map((at, index) => at - startMs - index * intervalMs);
}
