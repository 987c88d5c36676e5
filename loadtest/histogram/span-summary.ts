import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import type { SpanName, SpanResult } from '../result/run-result.ts';
import { LATENCY_US_MAX, type LatencyCounts } from './latency-counts.ts';

/** An empty HDR histogram of microseconds with 3 significant digits, as every span is reported by. */
export function microsecondHistogram(): Histogram {
  return build({
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: LATENCY_US_MAX,
    numberOfSignificantValueDigits: 3,
  });
}

/** A span as the result states it. */
export function spanResult(
  name: SpanName,
  isOpenLoop: boolean,
  counts: Readonly<LatencyCounts>,
): SpanResult {
  const histogram = microsecondHistogram();
  // A bucket's greatest value may be above the greatest that was counted.
  const percentileUs = (percentile: number): number =>
    Math.min(histogram.getValueAtPercentile(percentile), counts.maxUs);
  counts.forEachBucket((us, count) => histogram.recordValueWithCount(us, count));
  return {
    name,
    isOpenLoop,
    count: counts.count,
    ...(counts.negative === 0 ? {} : { negative: counts.negative }),
    minUs: counts.minUs,
    meanUs: Math.round(counts.meanUs * 10) / 10,
    p50Us: percentileUs(50),
    p90Us: percentileUs(90),
    p99Us: percentileUs(99),
    p999Us: percentileUs(99.9),
    p9999Us: percentileUs(99.99),
    maxUs: counts.maxUs,
    histogram: encodeIntoCompressedBase64(histogram),
  };
}
