/** What of a histogram a curve is drawn from. */
interface Distribution {
  readonly totalCount: number;
  /** Of a percentile from 0 to 100. */
  getValueAtPercentile(percentile: number): number;
}

const POINTS_PER_DECADE = 20;
const DECADES = 6;

/** Where curves have their points, as 1 / (1 − p): from all samples to one in a million lies beyond. */
export const CURVE_POINTS: readonly number[] = Array.from(
  { length: POINTS_PER_DECADE * DECADES + 1 },
  (_, index) => 10 ** (index / POINTS_PER_DECADE),
);

/** The value at each of the points; null where less than one sample lies beyond: that was not measured. */
export function percentileCurve(distribution: Distribution): (number | null)[] {
  return CURVE_POINTS.map((oneBeyond) =>
    oneBeyond > distribution.totalCount
      ? null
      : distribution.getValueAtPercentile(100 * (1 - 1 / oneBeyond)),
  );
}
