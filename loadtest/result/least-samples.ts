/** Percentiles of a span, by the name that objectives give them, with the least samples of which one lies beyond. */
export const LEAST_SAMPLES = {
  p50: 2,
  p90: 10,
  p99: 100,
  'p99.9': 1_000,
  'p99.99': 10_000,
} as const;
