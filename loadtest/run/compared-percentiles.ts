/** No percentile is looked at that fewer values are beyond: of a hundred requests the p99 is one. */
const BEYOND_LEAST = 10;

/** The percentiles that so many values tell, each once: none above the one that ten of them are beyond. */
export function comparedPercentiles(values: number, percentiles: readonly number[]): number[] {
  if (values <= BEYOND_LEAST) return [];
  const highest = Math.floor(1000 * (1 - BEYOND_LEAST / values)) / 10;
  return [...new Set(percentiles.map((each) => Math.min(each, highest)))];
}
