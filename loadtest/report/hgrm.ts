import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import type { ScenarioResult, SpanResult } from '../result/run-result.ts';

/** Reporting points per halving of the distance to 100 %, as the HdrHistogram tools write them. */
const TICKS_PER_HALF_DISTANCE = 5;

/** `steady-mix-first-fill.hgrm`; what a file system may not take in a scenario's name becomes a dash. */
export function hgrmFileName(scenario: ScenarioResult, span: SpanResult): string {
  return `${scenario.name.replace(/[^A-Za-z0-9._-]+/g, '-')}-${span.name}.hgrm`;
}

/** The percentile distribution of a span in microseconds, in the text form that HdrHistogram's plotters read. */
export function hgrmText(span: SpanResult): string {
  const histogram = decodeFromCompressedBase64(span.histogram);
  return histogram.outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, 1);
}
