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
  counts.forEachBucket((us, count) => histogram.recordValueWithCount(us, count));
  return {
    name,
    isOpenLoop,
    count: counts.count,
    minUs: counts.minUs,
    meanUs: Math.round(counts.meanUs * 10) / 10,
    p50Us: histogram.getValueAtPercentile(50),
    p90Us: histogram.getValueAtPercentile(90),
    p99Us: histogram.getValueAtPercentile(99),
    p999Us: histogram.getValueAtPercentile(99.9),
    p9999Us: histogram.getValueAtPercentile(99.99),
    maxUs: counts.maxUs,
    histogram: encodeIntoCompressedBase64(histogram),
  };
}
